// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "model/base/time.h"
#include "model/connection/known-peer.h"

namespace crsp {

/// An owner whose last connection was lost, and not closed, remains the owner for so long.
inline constexpr Duration kOwnerGrace = seconds(30);

/// Who owns a renderer (CRSP §9.10): one key at a time. Peers without keys are all alike and own
/// nothing: where nobody has a key, everybody may command.
class Ownership {
  public:
    /// Whether `peer` may command: it owns the renderer, or nobody does, or it has no key.
    bool MayCommand(TimePoint now, const std::optional<PeerKey>& peer) const;
    /// `peer` is the owner from now on; nothing changes for one without a key.
    void Take(const std::optional<PeerKey>& peer);
    /// The last connection of `peer` has ended; `lost` if nobody had closed it.
    void OnGone(TimePoint now, const PeerKey& peer, bool lost);
    /// `peer` is connected (again).
    void OnThere(TimePoint now, const PeerKey& peer);
    /// Nobody owns it.
    void Free();
    std::optional<PeerKey> Owner(TimePoint now) const;

  private:
    std::optional<PeerKey> m_owner;
    /// Until when an owner that was lost is waited for.
    std::optional<TimePoint> m_keptUntil;
};

}  // namespace crsp
