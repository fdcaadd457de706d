// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/base/result.h"
#include "model/base/time.h"
#include "model/recovery/congestion-controller.h"
#include "model/recovery/delivery-rate.h"
#include "model/recovery/reordering.h"
#include "model/recovery/rtt-estimator.h"
#include "model/recovery/sent-packets.h"
#include "model/recovery/spurious-loss.h"
#include "model/wire/error-codes.h"
#include "model/wire/frames.h"

namespace crsp {

/// Probe timeouts that the lost span must exceed (RFC 9002 §7.6.1).
inline constexpr int kPersistentCongestionThreshold = 3;
/// Exponential backoff of the probe timeout ends here, so that a path that comes back is found
/// within this time: a deliberate deviation from RFC 9002 §6.2.1, which has no bound (CRSP §6.4).
/// A probe timeout that is longer without backoff stays as it is.
inline constexpr Duration kMaxPtoBackoffInterval = milliseconds(750);
/// While a blackout is young it ends here already.
inline constexpr Duration kMaxEarlyPtoBackoffInterval = milliseconds(150);
/// How long a blackout is young: counted from the first probe timeout without an ACK since.
inline constexpr Duration kEarlyPtoBackoff = seconds(5);
/// From then on a probe is a single PING: a path that carries nothing is sent next to nothing.
inline constexpr Duration kFullProbes = seconds(10);
/// Ack-eliciting packets to send when a probe timeout fires (RFC 9002 §6.2.4).
inline constexpr std::size_t kProbePackets = 2;
/// Lost packets stay on record for this many probe timeouts, to recognise a spurious loss.
inline constexpr int kLostRetentionPtos = 3;

/// What an ACK frame changed. References and spans hold until the next call of a non-const member.
struct AckOutcome {
    SentPacketRefs acked{};     ///< for the first time, ascending
    SentPacketRefs spurious{};  ///< acknowledged after they had been declared lost, ascending
    SentPacketRefs lost{};      ///< declared lost because of this ACK, ascending
    bool rttUpdated = false;
    std::optional<SpuriousLossEvent> spuriousLoss{};  ///< for the congestion controller, first
    std::optional<LossEvent> loss{};  ///< for the congestion controller, before `ack`
    std::optional<AckEvent> ack{};    ///< for the congestion controller
};

/// What a due timer means. References and spans hold until the next call of a non-const member.
struct TimeoutOutcome {
    enum class Kind : std::uint8_t {
        kNone,   ///< nothing was due
        kLoss,   ///< `lost` were declared lost by the time threshold
        kProbe,  ///< send kProbePackets ack-eliciting packets at once, whatever the window says
        kPing    ///< send one PING and no data: nothing was acknowledged for kFullProbes
    };
    Kind kind = Kind::kNone;
    SentPacketRefs lost{};
    std::optional<LossEvent> loss{};  ///< for the congestion controller
    /// The oldest ack-eliciting packets outstanding, at most kProbePackets: what the probes best
    /// repeat if there is nothing new. They are not lost.
    SentPacketRefs probes{};
};

/// Loss detection of RFC 9002 §6 and appendix A for one packet number space (CRSP §6.3, §6.4).
///
/// Holds the packets sent, the RTT estimate and the bytes in flight; congestion control stands
/// beside it and is fed from the outcomes. Allocates only while the window grows.
class LossDetection {
  public:
    explicit LossDetection(PacketNumber first = 0) : m_packets(first) {}

    /// max_ack_delay of the peer's transport parameters; zero until set.
    void SetPeerMaxAckDelay(Duration delay) { m_peerMaxAckDelay = delay; }
    /// A round trip measured by the handshake, as the first sample.
    void SeedRtt(TimePoint now, Duration roundTrip) { m_rtt.OnSample(now, roundTrip, Duration{}); }

    /// Takes note of a packet that goes out now; see SentPackets::Push. `packet.inFlight` must be
    /// set if it is ack-eliciting.
    void OnPacketSent(const SentPacket& packet);

    /// Works off an ACK frame. `appLimited` is handed on to congestion control. An ACK of a packet
    /// never sent fails with PROTOCOL_VIOLATION and has changed nothing (RFC 9000 §13.1).
    Expected<AckOutcome, TransportError> OnAckReceived(TimePoint now, const AckFrame& frame,
                                                       bool appLimited);

    /// There is nothing to send though the window has room; see DeliveryRate.
    void OnAppLimited() { m_rate.OnAppLimited(m_bytesInFlight); }

    /// To be called when NextTimeout() is reached; harmless at any other time. A probe timeout
    /// counts up the backoff.
    TimeoutOutcome OnTimeout(TimePoint now);

    /// The peer is elsewhere now: what is outstanding went to the old address and is given up. Says
    /// nothing of congestion, and later ACKs of it are ignored (RFC 9002 §6.1, RFC 9000 §9.4).
    SentPacketRefs OnPathChanged(TimePoint now);
    /// Forgets what is known of the path's round trip and rate; `roundTrip` is the first sample of
    /// the new one, if there is one. To be called after OnPathChanged.
    void ResetPath(TimePoint now, std::optional<Duration> roundTrip);

    /// When packets become lost by time or the next probe is due; nothing if nothing that asks for
    /// an ACK is in flight.
    std::optional<TimePoint> NextTimeout() const;

    /// Gives memory back that nothing is kept in, as when a connection goes idle.
    void Rest();

    const RttEstimator& Rtt() const { return m_rtt; }
    const SentPackets& Packets() const { return m_packets; }
    PacketNumber NextPacketNumber() const { return m_packets.NextNumber() + (m_skip ? 1 : 0); }
    /// Leaves out the next packet number: a peer that acknowledges it has not received what it
    /// says (RFC 9000 §21.4), and the next OnAckReceived fails.
    void SkipPacketNumber() { m_skip = true; }
    std::optional<PacketNumber> LargestAcked() const { return m_largestAcked; }
    std::uint64_t BytesInFlight() const { return m_bytesInFlight; }
    std::uint64_t AckElicitingInFlight() const { return m_ackElicitingInFlight; }
    /// Probe timeouts in a row without a new acknowledgement.
    std::uint32_t PtoCount() const { return m_ptoCount; }
    /// The probe timeout with its present backoff, which runs from the last ack-eliciting packet.
    Duration PtoInterval() const;
    std::uint64_t PacketsLost() const { return m_packetsLost; }
    std::uint64_t PacketsSpuriouslyLost() const { return m_packetsSpuriouslyLost; }

  private:
    /// Lost ack-eliciting packets with nothing acknowledged between them (RFC 9002 §7.6.2).
    struct LossRun {
        TimePoint firstSentAt{};
        PacketNumber last = 0;
    };

    Expected<void, TransportError> Validate(const AckFrame& frame) const;
    void TakeAcked(TimePoint now, const AckFrame& frame);
    void TakeAcked(TimePoint now, const SentPacket& packet);
    /// Takes note of what came after a packet that was sent later.
    void WatchOrder(TimePoint now, const SentPacket& packet);
    void RaiseLargestAcked();
    bool UpdateRtt(TimePoint now, const AckFrame& frame);
    /// After a probe timeout a peer may repeat an ACK that was lost: what it waited with it beyond
    /// its limit is no part of the path, unless that would make the path shorter than it is.
    Duration RepeatedAckDelay(Duration elapsed, const AckFrame& frame) const;
    std::optional<AckEvent> SummariseAck(TimePoint now, std::uint64_t before, bool appLimited);
    std::optional<LossEvent> DetectLost(TimePoint now);
    std::uint64_t OvertakenBy(PacketNumber number) const;
    /// How long after it was sent a packet is lost that a later one has overtaken.
    Duration LossDelay() const;
    std::optional<LossTrigger> LossOf(const SentPacket& packet, TimePoint now) const;
    std::optional<LossEvent> SummariseLoss(TimePoint now);
    bool InPersistentCongestion();
    bool ExtendLossRun(const SentPacket& packet);
    void TakeOutOfFlight(const SentPacket& packet);
    bool InSilenceFor(Duration duration, TimePoint now) const;
    TimeoutOutcome OnProbeTimeout(TimePoint now);
    void CollectProbes();
    void BeginOutcome();
    /// Outcomes never hold more packets than are on record.
    void ReserveOutcome();
    void ForgetOld(TimePoint now);

    bool m_skip = false;
    SentPackets m_packets;
    RttEstimator m_rtt;
    DeliveryRate m_rate;
    Reordering m_reordering;
    Duration m_peerMaxAckDelay{};
    std::optional<PacketNumber> m_largestAcked;
    std::optional<TimePoint> m_lossTime;
    std::optional<LossRun> m_lossRun;
    SpuriousLossDetector m_spuriousLoss;
    TimePoint m_ptoAnchor{};  ///< the last ack-eliciting packet sent, or PTO that fired
    std::uint64_t m_bytesInFlight = 0;
    std::uint64_t m_ackElicitingInFlight = 0;
    std::uint32_t m_ptoCount = 0;
    TimePoint m_silentSince{};  ///< when the first of those fired
    std::uint64_t m_packetsLost = 0;
    std::uint64_t m_packetsSpuriouslyLost = 0;
    std::vector<const SentPacket*> m_acked;  ///< these four are kept for their capacity
    std::vector<const SentPacket*> m_spurious;
    std::vector<const SentPacket*> m_lost;
    std::vector<const SentPacket*> m_probes;
};

}  // namespace crsp
