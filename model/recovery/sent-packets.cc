// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/sent-packets.h"

#include "model/base/assert.h"

namespace crsp {
namespace {

bool IsOpen(const SentPacket& packet) {
    return packet.state == SentPacket::State::kOutstanding ||
           packet.state == SentPacket::State::kLost;
}

/// Somebody waits for its end: a probe of the path's MTU asks for an ACK without being in flight.
bool IsHeld(const SentPacket& packet) {
    return packet.state == SentPacket::State::kOutstanding &&
           (packet.inFlight || packet.ackEliciting);
}

}  // namespace

SentPackets::SentPackets(PacketNumber first)
    : m_front(first), m_firstOutstanding(first), m_next(first) {}

bool SentPackets::Full() const {
    return Size() >= kMaxTrackedPackets - kReservedRecords;
}

bool SentPackets::Exhausted() const {
    return Size() + kMaxSkip >= kMaxTrackedPackets;
}

void SentPackets::Push(const SentPacket& packet) {
    CRSP_ASSERT(packet.number >= m_next && packet.number - m_next <= kMaxSkip);
    CRSP_ASSERT(packet.state == SentPacket::State::kOutstanding);
    if (packet.number > m_next) {
        m_skipped.Add({m_next, packet.number});
        if (m_skipped.Count() > kMaxSkippedRanges) m_skipped.PopFront();
    }
    while (m_next < packet.number) AppendSkipped();
    MakeRoom();
    At(m_next) = packet;
    SetOpen(m_next);
    ++m_next;
    if (Full()) DropFront([](const SentPacket& front) { return !IsHeld(front); });
}

void SentPackets::AppendSkipped() {
    MakeRoom();
    At(m_next) = SentPacket{.number = m_next, .state = SentPacket::State::kSkipped};
    ++m_next;
    AdvanceFirstOutstanding();
}

const SentPacket* SentPackets::Find(PacketNumber number) const {
    return number >= m_front && number < m_next ? &At(number) : nullptr;
}

bool SentPackets::AnySkipped(Range range) const {
    return !range.Empty() && m_skipped.FirstGap(range) != range;
}

void SentPackets::MarkAcked(PacketNumber number) {
    CRSP_ASSERT(Find(number) != nullptr && IsOpen(At(number)));
    At(number).state = SentPacket::State::kAcked;
    ClearOpen(number);
    AdvanceFirstOutstanding();
}

void SentPackets::MarkLost(PacketNumber number, TimePoint now, LossTrigger trigger) {
    CRSP_ASSERT(Find(number) != nullptr && At(number).state == SentPacket::State::kOutstanding);
    auto& packet = At(number);
    packet.state = SentPacket::State::kLost;
    packet.lostAt = now;
    packet.lossTrigger = trigger;
    AdvanceFirstOutstanding();
}

void SentPackets::PopResolved(TimePoint lostBefore) {
    DropFront([&](const SentPacket& front) {
        if (front.state == SentPacket::State::kLost) return front.lostAt <= lostBefore || Full();
        return !IsOpen(front);
    });
}

template <class Predicate>
void SentPackets::DropFront(Predicate unwanted) {
    while (m_front < m_next && unwanted(At(m_front))) {
        ClearOpen(m_front);
        ++m_front;
    }
    if (m_firstOutstanding < m_front) m_firstOutstanding = m_front;
    AdvanceFirstOutstanding();
}

void SentPackets::MakeRoom() {
    if (Size() < m_ring.size()) return;
    if (Size() >= kRemembered) DropUnheld();
    if (Size() == m_ring.size()) Grow();
}

void SentPackets::Release() {
    DropUnheld();
    if (Size() > 0) return;
    m_ring = decltype(m_ring)();
    m_open = decltype(m_open)();
}

void SentPackets::DropUnheld() {
    // A side that only acknowledges sends packets that may never be acknowledged themselves.
    DropFront([](const SentPacket& front) {
        return !IsHeld(front) && front.state != SentPacket::State::kLost;
    });
}

void SentPackets::Grow() {
    CRSP_ASSERT(m_ring.size() < kMaxTrackedPackets);
    std::vector<SentPacket> ring(m_ring.empty() ? kInitialCapacity : m_ring.size() * 2);
    for (PacketNumber n = m_front; n < m_next; ++n) ring[n & (ring.size() - 1)] = At(n);
    m_ring.swap(ring);
    m_open.assign((m_ring.size() + kWordBits - 1) / kWordBits, 0);
    for (PacketNumber n = m_front; n < m_next; ++n) {
        if (IsOpen(At(n))) SetOpen(n);
    }
}

void SentPackets::AdvanceFirstOutstanding() {
    while (m_firstOutstanding < m_next &&
           At(m_firstOutstanding).state != SentPacket::State::kOutstanding) {
        ++m_firstOutstanding;
    }
}

}  // namespace crsp
