// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sodium.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/base/bytes.h"
#include "model/media/catalogue.h"

namespace crsp {

/// Bytes of an entry under one hash (CRSP §9.4); the last block may be shorter.
inline constexpr std::uint64_t kBlockSize = 1024 * 1024;
/// Hashes kept at most, 32 bytes each: those of a tebibyte. Beyond it everything is forgotten.
inline constexpr std::size_t kMaxBlockHashes = 1024 * 1024;

using BlockHash = std::array<unsigned char, 32>;

/// BLAKE2b-256 over the bytes of one block, as they come.
class BlockHasher {
  public:
    BlockHasher() { crypto_generichash_init(&m_state, nullptr, 0, BlockHash().size()); }
    void Append(ConstByteSpan bytes) {
        crypto_generichash_update(&m_state, reinterpret_cast<const unsigned char*>(bytes.data()),
                                  bytes.size());
    }
    BlockHash Finish();

  private:
    crypto_generichash_state m_state;
};

/// What the blocks of the entries held when they were first read in their present version: what is
/// read later must be the same, or it is of another version, whatever the file system says.
class BlockRecord {
  public:
    /// Whether block `index` of `entry` in `version` is as it was the first time; notes it if this
    /// is the first. If it is not, the entry gets another Revision. False also if `version` is not
    /// the latest one that has begun.
    bool Check(EntryId entry, EntryVersion version, std::size_t index, const BlockHash& hash);
    /// Begins anew for another version of `entry`; nothing if it is the same.
    void Begin(EntryId entry, EntryVersion version);
    /// How often the content of `entry` turned out to be another without looking like it.
    std::uint64_t Revision(EntryId entry) const;
    /// Forgets entries for which `gone` holds.
    template <class Gone>
    void ForgetIf(const Gone& gone) {
        for (auto at = m_entries.begin(); at != m_entries.end();) {
            if (gone(at->first)) {
                m_count -= at->second.blocks.size();
                at = m_entries.erase(at);
            } else {
                ++at;
            }
        }
    }
    std::size_t Count() const { return m_count; }

  private:
    struct Known {
        EntryVersion version = 0;
        std::uint64_t revision = 0;
        std::unordered_map<std::size_t, BlockHash> blocks;
    };
    void Clear(Known& known);

    std::unordered_map<EntryId, Known> m_entries;
    std::size_t m_count = 0;  ///< hashes
};

}  // namespace crsp
