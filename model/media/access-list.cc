// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/access-list.h"

#include <algorithm>

#include "model/media/catalogue.h"
#include "model/media/glob.h"

namespace crsp {

bool PeerRights::MayRead(std::string_view entryName) const {
    if (!read) return false;
    // What matters is the name that a peer gets to see.
    const std::string_view shown = entryName.substr(0, kMaxNameSize);
    return entries.empty() ||
           std::any_of(entries.begin(), entries.end(),
                       [&](const std::string& pattern) { return MatchesGlob(pattern, shown); });
}

AccessList AccessList::Everyone() {
    AccessList list;
    list.m_everyone = PeerRights{
        .name = "anybody", .read = true, .control = true, .borrow = true, .observe = true};
    return list;
}

const PeerRights* AccessList::Of(const std::optional<PeerKey>& peer) const {
    if (m_everyone) return &*m_everyone;
    if (!peer) return nullptr;
    const auto found = m_peers.find(*peer);
    return found == m_peers.end() ? nullptr : &found->second;
}

}  // namespace crsp
