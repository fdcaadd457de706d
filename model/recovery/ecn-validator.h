// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/recovery/congestion-controller.h"
#include "model/wire/frames.h"

namespace crsp {

/// Packets marked to find out what a path does to marks; RFC 9000 §13.4.2 suggests ten.
inline constexpr std::uint64_t kEcnTestPackets = 10;
/// Probe timeouts in a row after which a path that carried marks may have ceased to.
inline constexpr std::uint32_t kEcnBlackHolePtos = 3;

/// What is known of a path's treatment of marks (RFC 9000 appendix A.4).
enum class EcnState : std::uint8_t { kOff, kTesting, kUnknown, kCapable, kFailed };

/// `off`, or the qlog name: `testing`, `unknown`, `capable`, `failed`.
std::string_view ToString(EcnState state);

/// Whether packets are to be marked ECT(0), and whether what comes back of the marks is to be
/// believed (CRSP §6.7; RFC 9000 §13.4.2 and appendix A.4).
///
/// Counts are held against all that was acknowledged on the path, not ACK by ACK: an ACK may leave
/// out old ranges (CRSP §6.1) whose packets its counts contain.
class EcnValidator {
  public:
    explicit EcnValidator(bool enabled) : m_state(enabled ? EcnState::kTesting : EcnState::kOff) {}

    EcnState State() const { return m_state; }
    /// Of packets sent now: ECT(0), or not ECN-capable.
    Ecn Mark() const;
    /// A packet went out with Mark().
    void OnPacketSent();

    /// Takes in an ACK and what it acknowledged, late packets included. Returns how many more
    /// packets it reports as marked CE: congestion, if any. 0 if the counts are not to be believed.
    std::uint64_t OnAck(const AckFrame& frame, SentPacketRefs acked, SentPacketRefs spurious);
    void OnLost(SentPacketRefs lost);
    /// `count` probe timeouts in a row went by without an ACK; `next` packet number to be sent.
    void OnProbeTimeout(std::uint32_t count, PacketNumber next);
    /// A new path begins with packet `next` (RFC 9000 §9.4): what was outstanding tells nothing.
    void OnPathChanged(PacketNumber next);

    std::uint64_t MarkedSent() const { return m_sent; }
    std::uint64_t CeReported() const { return m_counts.ce; }

  private:
    void StartTest(PacketNumber next);
    void CountAcked(SentPacketRefs packets);
    /// The first counts of a path are where counting begins.
    void Rebase(const EcnCounts& counts, std::uint64_t newlyAcked);
    bool Fits(const EcnCounts& counts) const;
    bool AllMarkedCe(const EcnCounts& counts) const;
    std::uint64_t Fail();

    EcnState m_state;
    bool m_paused = false;             ///< nothing comes through: probes go unmarked
    bool m_rebase = false;             ///< the next counts are the first of this path
    PacketNumber m_largest = 0;        ///< of the ACKs whose counts were looked at, and one more
    EcnCounts m_counts;                ///< the latest believed
    std::uint64_t m_sent = 0;          ///< marked packets
    std::uint64_t m_acked = 0;         ///< of those on this path
    std::uint64_t m_baseline = 0;      ///< ECT(0) and CE, when the path began
    std::uint64_t m_baselineEct0 = 0;  ///< ECT(0) alone

    // The test under way, or the last.
    PacketNumber m_testFrom = 0;
    std::uint64_t m_testSent = 0;
    std::uint64_t m_testAcked = 0;
    std::uint64_t m_testLost = 0;
};

}  // namespace crsp
