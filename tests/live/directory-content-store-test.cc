// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/directory-content-store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "apps/live/beneath.h"
#include "tests/support/permissions.h"
#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

/// What a node without a secret has.
EntryKey PublicKey() {
    return EntryKeyOf(std::nullopt);
}

std::unique_ptr<DirectoryContentStore> StoreOf(const TempDir& dir) {
    auto store = DirectoryContentStore::Create(dir.Path(), PublicKey());
    EXPECT_TRUE(store);
    return store ? std::move(*store) : nullptr;
}

std::set<std::string> NamesIn(DirectoryContentStore& store) {
    std::set<std::string> names;
    for (const auto& entry : store.List(0, store.Count())) names.insert(entry.name);
    return names;
}

CatalogueEntry EntryOf(DirectoryContentStore& store, std::string_view name) {
    for (const auto& entry : store.List(0, store.Count())) {
        if (entry.name == name) return entry;
    }
    return {};
}

/// The whole entry, or how many bytes came before an error.
Expected<std::string, MediaErrorCode> ReadAll(ContentReader& reader) {
    std::string text(reader.Entry().size, '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const auto out = std::as_writable_bytes(std::span(text)).subspan(done);
        const auto taken = reader.Read(done, out.first(std::min<std::size_t>(out.size(), 1000)));
        if (!taken) return Fail(taken.error());
        done += *taken;
    }
    return text;
}

TEST(DirectoryContentStore, OffersFilesOfEverySize) {
    const TempDir dir;
    dir.Write("empty", "");
    dir.Write("one", "x");
    dir.Write("many", PatternText(100'000));
    const auto store = StoreOf(dir);
    EXPECT_EQ(store->Count(), 3u);
    for (const char* name : {"empty", "one", "many"}) {
        const auto entry = EntryOf(*store, name);
        EXPECT_NE(entry.id, 0u);
        const auto reader = store->Open(entry.id, entry.version);
        ASSERT_TRUE(reader) << name;
        EXPECT_EQ((*reader)->Entry(), entry);
        EXPECT_EQ(ReadAll(**reader).value(), ReadFile(dir.Path(name))) << name;
    }
}

TEST(DirectoryContentStore, FoldersBelowAreOffered) {
    const TempDir dir;
    std::filesystem::create_directories(dir.Path("a/b"));
    dir.Write("a/b/file", "deep");
    const auto store = StoreOf(dir);
    const auto entry = EntryOf(*store, "a/b/file");
    EXPECT_EQ(ReadAll(*store->Open(entry.id, 0).value()).value(), "deep");
}

TEST(DirectoryContentStore, NamesMayHoldAnyBytes) {
    const TempDir dir;
    const std::set<std::string> names{"with space", "new\nline", "\xff\xfe invalid", "\x1b[2J",
                                      std::string(255, 'n')};
    for (const auto& name : names) dir.Write(name, name);
    const auto store = StoreOf(dir);
    EXPECT_EQ(NamesIn(*store), names);
    for (const auto& name : names) {
        const auto entry = EntryOf(*store, name);
        EXPECT_EQ(ReadAll(*store->Open(entry.id, 0).value()).value(), name);
    }
}

TEST(DirectoryContentStore, APathTooLongForANameKeepsItsEnd) {
    const TempDir dir;
    const std::string folder(200, 'f');
    std::filesystem::create_directories(dir.Path(folder));
    dir.Write(folder + "/" + std::string(100, 'n'), "content");
    const auto store = StoreOf(dir);
    const auto entry = store->List(0, 1).at(0);
    EXPECT_EQ(entry.name.size(), kMaxNameSize);
    EXPECT_EQ(entry.name.substr(0, 4), "...f");
    EXPECT_EQ(ReadAll(*store->Open(entry.id, 0).value()).value(), "content");
}

TEST(DirectoryContentStore, TenThousandFilesListInPages) {
    const TempDir dir;
    for (int i = 0; i < 10'000; ++i) dir.Write(std::to_string(i), "");
    const auto store = StoreOf(dir);
    ASSERT_EQ(store->Count(), 10'000u);
    std::set<EntryId> ids;
    std::set<std::string> names;
    for (std::size_t start = 0; start < 10'000; start += 220) {
        for (const auto& entry : store->List(start, 220)) {
            ids.insert(entry.id);
            names.insert(entry.name);
        }
    }
    EXPECT_EQ(ids.size(), 10'000u);
    EXPECT_EQ(names.size(), 10'000u);
    EXPECT_TRUE(store->List(10'000, 1).empty());
}

TEST(DirectoryContentStore, OnlyRegularFilesAreOffered) {
    const TempDir dir;
    const TempDir outside;
    const auto secret = outside.Write("secret", "secret");
    dir.Write("file", "x");
    dir.Write(".hidden", "x");
    ASSERT_EQ(::mkfifo(dir.Path("fifo").c_str(), 0600), 0);
    ASSERT_EQ(::symlink(secret.c_str(), dir.Path("link").c_str()), 0);
    ASSERT_EQ(::symlink(outside.Path().c_str(), dir.Path("folder-link").c_str()), 0);
    const auto store = StoreOf(dir);
    EXPECT_EQ(NamesIn(*store), std::set<std::string>{"file"});
    EXPECT_EQ(store->Skipped(), 4u) << "fifo, both links and .hidden";
}

TEST(DirectoryContentStore, EveryNameNotOfferedCountsOnceInEveryFolder) {
    const TempDir dir;
    std::filesystem::create_directories(dir.Path(".git/objects"));
    std::filesystem::create_directory(dir.Path("folder"));
    dir.Write(".git/config", "x");
    dir.Write("folder/.hidden", "x");
    dir.Write("folder/file", "x");
    ASSERT_EQ(::symlink("file", dir.Path("folder/link").c_str()), 0);
    const auto store = StoreOf(dir);
    EXPECT_EQ(NamesIn(*store), std::set<std::string>{"folder/file"});
    EXPECT_EQ(store->Skipped(), 3u) << ".git, folder/.hidden and folder/link";
    std::filesystem::remove_all(dir.Path(".git"));
    ASSERT_TRUE(store->Rescan());
    EXPECT_EQ(store->Skipped(), 2u);
}

TEST(DirectoryContentStore, AFileSwappedForALinkOrFifoDoesNotOpen) {
    const TempDir dir;
    const TempDir outside;
    const auto secret = outside.Write("secret", "secret");
    const auto path = dir.Write("file", "x");
    const auto store = StoreOf(dir);
    const auto id = EntryOf(*store, "file").id;
    std::filesystem::remove(path);
    ASSERT_EQ(::symlink(secret.c_str(), path.c_str()), 0);
    EXPECT_EQ(store->Open(id, 0).error(), MediaErrorCode::kNoSuchEntry);
    std::filesystem::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(store->Open(id, 0).error(), MediaErrorCode::kNoSuchEntry);
}

TEST(DirectoryContentStore, AFolderSwappedForALinkDoesNotLeadOutside) {
    const TempDir dir;
    const TempDir outside;
    outside.Write("file", "secret");
    std::filesystem::create_directory(dir.Path("folder"));
    dir.Write("folder/file", "own");
    const auto store = StoreOf(dir);
    const auto id = EntryOf(*store, "folder/file").id;
    std::filesystem::remove_all(dir.Path("folder"));
    ASSERT_EQ(::symlink(outside.Path().c_str(), dir.Path("folder").c_str()), 0);
    EXPECT_EQ(store->Open(id, 0).error(), MediaErrorCode::kNoSuchEntry);
}

TEST(DirectoryContentStore, UnknownIdsAndOtherVersionsDoNotOpen) {
    const TempDir dir;
    dir.Write("file", "x");
    const auto store = StoreOf(dir);
    const auto entry = EntryOf(*store, "file");
    EXPECT_EQ(store->Open(entry.id + 1, 0).error(), MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(store->Open(entry.id, entry.version + 1).error(), MediaErrorCode::kVersionChanged);
}

TEST(DirectoryContentStore, AChangeUnderAnOpenReaderIsNoticed) {
    const TempDir dir;
    const auto path = dir.Write("file", std::string(5000, 'a'));
    const auto store = StoreOf(dir);
    const auto reader = store->Open(EntryOf(*store, "file").id, 0).value();
    std::byte byte{};
    ASSERT_TRUE(reader->Read(0, {&byte, 1}));
    std::ofstream(path, std::ios::app) << "more";
    EXPECT_EQ(reader->Read(1, {&byte, 1}).error(), MediaErrorCode::kVersionChanged);
}

TEST(DirectoryContentStore, ATruncatedFileIsNoticed) {
    const TempDir dir;
    const auto path = dir.Write("file", std::string(5000, 'a'));
    const auto store = StoreOf(dir);
    const auto reader = store->Open(EntryOf(*store, "file").id, 0).value();
    ASSERT_EQ(::truncate(path.c_str(), 100), 0);
    EXPECT_EQ(ReadAll(*reader).error(), MediaErrorCode::kVersionChanged);
}

TEST(DirectoryContentStore, AFileRenamedOverIsStillReadWhole) {
    const TempDir dir;
    const auto path = dir.Write("file", std::string(5000, 'a'));
    const auto store = StoreOf(dir);
    const auto before = EntryOf(*store, "file");
    const auto reader = store->Open(before.id, 0).value();
    std::filesystem::rename(dir.Write(".new", std::string(5000, 'b')), path);
    const auto text = ReadAll(*reader);
    // Losing its name changes a file's ctime: refused, or whole, but never a mixture.
    if (text) {
        EXPECT_EQ(*text, std::string(5000, 'a'));
    } else {
        EXPECT_EQ(text.error(), MediaErrorCode::kVersionChanged);
    }
    EXPECT_EQ(store->Open(before.id, before.version).error(), MediaErrorCode::kVersionChanged);
}

TEST(DirectoryContentStore, RescanFindsChangesAndKeepsIds) {
    const TempDir dir;
    dir.Write("stays", "x");
    dir.Write("goes", "x");
    const auto store = StoreOf(dir);
    const auto counter = store->ChangeCounter();
    const auto id = EntryOf(*store, "stays").id;
    ASSERT_TRUE(store->Rescan());
    EXPECT_EQ(store->ChangeCounter(), counter);
    std::filesystem::remove(dir.Path("goes"));
    dir.Write("comes", "x");
    ASSERT_TRUE(store->Rescan());
    EXPECT_GT(store->ChangeCounter(), counter);
    EXPECT_EQ(NamesIn(*store), (std::set<std::string>{"stays", "comes"}));
    EXPECT_EQ(EntryOf(*store, "stays").id, id);
}

TEST(DirectoryContentStore, StoresOfTwoSecretsShareNoIds) {
    const TempDir dir;
    dir.Write("file", "x");
    SecretKey secret;
    const auto store = DirectoryContentStore::Create(dir.Path(), EntryKeyOf(secret)).value();
    secret.Bytes()[0] = std::byte{1};
    const auto other = DirectoryContentStore::Create(dir.Path(), EntryKeyOf(secret)).value();
    EXPECT_NE(EntryOf(*store, "file").id, EntryOf(*other, "file").id);
}

TEST(DirectoryContentStore, RootsThatAreNoneAreRefused) {
    const TempDir dir;
    const auto missing = DirectoryContentStore::Create(dir.Path("none"), PublicKey());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ExitCode::kNoInput);
    EXPECT_NE(missing.error().message.find("No such file"), std::string::npos);
    const auto file = DirectoryContentStore::Create(dir.Write("file", "x"), PublicKey());
    ASSERT_FALSE(file);
    EXPECT_NE(file.error().message.find("Not a directory"), std::string::npos);
}

TEST(DirectoryContentStore, UnreadableFilesSayReadFailed) {
    const ObeyedFileModes obeyed;
    if (!obeyed) GTEST_SKIP() << "root may read everything here";
    const TempDir dir;
    const auto path = dir.Write("file", "x");
    const auto store = StoreOf(dir);
    ::chmod(path.c_str(), 0);
    EXPECT_EQ(store->Open(EntryOf(*store, "file").id, 0).error(), MediaErrorCode::kReadFailed);
    ::chmod(dir.Path().c_str(), 0);
    EXPECT_FALSE(DirectoryContentStore::Create(dir.Path(), PublicKey()));
    ::chmod(dir.Path().c_str(), 0700);
}

/// A file that is changed through a mapping whose pages are dirty already, of which a file system
/// need not tell.
class MappedFile : public ::testing::Test {
  protected:
    static constexpr std::size_t kSize = 3 * kBlockSize + 1000;

    void SetUp() override {
        m_path = m_dir.Write("file", PatternText(kSize));
        const FileDescriptor file(::open(m_path.c_str(), O_RDWR | O_CLOEXEC));
        void* at = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, file.Get(), 0);
        ASSERT_NE(at, MAP_FAILED);
        m_bytes = static_cast<char*>(at);
        for (std::size_t i = 0; i < kSize; i += 4096) Touch(i);
        m_store = StoreOf(m_dir);
        m_entry = EntryOf(*m_store, "file");
    }
    void TearDown() override { ::munmap(m_bytes, kSize); }

    /// Makes the page dirty without changing it.
    void Touch(std::size_t at) { static_cast<volatile char*>(m_bytes)[at] = m_bytes[at]; }
    void Change(std::size_t at) { m_bytes[at] = static_cast<char>(~m_bytes[at]); }
    std::unique_ptr<ContentReader> Open() {
        return m_store->Open(m_entry.id, m_entry.version).value();
    }
    /// The error that ends reading from `offset`, if one does.
    static std::optional<MediaErrorCode> ReadFrom(ContentReader& reader, std::uint64_t offset) {
        std::vector<std::byte> buffer(10'000);
        while (offset < kSize) {
            const auto size = std::min<std::uint64_t>(buffer.size(), kSize - offset);
            const auto taken = reader.Read(offset, std::span(buffer).first(size));
            if (!taken) return taken.error();
            offset += *taken;
        }
        return std::nullopt;
    }

    TempDir m_dir;
    std::string m_path;
    char* m_bytes = nullptr;
    std::unique_ptr<DirectoryContentStore> m_store;
    CatalogueEntry m_entry;
};

TEST_F(MappedFile, C5_WhatStaysTheSameIsReadAgainFromAnywhere) {
    for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{1}, kBlockSize - 1,
                                       kBlockSize, kBlockSize + 12'345, std::uint64_t{kSize - 1}}) {
        EXPECT_EQ(ReadFrom(*Open(), offset), std::nullopt) << offset;
        EXPECT_EQ(ReadFrom(*Open(), 0), std::nullopt);
    }
}

TEST_F(MappedFile, B18_TellsWhatOpeningInTheMiddleOfABlockCosts) {
    for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{1}, kBlockSize - 1}) {
        EXPECT_EQ(m_store->LeadIn(offset), offset);
        EXPECT_EQ(m_store->LeadIn(offset + 5 * kBlockSize), offset);
    }
}

TEST_F(MappedFile, C5_AChangeThatNobodyTellsOfIsFoundOnResume) {
    for (const std::size_t changed : {std::size_t{0}, kBlockSize - 1, kBlockSize, kSize - 1}) {
        m_entry = EntryOf(*m_store, "file");
        ASSERT_EQ(ReadFrom(*Open(), 0), std::nullopt);
        Change(changed);
        // From the middle of the block, or before it; never a byte of a block behind it.
        const auto reader = Open();
        EXPECT_EQ(ReadFrom(*reader, changed - changed % kBlockSize / 2),
                  MediaErrorCode::kVersionChanged)
            << changed;
        ASSERT_TRUE(m_store->Rescan());
    }
}

TEST_F(MappedFile, C5_AnEntryFoundChangedHasAnotherVersionForEverybody) {
    const auto first = Open();
    ASSERT_EQ(ReadFrom(*first, 0), std::nullopt);
    const auto counter = m_store->ChangeCounter();
    Change(100);
    EXPECT_EQ(ReadFrom(*Open(), 0), MediaErrorCode::kVersionChanged);
    EXPECT_EQ(ReadFrom(*first, 0), MediaErrorCode::kVersionChanged);
    const auto again = m_store->Open(m_entry.id, m_entry.version);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), MediaErrorCode::kVersionChanged);
    ASSERT_TRUE(m_store->Rescan());
    EXPECT_GT(m_store->ChangeCounter(), counter);
    m_entry = EntryOf(*m_store, "file");
    EXPECT_EQ(ReadFrom(*Open(), 0), std::nullopt) << "as it is now, it can be had";
}

TEST(DirectoryContentStore, C5_AFileOfTheSameSizeAndTimeIsAnother) {
    const TempDir dir;
    const auto path = dir.Write("file", std::string(5000, 'a'));
    struct stat before {};
    ASSERT_EQ(::stat(path.c_str(), &before), 0);
    const auto store = StoreOf(dir);
    const auto reader = store->Open(EntryOf(*store, "file").id, 0).value();
    std::byte byte{};
    ASSERT_TRUE(reader->Read(0, {&byte, 1}));
    std::fstream(path, std::ios::in | std::ios::out) << std::string(5000, 'b');
    const std::array<timespec, 2> times{before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
    EXPECT_EQ(reader->Read(1, {&byte, 1}).error(), MediaErrorCode::kVersionChanged);
}

TEST(Beneath, BothWaysOpenTheSameAndNothingOutside) {
    const TempDir dir;
    const TempDir outside;
    outside.Write("secret", "secret");
    std::filesystem::create_directory(dir.Path("a"));
    dir.Write("a/file", "x");
    ASSERT_EQ(::symlink(outside.Path().c_str(), dir.Path("link").c_str()), 0);
    const FileDescriptor root(::open(dir.Path().c_str(), O_RDONLY | O_DIRECTORY));
    EXPECT_TRUE(OpenBeneath(root.Get(), "a/file").IsOpen());
    EXPECT_TRUE(OpenBeneathByComponents(root.Get(), "a/file").IsOpen());
    for (const char* path : {"../x", "a/../../x", "/etc/passwd", "link/secret", "a/none", ""}) {
        EXPECT_FALSE(OpenBeneath(root.Get(), path).IsOpen()) << path;
        EXPECT_FALSE(OpenBeneathByComponents(root.Get(), path).IsOpen()) << path;
    }
    EXPECT_FALSE(OpenBeneathByComponents(root.Get(), "a//file").IsOpen());
}

}  // namespace
}  // namespace crsp
