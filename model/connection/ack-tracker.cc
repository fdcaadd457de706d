// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/ack-tracker.h"

#include <algorithm>

#include "model/wire/frames.h"

namespace crsp {
namespace {

/// RFC 9000 §13.2.2: an ACK after at least two ack-eliciting packets.
constexpr std::uint32_t kAckElicitingThreshold = 2;
/// More ACKs than this in a round trip tell the sender nothing sooner that it could act on, and
/// fill the narrow side of an asymmetric path.
constexpr int kAcksPerRoundTrip = 64;
/// Startup reads the capacity of the path from how the ACKs of the first packets follow each other.
constexpr std::uint32_t kFirstPackets = 256;
/// One is never put off beyond so many packets: the sender's bursts depend on it.
constexpr std::uint32_t kMaxUnacknowledged = 32;
/// On a lossy path an ACK costs by its ranges, and most of them say again what many before said.
/// So most ACKs report the newest only, and every eighth all that fit.
constexpr std::size_t kBriefAckRanges = 32;
constexpr std::uint32_t kBriefAcksInARow = 8;

}  // namespace

bool AckTracker::IsDuplicate(PacketNumber number) const {
    return number < m_floor || m_received.Contains(number) || m_refused.Contains(number);
}

void AckTracker::OnPacketRefused(PacketNumber number) {
    m_refused.Add({number, number + 1});
    if (m_refused.Count() > kMaxRefusedRanges) m_refused.PopFront();
}

void AckTracker::OnPacketReceived(TimePoint now, PacketNumber number, bool ackEliciting, Ecn ecn) {
    m_ecn.Count(ecn);
    const PacketNumber expected = m_received.Empty() ? 0 : m_received.Back().end;
    m_received.Add({number, number + 1});
    if (m_received.Count() > kMaxTrackedRanges) {
        m_received.PopFront();
        m_floor = m_received.Front().begin;
    }
    if (number >= expected) m_largestReceivedAt = now;
    // A late packet is news to the peer, whatever was reported around it.
    m_ackFloor = std::min(m_ackFloor, number);
    if (!ackEliciting) return;
    ++m_unacknowledged;
    m_firstPackets = std::min(m_firstPackets + 1, kFirstPackets);
    if (number != expected || ecn == Ecn::kCe || m_unacknowledged >= kMaxUnacknowledged) {
        m_immediate = true;
    } else if (m_unacknowledged >= kAckElicitingThreshold) {
        const bool first = m_firstPackets < kFirstPackets;
        const TimePoint due = first ? now : m_ackedAt + m_roundTrip / kAcksPerRoundTrip;
        m_immediate = m_immediate || due <= now;
        if (!m_immediate) m_deadline = std::min(m_deadline.value_or(due), due);
    }
    if (!m_deadline && !m_immediate) m_deadline = now + m_maxAckDelay;
}

void AckTracker::OnDeadline() {
    m_immediate = true;
    m_deadline.reset();
}

std::span<const Range> AckTracker::ReportedRanges() {
    auto ranges = m_received.Ranges();
    const auto unknown = std::upper_bound(ranges.begin(), ranges.end(), m_ackFloor,
                                          [](PacketNumber n, const Range& r) { return n < r.end; });
    ranges = ranges.last(std::max<std::size_t>(ranges.end() - unknown, 1));
    if (ranges.size() <= kBriefAckRanges || ++m_briefAcks == kBriefAcksInARow) {
        m_briefAcks = 0;
        return ranges;
    }
    return ranges.last(kBriefAckRanges);
}

bool AckTracker::WriteFrames(TimePoint now, PacketBuilder& packet) {
    if (m_unacknowledged == 0) return true;
    const auto ranges = ReportedRanges();
    const auto ecn = m_ecn.Any() ? std::optional(m_ecn) : std::nullopt;
    if (!packet.WriteAck(ranges, now - m_largestReceivedAt, ecn)) return false;
    ++m_framesSent;
    m_rangesSent += ranges.size();
    m_ackedAt = now;
    m_unacknowledged = 0;
    m_immediate = false;
    m_deadline.reset();
    return true;
}

void AckTracker::OnFrameAcked(const SentAck& frame) {
    if (frame.largest > m_ackFloor) m_ackFloor = frame.largest;
}

}  // namespace crsp
