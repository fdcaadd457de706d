// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "apps/cli/file-descriptor.h"
#include "apps/live/beneath.h"
#include "apps/live/block-record.h"
#include "apps/live/exit-code.h"
#include "apps/live/own-files.h"
#include "model/base/result.h"
#include "model/crypto/secret-key.h"
#include "model/media/content-store.h"

struct stat;

namespace crsp {

/// Files offered at most, folders below the root at most, and how deep they may be nested. What
/// lies beyond is counted in Skipped().
inline constexpr std::size_t kMaxStoreEntries = 100'000;
inline constexpr std::size_t kMaxStoreDepth = 16;
/// The directory is looked at again when asked for, but not more often than this, nor for more than
/// a twentieth of the time.
inline constexpr std::chrono::milliseconds kMinRescanInterval{1000};

/// What ids and versions of entries are hashes under.
using EntryKey = std::array<unsigned char, 16>;
/// Always the same of a node that has a secret of its own; public where there is none, as everybody
/// may read everything there.
EntryKey EntryKeyOf(const std::optional<SecretKey>& nodeSecret);

/// Offers the regular files below one directory (CRSP §9.3).
///
/// Paths never travel: an entry is a number, and its name, the path below the root, is for reading
/// only. Files are opened beneath the root without following a symbolic link or leaving the file
/// system. Symbolic links, devices, FIFOs and sockets are not offered, nor is anything whose name
/// begins with a dot, nor the node's own files. A file that changes while it is read ends in
/// kVersionChanged, never in a mixture: its status is compared after each read, and each block of
/// kBlockSize with what it held when this version was first read, which finds what a file system
/// does not tell of, such as writes through a mapping. Ids and versions are the same under the same
/// key, so that a renderer can go on where it was after its server has begun anew; only those given
/// because a block had changed unnoticed hold no longer than the process.
class DirectoryContentStore final : public ContentStore {
  public:
    /// Opens and scans `root`; kNoInput if that cannot be done, kConfig if it is one of `own`
    /// itself. Of `own` nothing is offered, nor of what is in its folders. Files are opened with
    /// `open`.
    static Expected<std::unique_ptr<DirectoryContentStore>, NodeError> Create(
        const std::string& root, const EntryKey& key, OwnFiles own = {},
        BeneathOpener open = OpenBeneath);

    std::uint64_t ChangeCounter() override;
    std::size_t Count() override;
    std::vector<CatalogueEntry> List(std::size_t start, std::size_t count) override;
    std::optional<CatalogueEntry> Find(EntryId entry) override;
    std::uint64_t LeadIn(std::uint64_t offset) const override { return offset % kBlockSize; }
    Expected<std::unique_ptr<ContentReader>, MediaErrorCode> Open(EntryId entry,
                                                                  EntryVersion version) override;

    /// Looks at the directory at once. False, and no change, if the root can no longer be read.
    bool Rescan();
    /// Names that the last scan came across and does not offer, hidden ones among them; a folder
    /// that is not entered counts as one.
    std::size_t Skipped() const { return m_skipped; }

  private:
    struct File {
        CatalogueEntry entry;
        std::string path;  ///< below the root
    };
    struct Scan;
    class Reader;

    DirectoryContentStore(FileDescriptor root, const EntryKey& key, OwnFiles own,
                          BeneathOpener open);

    void RescanIfDue();
    bool ScanFolder(Scan& scan, FileDescriptor folder, const std::string& prefix,
                    std::size_t depth);
    void ScanName(Scan& scan, int folder, const std::string& prefix, const char* name,
                  std::size_t depth);
    EntryId IdOf(const std::string& path);
    void Adopt(Scan& scan);
    EntryVersion VersionOf(EntryId id, const struct stat& status) const;

    FileDescriptor m_root;
    OwnFiles m_own;
    BeneathOpener m_open;
    EntryKey m_key;
    std::vector<File> m_files;  ///< by path
    std::unordered_map<EntryId, std::size_t> m_index;
    std::unordered_map<EntryId, std::string> m_idOwners;
    BlockRecord m_blocks;
    std::uint64_t m_changeCounter = 1;
    std::size_t m_skipped = 0;
    std::chrono::steady_clock::time_point m_nextScan;
};

}  // namespace crsp
