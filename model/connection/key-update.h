// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "model/base/time.h"
#include "model/wire/types.h"

namespace crsp {

/// Keys are changed after so long at the latest, if anything is sent.
inline constexpr Duration kKeyLifetime = std::chrono::minutes(10);
/// The keys of a phase open what comes late for so many probe timeouts (RFC 9001 §6.5). Sooner than
/// that after a change neither side begins another.
inline constexpr int kKeyUpdateProbeTimeouts = 3;
/// A peer that changes keys of its own accord is followed so often at most: no honest one waits
/// less than three times its max_ack_delay.
inline constexpr Duration kMinPeerPhase = milliseconds(10);

/// When the keys of a connection are changed (CRSP §4.9, RFC 9001 §6).
class KeyUpdate {
  public:
    /// `packets`: keys are changed after so many, or a lifetime.
    explicit KeyUpdate(std::uint64_t packets) : m_packets(packets) {}

    /// At the end of the handshake, and whenever either side has changed keys: `first` is the first
    /// packet of ours in the new phase, `hold` how long there is not to be another change.
    void OnPhase(TimePoint now, PacketNumber first, Duration hold) {
        m_since = now;
        m_hold = hold;
        m_first = first;
        m_confirmed = false;
    }
    void OnPacketAcked(PacketNumber number) { m_confirmed |= number >= m_first; }

    /// Whether to change them now; `sealed` packets are under the present ones. Only once the peer
    /// is known to have them (RFC 9001 §6.1).
    bool Due(TimePoint now, std::uint64_t sealed) const {
        return m_confirmed && now >= m_since + m_hold &&
               (sealed >= m_packets || now >= m_since + kKeyLifetime);
    }
    /// Whether the peer may. Its probe timeout is not ours; this is only to bound what it costs us.
    bool PeerMay(TimePoint now) const {
        return m_hold == Duration{} || now >= m_since + kMinPeerPhase;
    }

  private:
    std::uint64_t m_packets;
    TimePoint m_since{};
    Duration m_hold{};
    PacketNumber m_first = 0;
    bool m_confirmed = false;
};

}  // namespace crsp
