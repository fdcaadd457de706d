// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "model/base/time.h"
#include "model/recovery/congestion-algorithm.h"
#include "model/recovery/delivery-rate.h"
#include "model/recovery/rtt-estimator.h"
#include "model/recovery/sent-packets.h"

namespace crsp {

using SentPacketRefs = std::span<const SentPacket* const>;

/// One ACK frame that acknowledged packets in flight for the first time.
struct AckEvent {
    TimePoint now{};
    SentPacketRefs packets{};  ///< ascending; those not in flight are among them
    std::uint64_t ackedBytes = 0;
    std::uint64_t bytesInFlightBefore = 0;  ///< before the ACK and the losses it revealed
    std::uint64_t bytesInFlight = 0;        ///< after both
    const RttEstimator* rtt = nullptr;      ///< already updated
    bool appLimited = false;                ///< the sender had less to send than the window allowed
    std::optional<RateSample> rate{};       ///< of the packets in flight among them
};

/// Packets in flight that were declared lost at once.
struct LossEvent {
    TimePoint now{};
    SentPacketRefs packets{};  ///< ascending; those not in flight are among them
    std::uint64_t lostBytes = 0;
    TimePoint lastSentAt{};  ///< of the latest lost packet in flight
    std::uint64_t bytesInFlight = 0;
    bool persistentCongestion = false;  ///< RFC 9002 §7.6
    std::uint64_t totalLost = 0;        ///< since the connection began, these bytes included
};

/// The latest congestion event was none: everything it had lost has been acknowledged after all.
struct SpuriousLossEvent {
    TimePoint now{};
    TimePoint beganAt{};  ///< when the first of those losses was declared
};

/// An ACK reported packets marked CE by a queue on the path: congestion, without a loss.
struct EcnEvent {
    TimePoint now{};
    /// The newest packet that the ACK acknowledged: what was sent up to it led to the marks
    /// (RFC 9002 §7.1).
    const SentPacket* newest = nullptr;
    std::uint64_t marked = 0;  ///< packets
    std::uint64_t bytesInFlight = 0;
};

inline constexpr std::uint64_t kNoSlowStartThreshold = std::numeric_limits<std::uint64_t>::max();

/// Decides how many bytes may be in flight and how fast they leave (CRSP §6.5, RFC 9002 §7).
///
/// Fed by the connection: OnPacketSent for each packet in flight; for one ACK first OnSpuriousLoss,
/// then OnLost, then OnEcnCe, then OnAck. Packets not in flight never reach it alone.
class CongestionController {
  public:
    virtual ~CongestionController() = default;

    /// `bytesInFlight` includes the packet.
    virtual void OnPacketSent(TimePoint now, std::uint64_t bytes, std::uint64_t bytesInFlight) = 0;
    virtual void OnAck(const AckEvent& event) = 0;
    virtual void OnLost(const LossEvent& event) = 0;
    /// One response for a round trip, as to a loss, and never taken back. RespondsToEcn names those
    /// that have one.
    virtual void OnEcnCe(const EcnEvent&) {}
    /// The response to the losses since `event.beganAt` was unnecessary; a controller that can take
    /// it back does.
    virtual void OnSpuriousLoss(const SpuriousLossEvent&) {}

    /// The path carries datagrams of `bytes` now.
    virtual void OnDatagramSize(std::uint64_t bytes) = 0;

    /// Bytes that may be in flight; a probe may exceed it (RFC 9002 §7.5).
    virtual std::uint64_t CongestionWindow() const = 0;
    /// Bytes; kNoSlowStartThreshold before the first loss.
    virtual std::uint64_t SlowStartThreshold() const = 0;
    /// Bytes per second, at least 1, for the Pacer (RFC 9002 §7.7).
    virtual std::uint64_t PacingRate(const RttEstimator& rtt) const = 0;
    /// The qlog name, as in `slow_start`, `congestion_avoidance` or `recovery`.
    virtual std::string_view State() const = 0;
};

/// A controller in its initial state. `config` must be complete (IsComplete); `maxDatagramSize` in
/// bytes.
std::unique_ptr<CongestionController> MakeCongestionController(const CongestionConfig& config,
                                                               std::size_t maxDatagramSize);

/// `window` bytes in each smoothed round trip, times `gainPercent` / 100, in bytes per second and
/// at least 1.
std::uint64_t WindowPacingRate(std::uint64_t window, Duration smoothedRtt,
                               std::uint64_t gainPercent);

}  // namespace crsp
