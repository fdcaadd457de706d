// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/base/range-set.h"
#include "model/base/time.h"
#include "model/recovery/delivery-rate.h"
#include "model/wire/sent-frame.h"
#include "model/wire/types.h"

namespace crsp {

/// Why a packet was declared lost (RFC 9002 §6.1), or given up because the path it took is no more.
enum class LossTrigger : std::uint8_t { kReorderingThreshold, kTimeThreshold, kPathChange };

/// What is remembered of a packet from its sending until its fate is known.
struct SentPacket {
    enum class State : std::uint8_t {
        kOutstanding,
        kAcked,
        kLost,     ///< kept for a while: a late ACK tells that the loss was spurious
        kSkipped,  ///< the number was never sent
    };

    PacketNumber number = 0;
    TimePoint sentAt{};
    std::uint32_t bytes = 0;  ///< the whole datagram
    bool ackEliciting = false;
    bool elsewhere = false;  ///< went to another address: tells nothing of this path
    bool mtuProbe = false;   ///< not in flight although it asks for an ACK: may well be too large
    bool inFlight = false;   ///< counts against the congestion window (RFC 9002 §2)
    State state = State::kOutstanding;
    LossTrigger lossTrigger = LossTrigger::kReorderingThreshold;  ///< set once lost
    TimePoint lostAt{};                                           ///< set once lost
    DeliverySnapshot delivery{};  ///< if in flight; LossDetection fills it in
    SentFrameList frames{};
};

/// Most records held. A peer that makes us reach it, by acknowledging nothing while it keeps us
/// answering, gets its connection closed.
inline constexpr std::size_t kMaxTrackedPackets = std::size_t{1} << 16;
/// Records kept free for packets that are not held back by congestion control: ACKs and probes.
inline constexpr std::size_t kReservedRecords = 4096;
/// Packet numbers may be skipped, but not more than this at once.
inline constexpr std::uint64_t kMaxSkip = 64;
/// Ranges of skipped packet numbers remembered.
inline constexpr std::size_t kMaxSkippedRanges = 64;

/// The packets of one packet number space whose fate is open, in the order of their numbers.
///
/// A ring indexed by packet number: finding, adding and resolving are O(1), and it grows only while
/// the window grows. References stay valid, also for packets just resolved, until the next Push.
class SentPackets {
  public:
    explicit SentPackets(PacketNumber first = 0);

    /// Takes up `packet`, whose number must be at least NextNumber(); numbers between become
    /// kSkipped. Once Exhausted(), kMaxSkip more find room, without skipping: enough to say
    /// goodbye.
    void Push(const SentPacket& packet);

    /// The lowest number not used yet.
    PacketNumber NextNumber() const { return m_next; }
    /// The lowest number on record; NextNumber() if none is.
    PacketNumber FrontNumber() const { return m_front; }
    /// The lowest outstanding number; NextNumber() if none is.
    PacketNumber FirstOutstanding() const { return m_firstOutstanding; }
    std::size_t Size() const { return static_cast<std::size_t>(m_next - m_front); }
    std::size_t Capacity() const { return m_ring.size(); }
    /// No more data may be sent until something is resolved: only ACKs and probes.
    bool Full() const;
    /// Nothing may be sent any more but that the connection closes.
    bool Exhausted() const;

    /// The record of `number`, in whatever state; null if it is not on record.
    const SentPacket* Find(PacketNumber number) const;
    /// True if a number of `range` was skipped, as far back as kMaxSkippedRanges remember.
    bool AnySkipped(Range range) const;

    /// Calls `visit(const SentPacket&)`, ascending, for each outstanding or lost packet in `range`.
    /// `visit` may resolve the packet that it is given.
    template <class Visitor>
    void ForEachOpen(Range range, Visitor visit) const;

    /// Ends an outstanding or lost packet.
    void MarkAcked(PacketNumber number);
    /// Turns an outstanding packet into a lost one.
    void MarkLost(PacketNumber number, TimePoint now, LossTrigger trigger);
    /// Forgets packets at the front that are resolved, or were lost at or before `lostBefore`. Lost
    /// ones go at once when the ring is Full().
    void PopResolved(TimePoint lostBefore);
    /// Forgets what nothing waits for, and gives the memory back if nothing else is left.
    void Release();

  private:
    static constexpr std::size_t kWordBits = 64;
    static constexpr std::size_t kInitialCapacity = 8;
    /// Beyond so many packets on record, those that nothing waits for are forgotten.
    static constexpr std::size_t kRemembered = 64;

    std::size_t Slot(PacketNumber number) const { return number & (m_ring.size() - 1); }
    SentPacket& At(PacketNumber number) { return m_ring[Slot(number)]; }
    const SentPacket& At(PacketNumber number) const { return m_ring[Slot(number)]; }
    static std::uint64_t Bit(PacketNumber number) {
        return std::uint64_t{1} << (number % kWordBits);
    }
    void SetOpen(PacketNumber number) { m_open[Slot(number) / kWordBits] |= Bit(number); }
    void ClearOpen(PacketNumber number) { m_open[Slot(number) / kWordBits] &= ~Bit(number); }
    void AppendSkipped();
    template <class Predicate>
    void DropFront(Predicate unwanted);
    void MakeRoom();
    void DropUnheld();
    void Grow();
    void AdvanceFirstOutstanding();

    std::vector<SentPacket> m_ring;     ///< none, or a power of two
    std::vector<std::uint64_t> m_open;  ///< a bit for each slot: outstanding or lost
    RangeSet m_skipped;
    PacketNumber m_front;
    PacketNumber m_firstOutstanding;
    PacketNumber m_next;
};

template <class Visitor>
void SentPackets::ForEachOpen(Range range, Visitor visit) const {
    PacketNumber number = range.begin < m_front ? m_front : range.begin;
    const PacketNumber end = range.end < m_next ? range.end : m_next;
    while (number < end) {
        const std::uint64_t open = m_open[Slot(number) / kWordBits] >> (number % kWordBits);
        if (open == 0) {
            number += kWordBits - number % kWordBits;
            continue;
        }
        number += static_cast<PacketNumber>(std::countr_zero(open));
        if (number < end) visit(At(number));
        ++number;
    }
}

}  // namespace crsp
