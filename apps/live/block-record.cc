// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/block-record.h"

namespace crsp {

BlockHash BlockHasher::Finish() {
    BlockHash hash{};
    crypto_generichash_final(&m_state, hash.data(), hash.size());
    return hash;
}

bool BlockRecord::Check(EntryId entry, EntryVersion version, std::size_t index,
                        const BlockHash& hash) {
    if (m_count >= kMaxBlockHashes) {
        for (auto& [id, known] : m_entries) Clear(known);
    }
    const auto at = m_entries.find(entry);
    if (at == m_entries.end() || at->second.version != version) return false;
    const auto [known, isNew] = at->second.blocks.try_emplace(index, hash);
    m_count += isNew;
    if (known->second == hash) return true;
    Clear(at->second);
    ++at->second.revision;
    return false;
}

void BlockRecord::Begin(EntryId entry, EntryVersion version) {
    Known& known = m_entries[entry];
    if (known.version == version) return;
    Clear(known);
    known.version = version;
}

std::uint64_t BlockRecord::Revision(EntryId entry) const {
    const auto at = m_entries.find(entry);
    return at == m_entries.end() ? 0 : at->second.revision;
}

void BlockRecord::Clear(Known& known) {
    m_count -= known.blocks.size();
    known.blocks.clear();
}

}  // namespace crsp
