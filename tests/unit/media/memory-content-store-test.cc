// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/memory-content-store.h"

#include <gtest/gtest.h>

#include <set>

namespace crsp {
namespace {

std::vector<std::byte> Bytes(std::string_view text) {
    const auto bytes = AsBytes(text);
    return {bytes.begin(), bytes.end()};
}

std::string ReadAt(ContentReader& reader, std::uint64_t offset, std::size_t size) {
    std::vector<std::byte> out(size);
    const auto read = reader.Read(offset, out);
    EXPECT_TRUE(read);
    return std::string(AsText(ConstByteSpan(out).first(read.value_or(0))));
}

TEST(MemoryContentStore, ListsInTheOrderOfAdding) {
    MemoryContentStore store;
    const EntryId b = store.AddBytes("b", Bytes("bee"));
    const EntryId a = store.AddGenerated("a", 1'000'000'000'000u, 7);
    EXPECT_EQ(store.Count(), 2u);
    const std::vector<CatalogueEntry> expected = {{b, 1, 3, "b"}, {a, 1, 1'000'000'000'000u, "a"}};
    EXPECT_EQ(store.List(0, 100), expected);
    EXPECT_EQ(store.List(1, 1).at(0).name, "a");
    EXPECT_TRUE(store.List(2, 5).empty());
    EXPECT_TRUE(store.List(99, ~std::size_t{0}).empty());
}

TEST(MemoryContentStore, ReadsWhatWasAdded) {
    MemoryContentStore store;
    const EntryId entry = store.AddBytes("x", Bytes("hello world"));
    auto reader = store.Open(entry, 0);
    ASSERT_TRUE(reader);
    EXPECT_EQ((*reader)->Entry().size, 11u);
    EXPECT_EQ(ReadAt(**reader, 6, 5), "world");
    EXPECT_EQ(ReadAt(**reader, 11, 0), "");
}

TEST(MemoryContentStore, OpensOnlyWhatIsThereInTheVersionAskedFor) {
    MemoryContentStore store;
    const EntryId entry = store.AddBytes("x", Bytes("1"));
    EXPECT_EQ(store.Open(entry + 1, 0).error(), MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(store.Open(0, 0).error(), MediaErrorCode::kNoSuchEntry);
    EXPECT_TRUE(store.Open(entry, 1));
    EXPECT_EQ(store.Open(entry, 2).error(), MediaErrorCode::kVersionChanged);
}

TEST(MemoryContentStore, AReaderNoticesThatItsEntryChanged) {
    MemoryContentStore store;
    const EntryId entry = store.AddBytes("x", Bytes("old"));
    auto reader = store.Open(entry, 0);
    const std::uint64_t before = store.ChangeCounter();
    store.Replace(entry, Bytes("new and longer"));
    EXPECT_GT(store.ChangeCounter(), before);
    std::byte out[1];
    EXPECT_EQ((*reader)->Read(0, out).error(), MediaErrorCode::kVersionChanged);
    EXPECT_EQ(ReadAt(**store.Open(entry, 2), 0, 3), "new");
}

TEST(MemoryContentStore, ARemovedEntryIsGoneButNotForItsReaders) {
    MemoryContentStore store;
    store.AddBytes("first", Bytes("1"));
    const EntryId entry = store.AddBytes("x", Bytes("still here"));
    auto reader = store.Open(entry, 0);
    store.Remove(entry);
    EXPECT_EQ(store.Count(), 1u);
    EXPECT_EQ(store.Open(entry, 0).error(), MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(ReadAt(**reader, 0, 5), "still");
}

TEST(MemoryContentStore, ABrokenEntryCannotBeRead) {
    MemoryContentStore store;
    const EntryId entry = store.AddBytes("x", Bytes("1"));
    auto reader = store.Open(entry, 0);
    store.Break(entry);
    std::byte out[1];
    EXPECT_EQ((*reader)->Read(0, out).error(), MediaErrorCode::kReadFailed);
}

TEST(MemoryContentStore, CutsNamesThatAreTooLong) {
    MemoryContentStore store;
    store.AddBytes(std::string(1000, 'n'), {});
    EXPECT_EQ(store.List(0, 1).at(0).name.size(), kMaxNameSize);
}

TEST(FillGenerated, IsAFunctionOfSeedAndOffsetAlone) {
    std::vector<std::byte> whole(20'000);
    FillGenerated(42, 0, whole);
    for (std::size_t offset = 0; offset < 19'000; ++offset) {
        std::vector<std::byte> part(1 + offset % 37);
        FillGenerated(42, offset, part);
        EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + offset)) << offset;
    }
    std::vector<std::byte> rest(20'000 - 4'001);
    FillGenerated(42, 4'001, rest);
    EXPECT_TRUE(std::equal(rest.begin(), rest.end(), whole.begin() + 4'001));
    std::vector<std::byte> other(20'000);
    FillGenerated(43, 0, other);
    EXPECT_NE(whole, other);
}

TEST(FillGenerated, DoesNotRepeatItself) {
    std::vector<std::byte> bytes(64 * 1024);
    FillGenerated(1, 0, bytes);
    std::set<std::string> blocks;
    for (std::size_t i = 0; i < bytes.size(); i += 16) {
        blocks.emplace(AsText(ConstByteSpan(bytes).subspan(i, 16)));
    }
    EXPECT_EQ(blocks.size(), bytes.size() / 16);
}

}  // namespace
}  // namespace crsp
