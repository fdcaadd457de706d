// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/ownership.h"

namespace crsp {

bool Ownership::MayCommand(TimePoint now, const std::optional<PeerKey>& peer) const {
    if (!peer) return true;
    const auto owner = Owner(now);
    return !owner || *owner == *peer;
}

void Ownership::Take(const std::optional<PeerKey>& peer) {
    if (!peer) return;
    m_owner = peer;
    m_keptUntil.reset();
}

void Ownership::OnGone(TimePoint now, const PeerKey& peer, bool lost) {
    if (m_owner != peer) return;
    if (!lost) return Free();
    m_keptUntil = now + kOwnerGrace;
}

void Ownership::OnThere(TimePoint now, const PeerKey& peer) {
    if (Owner(now) == peer) m_keptUntil.reset();
}

void Ownership::Free() {
    m_owner.reset();
    m_keptUntil.reset();
}

std::optional<PeerKey> Ownership::Owner(TimePoint now) const {
    if (m_keptUntil && now >= *m_keptUntil) return std::nullopt;
    return m_owner;
}

}  // namespace crsp
