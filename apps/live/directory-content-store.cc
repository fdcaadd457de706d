// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/directory-content-store.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "apps/live/beneath.h"

namespace crsp {
namespace {

using SteadyClock = std::chrono::steady_clock;
/// So many times as long as a scan took passes before the next.
constexpr int kScanDutyCycle = 20;
/// Stands for the front of a path that does not fit into a name.
constexpr std::string_view kElision = "...";
/// Bytes read at once of what stands before an offset in its block.
constexpr std::size_t kPrefixPortion = 64 * 1024;

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

/// What a key of entries is made for.
constexpr std::string_view kEntryLabel = "crsp1 entries";

std::uint64_t KeyedHash(const EntryKey& key, std::string_view data) {
    static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8);
    std::uint64_t hash = 0;
    crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                     reinterpret_cast<const unsigned char*>(data.data()), data.size(), key.data());
    return hash;
}

std::string NameOf(const std::string& path) {
    if (path.size() <= kMaxNameSize) return path;
    return std::string(kElision) + path.substr(path.size() - (kMaxNameSize - kElision.size()));
}

}  // namespace

EntryKey EntryKeyOf(const std::optional<SecretKey>& nodeSecret) {
    const SecretKey secret = nodeSecret.value_or(SecretKey());
    EntryKey key;
    crypto_generichash(
        key.data(), key.size(), reinterpret_cast<const unsigned char*>(kEntryLabel.data()),
        kEntryLabel.size(), reinterpret_cast<const unsigned char*>(secret.Bytes().data()),
        secret.Bytes().size());
    return key;
}

/// One walk over the tree.
struct DirectoryContentStore::Scan {
    std::vector<File> files;
    std::size_t skipped = 0;
    dev_t device = 0;
};

/// Holds the file open, so that whatever happens to its name, the bytes come from one file.
class DirectoryContentStore::Reader final : public ContentReader {
  public:
    Reader(DirectoryContentStore& store, FileDescriptor file, CatalogueEntry entry)
        : m_store(store), m_file(std::move(file)), m_entry(std::move(entry)) {
        m_store.m_blocks.Begin(m_entry.id, m_entry.version);
    }

    const CatalogueEntry& Entry() const override { return m_entry; }

    Expected<std::size_t, MediaErrorCode> Read(std::uint64_t offset, ByteSpan out) override {
        if (out.empty()) return 0;
        if (!m_hasher || offset != m_hashed) {
            if (const auto begun = BeginAt(offset); !begun) return Fail(begun.error());
        }
        return Take(out.first(std::min<std::size_t>(out.size(), BlockEnd() - offset)));
    }

  private:
    std::uint64_t BlockEnd() const {
        return std::min((m_hashed / kBlockSize + 1) * kBlockSize, m_entry.size);
    }
    /// Takes what is before `offset` in its block into the hash.
    Expected<void, MediaErrorCode> BeginAt(std::uint64_t offset);
    /// Reads and hashes on; the last bytes of a block are given away only if the block is right.
    Expected<std::size_t, MediaErrorCode> Take(ByteSpan out);
    bool CheckBlock();

    DirectoryContentStore& m_store;
    FileDescriptor m_file;
    CatalogueEntry m_entry;
    std::optional<BlockHasher> m_hasher;  ///< of the block that m_hashed is in
    std::uint64_t m_hashed = 0;           ///< offset up to which it has come
};

Expected<void, MediaErrorCode> DirectoryContentStore::Reader::BeginAt(std::uint64_t offset) {
    m_hasher.emplace();
    m_hashed = offset - offset % kBlockSize;
    std::array<std::byte, kPrefixPortion> portion;
    while (m_hashed < offset) {
        const auto size = std::min<std::uint64_t>(offset - m_hashed, portion.size());
        const auto taken = Take(ByteSpan(portion).first(static_cast<std::size_t>(size)));
        if (!taken) return Fail(taken.error());
    }
    return {};
}

Expected<std::size_t, MediaErrorCode> DirectoryContentStore::Reader::Take(ByteSpan out) {
    const auto size = ::pread(m_file.Get(), out.data(), out.size(), static_cast<off_t>(m_hashed));
    if (size < 0) return Fail(MediaErrorCode::kReadFailed);
    // Looked at after the bytes were taken: had they been of another version, it would show.
    struct stat status {};
    if (::fstat(m_file.Get(), &status) != 0) return Fail(MediaErrorCode::kReadFailed);
    if (size == 0 || m_store.VersionOf(m_entry.id, status) != m_entry.version) {
        return Fail(MediaErrorCode::kVersionChanged);
    }
    const auto taken = static_cast<std::size_t>(size);
    const auto end = BlockEnd();
    m_hasher->Append(out.first(taken));
    m_hashed += taken;
    if (m_hashed == end && !CheckBlock()) return Fail(MediaErrorCode::kVersionChanged);
    return taken;
}

bool DirectoryContentStore::Reader::CheckBlock() {
    const auto index = static_cast<std::size_t>((m_hashed - 1) / kBlockSize);
    const auto hash = m_hasher->Finish();
    m_hasher.emplace();
    return m_store.m_blocks.Check(m_entry.id, m_entry.version, index, hash);
}

Expected<std::unique_ptr<DirectoryContentStore>, NodeError> DirectoryContentStore::Create(
    const std::string& root, const EntryKey& key, OwnFiles own, BeneathOpener open) {
    const auto refuse = [&] {
        return Fail(NodeError{
            ExitCode::kNoInput,
            fmt::format("cannot read the root directory '{}': {}", root, std::strerror(errno))});
    };
    FileDescriptor fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status {};
    if (!fd.IsOpen() || ::fstat(fd.Get(), &status) != 0) return refuse();
    if (own.Has(status)) {
        return Fail(NodeError{ExitCode::kConfig,
                              fmt::format("the root directory '{}' is where this node writes files "
                                          "of its own; give one of them another place",
                                          root)});
    }
    std::unique_ptr<DirectoryContentStore> store(
        new DirectoryContentStore(std::move(fd), key, std::move(own), open));
    if (!store->Rescan()) return refuse();
    return store;
}

DirectoryContentStore::DirectoryContentStore(FileDescriptor root, const EntryKey& key, OwnFiles own,
                                             BeneathOpener open)
    : m_root(std::move(root)), m_own(std::move(own)), m_open(open), m_key(key) {}

std::uint64_t DirectoryContentStore::ChangeCounter() {
    RescanIfDue();
    return m_changeCounter;
}

std::size_t DirectoryContentStore::Count() {
    RescanIfDue();
    return m_files.size();
}

std::vector<CatalogueEntry> DirectoryContentStore::List(std::size_t start, std::size_t count) {
    RescanIfDue();
    std::vector<CatalogueEntry> list;
    if (start >= m_files.size()) return list;
    count = std::min(count, m_files.size() - start);
    list.reserve(count);
    for (std::size_t i = start; i < start + count; ++i) list.push_back(m_files[i].entry);
    return list;
}

std::optional<CatalogueEntry> DirectoryContentStore::Find(EntryId entry) {
    const auto found = m_index.find(entry);
    if (found == m_index.end()) return std::nullopt;
    return m_files[found->second].entry;
}

Expected<std::unique_ptr<ContentReader>, MediaErrorCode> DirectoryContentStore::Open(
    EntryId entry, EntryVersion version) {
    const auto found = m_index.find(entry);
    if (found == m_index.end()) return Fail(MediaErrorCode::kNoSuchEntry);
    const auto& file = m_files[found->second];
    auto fd = m_open(m_root.Get(), file.path);
    if (!fd.IsOpen()) {
        const bool gone = errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EXDEV;
        return Fail(gone ? MediaErrorCode::kNoSuchEntry : MediaErrorCode::kReadFailed);
    }
    struct stat status {};
    if (::fstat(fd.Get(), &status) != 0) return Fail(MediaErrorCode::kReadFailed);
    m_own.Refresh();
    if (!S_ISREG(status.st_mode) || m_own.Has(status)) return Fail(MediaErrorCode::kNoSuchEntry);
    CatalogueEntry current{entry, VersionOf(entry, status),
                           static_cast<std::uint64_t>(status.st_size), file.entry.name};
    if (version != 0 && version != current.version) return Fail(MediaErrorCode::kVersionChanged);
    ::posix_fadvise(fd.Get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return std::make_unique<Reader>(*this, std::move(fd), std::move(current));
}

void DirectoryContentStore::RescanIfDue() {
    if (SteadyClock::now() >= m_nextScan) Rescan();
}

bool DirectoryContentStore::Rescan() {
    const auto begin = SteadyClock::now();
    Scan scan;
    struct stat status {};
    m_own.Refresh();
    // A fresh descriptor: reading a directory moves the position of the one it is read with.
    FileDescriptor folder(::openat(m_root.Get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    bool done = folder.IsOpen() && ::fstat(m_root.Get(), &status) == 0;
    if (done) {
        scan.device = status.st_dev;
        done = ScanFolder(scan, std::move(folder), "", 0);
    }
    if (done) Adopt(scan);
    const auto end = SteadyClock::now();
    m_nextScan =
        end + std::max<SteadyClock::duration>(kMinRescanInterval, (end - begin) * kScanDutyCycle);
    return done;
}

bool DirectoryContentStore::ScanFolder(Scan& scan, FileDescriptor folder, const std::string& prefix,
                                       std::size_t depth) {
    const Directory directory(::fdopendir(folder.Get()), ::closedir);
    if (!directory) return false;
    folder.Release();
    while (const dirent* item = ::readdir(directory.get())) {
        ScanName(scan, ::dirfd(directory.get()), prefix, item->d_name, depth);
    }
    return true;
}

void DirectoryContentStore::ScanName(Scan& scan, int folder, const std::string& prefix,
                                     const char* name, std::size_t depth) {
    const std::string_view plain(name);
    if (plain == "." || plain == "..") return;
    struct stat status {};
    if (plain.front() == '.' || scan.files.size() >= kMaxStoreEntries ||
        ::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        status.st_dev != scan.device || m_own.Has(status)) {
        ++scan.skipped;
        return;
    }
    std::string path = prefix + name;
    if (S_ISREG(status.st_mode)) {
        const EntryId id = IdOf(path);
        CatalogueEntry entry{id, VersionOf(id, status), static_cast<std::uint64_t>(status.st_size),
                             NameOf(path)};
        scan.files.push_back({std::move(entry), std::move(path)});
    } else if (S_ISDIR(status.st_mode) && depth < kMaxStoreDepth) {
        FileDescriptor next(
            ::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next.IsOpen() || !ScanFolder(scan, std::move(next), path + '/', depth + 1)) {
            ++scan.skipped;
        }
    } else {
        ++scan.skipped;
    }
}

EntryId DirectoryContentStore::IdOf(const std::string& path) {
    std::string salted = path;
    for (;;) {
        const EntryId id = KeyedHash(m_key, salted);
        if (id != 0) {
            const auto [owner, isNew] = m_idOwners.try_emplace(id, path);
            if (isNew || owner->second == path) return id;
        }
        salted.push_back('\0');
    }
}

void DirectoryContentStore::Adopt(Scan& scan) {
    std::sort(scan.files.begin(), scan.files.end(),
              [](const File& a, const File& b) { return a.path < b.path; });
    const bool same = std::equal(
        m_files.begin(), m_files.end(), scan.files.begin(), scan.files.end(),
        [](const File& a, const File& b) { return a.entry == b.entry && a.path == b.path; });
    m_skipped = scan.skipped;
    if (same) return;
    ++m_changeCounter;
    m_files = std::move(scan.files);
    m_index.clear();
    m_idOwners.clear();
    for (std::size_t i = 0; i < m_files.size(); ++i) {
        m_index.emplace(m_files[i].entry.id, i);
        m_idOwners.emplace(m_files[i].entry.id, m_files[i].path);
    }
    m_blocks.ForgetIf([this](EntryId id) { return m_index.count(id) == 0; });
}

EntryVersion DirectoryContentStore::VersionOf(EntryId id, const struct stat& status) const {
    const std::array<std::int64_t, 8> facts{
        static_cast<std::int64_t>(m_blocks.Revision(id)), static_cast<std::int64_t>(status.st_size),
        static_cast<std::int64_t>(status.st_mtim.tv_sec), status.st_mtim.tv_nsec,
        static_cast<std::int64_t>(status.st_ctim.tv_sec), status.st_ctim.tv_nsec,
        static_cast<std::int64_t>(status.st_ino),         static_cast<std::int64_t>(status.st_dev)};
    const std::string_view bytes(reinterpret_cast<const char*>(facts.data()), sizeof(facts));
    const auto version = KeyedHash(m_key, bytes);
    return version != 0 ? version : 1;
}

}  // namespace crsp
