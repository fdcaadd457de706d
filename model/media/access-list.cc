// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/access-list.h"

namespace crsp {

AccessList AccessList::Everyone() {
    AccessList list;
    list.m_everyone = PeerRights{.name = "anybody", .read = true, .control = true, .observe = true};
    return list;
}

const PeerRights* AccessList::Of(const std::optional<PeerKey>& peer) const {
    if (m_everyone) return &*m_everyone;
    if (!peer) return nullptr;
    const auto found = m_peers.find(*peer);
    return found == m_peers.end() ? nullptr : &found->second;
}

}  // namespace crsp
