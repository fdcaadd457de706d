// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/block-record.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

BlockHash HashOf(std::string_view text) {
    BlockHasher hasher;
    hasher.Append(std::as_bytes(std::span(text)));
    return hasher.Finish();
}

TEST(BlockHasher, IsBlake2bOf32Bytes) {
    // The unkeyed BLAKE2b-256 of nothing, as published.
    constexpr std::string_view kOfNothing =
        "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
    const auto hash = HashOf("");
    std::array<char, 2 * sizeof(BlockHash) + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    EXPECT_EQ(hex.data(), kOfNothing);
    BlockHasher pieces;
    pieces.Append(std::as_bytes(std::span(std::string_view("one "))));
    pieces.Append(std::as_bytes(std::span(std::string_view("two"))));
    EXPECT_EQ(pieces.Finish(), HashOf("one two"));
}

TEST(BlockRecord, TheFirstHashOfABlockHolds) {
    BlockRecord record;
    record.Begin(1, 5);
    EXPECT_TRUE(record.Check(1, 5, 0, HashOf("a")));
    EXPECT_TRUE(record.Check(1, 5, 1, HashOf("b")));
    EXPECT_TRUE(record.Check(1, 5, 0, HashOf("a")));
    EXPECT_EQ(record.Revision(1), 0u);
    EXPECT_FALSE(record.Check(1, 5, 1, HashOf("a")));
    EXPECT_EQ(record.Revision(1), 1u);
}

TEST(BlockRecord, AnotherVersionBeginsAnewAndEndsTheOneBefore) {
    BlockRecord record;
    record.Begin(1, 5);
    ASSERT_TRUE(record.Check(1, 5, 0, HashOf("a")));
    record.Begin(1, 5);
    EXPECT_EQ(record.Count(), 1u);
    record.Begin(1, 6);
    EXPECT_EQ(record.Count(), 0u);
    EXPECT_TRUE(record.Check(1, 6, 0, HashOf("b")));
    EXPECT_FALSE(record.Check(1, 5, 0, HashOf("a")));
    EXPECT_EQ(record.Revision(1), 0u) << "the new version is as good as before";
}

TEST(BlockRecord, KeepsNoMoreThanItsBound) {
    BlockRecord record;
    record.Begin(1, 5);
    const auto hash = HashOf("a");
    for (std::size_t i = 0; i < kMaxBlockHashes + 10; ++i) {
        ASSERT_TRUE(record.Check(1, 5, i, hash));
        ASSERT_LE(record.Count(), kMaxBlockHashes);
    }
    EXPECT_TRUE(record.Check(1, 5, 0, HashOf("b"))) << "forgotten";
}

TEST(BlockRecord, ForgetsWhatIsGone) {
    BlockRecord record;
    for (EntryId id = 1; id <= 3; ++id) {
        record.Begin(id, 5);
        ASSERT_TRUE(record.Check(id, 5, 0, HashOf("a")));
    }
    record.ForgetIf([](EntryId id) { return id != 2; });
    EXPECT_EQ(record.Count(), 1u);
    EXPECT_TRUE(record.Check(2, 5, 0, HashOf("a")));
    EXPECT_FALSE(record.Check(1, 5, 0, HashOf("a")));
}

}  // namespace
}  // namespace crsp
