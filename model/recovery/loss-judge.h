// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace crsp {

/// Losses above this share of what was in flight say that it was too much (the LossThresh of
/// draft-ietf-ccwg-bbr §2.7).
inline constexpr std::uint64_t kLossThresholdPercent = 2;

/// The share of late of what was sent that was lost, in parts per million.
class LossShare {
  public:
    void Add(std::uint64_t acked, std::uint64_t lost, std::uint64_t datagramSize);
    /// As if it had been so for some time.
    void Set(std::uint64_t share, std::uint64_t datagramSize);
    std::uint64_t Get() const { return m_share; }

  private:
    std::uint64_t m_acked = 0;  ///< bytes, fading
    std::uint64_t m_lost = 0;
    std::uint64_t m_share = 0;
};

/// Tells losses that a full queue made from losses that the path makes anyway (CRSP §6.5).
///
/// A radio link or a damaged cable loses the same share of the packets whatever is sent; a full
/// queue loses what is too much, and delays what it lets through. So the share lost while the queue
/// is empty and nothing is probed for is the *floor* of the path, beyond a little only once it has
/// been proven by a FloorTrial. Only what is lost beyond it, by
/// more than chance explains, is congestion; and less of it is needed where the delay says the
/// same.
class LossJudge {
  public:
    explicit LossJudge(std::size_t datagramSize) : m_datagramSize(datagramSize) {}

    void OnDatagramSize(std::uint64_t bytes) { m_datagramSize = bytes; }

    /// `acked` and `lost` bytes met their fate while the queue was empty and the sender was not
    /// faster than the path.
    void Learn(std::uint64_t acked, std::uint64_t lost);
    /// The same whatever the queue.
    void See(std::uint64_t acked, std::uint64_t lost);
    /// So much, in parts per million, was lost while no more was sent than what arrived: the floor
    /// is at most nine tenths of that, or kLeastProven.
    void Prove(std::uint64_t share);
    /// Whether `lost` of the `sent` bytes are more than the path loses by itself.
    /// `queueHigh`: the packets around them were delayed.
    bool Excessive(std::uint64_t lost, std::uint64_t sent, bool queueHigh) const;
    /// The share that the path loses by itself, parts per million, at most kMaxFloor.
    std::uint64_t Floor() const { return std::min(m_learned.Get(), m_most); }
    /// The share that is lost, be it the path's or not.
    std::uint64_t Seen() const { return m_seen.Get(); }
    /// How much of `lost` the path explains, of `sent` bytes: it went through the bottleneck all
    /// the same, and counts for its rate.
    std::uint64_t Explained(std::uint64_t lost, std::uint64_t sent) const;

    /// Beyond this the path is not lossy but broken.
    static constexpr std::uint64_t kMaxFloor = 500'000;
    /// What needs no proof.
    static constexpr std::uint64_t kLeastProven = 25'000;

  private:
    /// What the path takes of `sent` bytes, as much as chance may add included.
    std::uint64_t Tolerated(std::uint64_t sent) const;

    std::uint64_t m_datagramSize;
    LossShare m_seen;
    LossShare m_learned;
    std::uint64_t m_most = kLeastProven;  ///< that is believed
};

}  // namespace crsp
