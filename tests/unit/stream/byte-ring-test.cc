// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/byte-ring.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

std::vector<std::byte> Contents(const ByteRing& ring, Range range) {
    std::vector<std::byte> out(static_cast<std::size_t>(range.Length()));
    ring.Get(range.begin, out);
    return out;
}

TEST(ByteRing, GrowsByPowersOfTwoUpToItsLimitAndNoFurther) {
    ByteRing ring(3000);
    EXPECT_EQ(ring.Capacity(), 0u);
    ring.Reserve({0, 0}, {0, 1});
    EXPECT_EQ(ring.Capacity(), 1024u);
    ring.Reserve({0, 1}, {0, 1025});
    EXPECT_EQ(ring.Capacity(), 2048u);
    ring.Reserve({0, 1025}, {0, 3000});
    EXPECT_EQ(ring.Capacity(), 3000u);
}

TEST(ByteRing, KeepsBytesThatWrapWhenItGrows) {
    ByteRing ring(10'000);
    ring.Reserve({0, 0}, {0, 1000});
    ring.Put(900, Pattern(1000, 900));
    ring.Reserve({900, 1900}, {900, 900 + 1024 + 1});
    EXPECT_GT(ring.Capacity(), 1024u);
    EXPECT_EQ(Contents(ring, {900, 1900}), Pattern(1000, 900));
}

TEST(ByteRing, SlidesOverAnOddCapacity) {
    ByteRing ring(1500);
    for (std::uint64_t offset = 0; offset < 100'000; offset += 700) {
        ring.Reserve({offset, offset}, {offset, offset + 1500});
        ring.Put(offset, Pattern(1500, offset));
        ASSERT_EQ(Contents(ring, {offset, offset + 1500}), Pattern(1500, offset));
    }
    EXPECT_EQ(ring.Capacity(), 1500u);
}

TEST(ByteRing, ShrinksToWhatIsHeldAndKeepsThat) {
    ByteRing ring(100'000);
    ring.Reserve({0, 0}, {0, 100'000});
    ring.Put(98'000, Pattern(5'000, 98'000));
    ring.Shrink({98'000, 103'000});
    EXPECT_EQ(ring.Capacity(), 8192u);
    EXPECT_EQ(Contents(ring, {98'000, 103'000}), Pattern(5'000, 98'000));
    ring.Shrink({98'000, 103'000});
    EXPECT_EQ(ring.Capacity(), 8192u);
    ring.Shrink({103'000, 103'000});
    EXPECT_EQ(ring.Capacity(), 0u);
}

TEST(ByteRing, GivesItsMemoryBack) {
    ByteRing ring(1500);
    ring.Reserve({0, 0}, {0, 1500});
    ring.Release();
    EXPECT_EQ(ring.Capacity(), 0u);
    ring.Reserve({7, 7}, {7, 9});
    ring.Put(7, Pattern(2));
    EXPECT_EQ(Contents(ring, {7, 9}), Pattern(2));
}

}  // namespace
}  // namespace crsp::test
