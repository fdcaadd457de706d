// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "model/base/range-set.h"
#include "model/base/time.h"
#include "model/wire/packet-builder.h"
#include "model/wire/sent-frame.h"

namespace crsp {

/// Ranges of received packets remembered. Below the oldest everything counts as received before, so
/// this bounds how late a packet may be on a path that loses many.
inline constexpr std::size_t kMaxTrackedRanges = 1024;
/// Of refused packets; of older ones a copy is taken like the packet itself.
inline constexpr std::size_t kMaxRefusedRanges = 256;

/// What we received and still owe an acknowledgement for (RFC 9000 §13.2, CRSP §6.1), and the
/// replay window: a packet number is accepted once.
class AckTracker {
  public:
    explicit AckTracker(Duration maxAckDelay) : m_maxAckDelay(maxAckDelay) {}

    /// True if the packet was seen before, or is too old to tell.
    bool IsDuplicate(PacketNumber number) const;
    /// True if every packet received so far has a lower number.
    bool IsNewest(PacketNumber number) const {
        return m_received.Empty() || number >= m_received.Back().end;
    }
    /// After the first packets, ACKs of what comes in order keep a distance that makes for 64 in a
    /// round trip of this length.
    void SetRoundTrip(Duration roundTrip) { m_roundTrip = roundTrip; }
    /// Takes in a new packet. An ACK is due after every second ack-eliciting packet, but no sooner
    /// than SetRoundTrip allows; at once after one that arrived out of order or marked CE (RFC 9000
    /// §13.2.1); else within the maximum ACK delay. `ecn` is counted: call it only for what opened.
    void OnPacketReceived(TimePoint now, PacketNumber number, bool ackEliciting,
                          Ecn ecn = Ecn::kNotEct);

    /// Takes in a packet whose contents must come again: it is never acknowledged, and no copy of
    /// it is taken either, which whoever saw it could send.
    void OnPacketRefused(PacketNumber number);

    /// True if an ACK should go out now even if nothing else does.
    bool Due() const { return m_immediate; }
    /// When OnDeadline is to be called.
    std::optional<TimePoint> Deadline() const { return m_deadline; }
    /// The ACK has been put off long enough.
    void OnDeadline();

    /// Writes an ACK if any ack-eliciting packet is still unacknowledged. False if it did not fit.
    bool WriteFrames(TimePoint now, PacketBuilder& packet);
    /// The peer has seen this ACK: what it reported need not be reported again.
    void OnFrameAcked(const SentAck& frame);

    /// Packets received with each codepoint; once there are any, every ACK tells them.
    const EcnCounts& Counts() const { return m_ecn; }
    std::uint64_t FramesSent() const { return m_framesSent; }
    std::uint64_t RangesSent() const { return m_rangesSent; }

  private:
    /// The newest ranges, from the first that the peer may not know of; in most ACKs only the
    /// newest kBriefAckRanges of those.
    std::span<const Range> ReportedRanges();

    Duration m_maxAckDelay;
    RangeSet m_received;
    RangeSet m_refused;
    PacketNumber m_floor = 0;     ///< below this every number counts as seen
    PacketNumber m_ackFloor = 0;  ///< below this the peer knows what we received
    TimePoint m_largestReceivedAt{};
    TimePoint m_ackedAt{};  ///< when the last ACK was written
    Duration m_roundTrip{};
    std::uint32_t m_briefAcks = 0;       ///< in a row, which left out older ranges
    std::uint32_t m_firstPackets = 0;    ///< ack-eliciting ones received, as far as it matters
    std::uint32_t m_unacknowledged = 0;  ///< ack-eliciting packets since the last ACK
    bool m_immediate = false;
    std::optional<TimePoint> m_deadline;
    EcnCounts m_ecn;
    std::uint64_t m_framesSent = 0;
    std::uint64_t m_rangesSent = 0;
};

}  // namespace crsp
