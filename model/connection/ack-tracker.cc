// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/ack-tracker.h"

#include <algorithm>

#include "model/wire/frames.h"

namespace crsp {
namespace {

/// RFC 9000 §13.2.2: an ACK after at least two ack-eliciting packets.
constexpr std::uint32_t kAckElicitingThreshold = 2;

}  // namespace

bool AckTracker::IsDuplicate(PacketNumber number) const {
    return number < m_floor || m_received.Contains(number);
}

void AckTracker::OnPacketReceived(TimePoint now, PacketNumber number, bool ackEliciting) {
    const PacketNumber expected = m_received.Empty() ? 0 : m_received.Back().end;
    m_received.Add({number, number + 1});
    if (m_received.Count() > kMaxAckRanges) {
        m_received.PopFront();
        m_floor = m_received.Front().begin;
    }
    if (number >= expected) m_largestReceivedAt = now;
    // A late packet is news to the peer, whatever was reported around it.
    m_ackFloor = std::min(m_ackFloor, number);
    if (!ackEliciting) return;
    ++m_unacknowledged;
    if (number != expected || m_unacknowledged >= kAckElicitingThreshold) m_immediate = true;
    if (!m_deadline && !m_immediate) m_deadline = now + m_maxAckDelay;
}

void AckTracker::OnDeadline() {
    m_immediate = true;
    m_deadline.reset();
}

std::span<const Range> AckTracker::ReportedRanges() const {
    auto ranges = m_received.Ranges();
    while (ranges.size() > 1 && ranges.front().end <= m_ackFloor) ranges = ranges.subspan(1);
    return ranges;
}

bool AckTracker::WriteFrames(TimePoint now, PacketBuilder& packet) {
    if (m_unacknowledged == 0) return true;
    if (!packet.WriteAck(ReportedRanges(), now - m_largestReceivedAt)) return false;
    m_unacknowledged = 0;
    m_immediate = false;
    m_deadline.reset();
    return true;
}

void AckTracker::OnFrameAcked(const SentAck& frame) {
    if (frame.largest > m_ackFloor) m_ackFloor = frame.largest;
}

}  // namespace crsp
