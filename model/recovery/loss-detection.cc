// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/loss-detection.h"

#include <algorithm>
#include <array>

#include "model/base/assert.h"
#include "model/base/planted.h"

namespace crsp {
namespace {

Unexpected<TransportError> Violation(const char* reason) {
    return Fail(TransportError{TransportErrorCode::kProtocolViolation, reason});
}

}  // namespace

void LossDetection::OnPacketSent(const SentPacket& packet) {
    m_skip = false;
    CRSP_ASSERT(packet.inFlight || !packet.ackEliciting || packet.mtuProbe);
    BeginOutcome();
    SentPacket record = packet;
    if (packet.inFlight) {
        m_bytesInFlight += packet.bytes;
        record.delivery = m_rate.OnSent(packet.sentAt, packet.bytes, m_bytesInFlight);
    }
    m_packets.Push(record);
    if (m_acked.capacity() < m_packets.Capacity()) ReserveOutcome();
    if (!packet.ackEliciting) return;
    ++m_ackElicitingInFlight;
    m_ptoAnchor = packet.sentAt;
}

Expected<AckOutcome, TransportError> LossDetection::OnAckReceived(TimePoint now,
                                                                  const AckFrame& frame,
                                                                  bool appLimited) {
    if (const auto valid = Validate(frame); !valid) return Fail(valid.error());
    BeginOutcome();
    const std::uint64_t before = m_bytesInFlight;
    m_reordering.OnInOrder(now);
    TakeAcked(now, frame);
    AckOutcome outcome{.spurious = m_spurious,
                       .spuriousLoss = m_spuriousLoss.OnSpurious(now, m_spurious)};
    if (!m_acked.empty()) {
        RaiseLargestAcked();
        outcome.acked = m_acked;
        outcome.rttUpdated = UpdateRtt(now, frame);
        m_ptoCount = 0;
        outcome.loss = DetectLost(now);
        outcome.lost = m_lost;
        outcome.ack = SummariseAck(now, before, appLimited);
    }
    ForgetOld(now);
    return outcome;
}

void LossDetection::RaiseLargestAcked() {
    const auto newest = std::find_if(m_acked.rbegin(), m_acked.rend(),
                                     [](const auto* packet) { return !packet->elsewhere; });
    if (newest == m_acked.rend()) return;
    m_largestAcked = std::max(m_largestAcked.value_or(0), (*newest)->number);
}

Expected<void, TransportError> LossDetection::Validate(const AckFrame& frame) const {
    if (frame.largest >= m_packets.NextNumber()) return Violation("ACK of a packet never sent");
    bool skipped = false;
    frame.ForEachRange([&](Range range) { skipped = skipped || m_packets.AnySkipped(range); });
    if (skipped) return Violation("ACK of a skipped packet number");
    return {};
}

void LossDetection::TakeAcked(TimePoint now, const AckFrame& frame) {
    std::array<Range, kMaxAckRanges> ranges;
    std::size_t count = 0;
    frame.ForEachRange([&](Range range) {
        CRSP_ASSERT(count < ranges.size());
        ranges[count++] = range;
    });
    while (count-- > 0) {
        m_packets.ForEachOpen(ranges[count],
                              [this, now](const SentPacket& p) { TakeAcked(now, p); });
    }
}

void LossDetection::TakeAcked(TimePoint now, const SentPacket& packet) {
    WatchOrder(now, packet);
    if (packet.state == SentPacket::State::kLost) {
        ++m_packetsSpuriouslyLost;
        if (packet.inFlight) m_rate.OnSpuriousLoss(now, packet.bytes);
        m_spurious.push_back(&packet);
        if (m_lossRun && packet.number <= m_lossRun->last) m_lossRun.reset();
    } else {
        m_acked.push_back(&packet);
        TakeOutOfFlight(packet);
        if (packet.inFlight) m_rate.OnAcked(now, packet.delivery, packet.sentAt, packet.bytes);
    }
    m_packets.MarkAcked(packet.number);
}

void LossDetection::WatchOrder(TimePoint now, const SentPacket& packet) {
    if (packet.elsewhere || !m_largestAcked || packet.number > *m_largestAcked) return;
    const Duration expected = std::max(m_rtt.Latest(), m_rtt.Smoothed());
    m_reordering.OnLate(now, *m_largestAcked - packet.number, now - packet.sentAt - expected);
}

void LossDetection::TakeOutOfFlight(const SentPacket& packet) {
    if (packet.inFlight) m_bytesInFlight -= packet.bytes;
    if (packet.ackEliciting) --m_ackElicitingInFlight;
}

bool LossDetection::UpdateRtt(TimePoint now, const AckFrame& frame) {
    const SentPacket& newest = *m_acked.back();
    const bool anyEliciting =
        std::any_of(m_acked.begin(), m_acked.end(), [](const auto* p) { return p->ackEliciting; });
    if (newest.number != frame.largest || newest.elsewhere || !anyEliciting) return false;
    const Duration elapsed = now - newest.sentAt;
    m_rtt.OnSample(now, elapsed - RepeatedAckDelay(elapsed, frame),
                   std::min(frame.ackDelay, m_peerMaxAckDelay));
    return true;
}

Duration LossDetection::RepeatedAckDelay(Duration elapsed, const AckFrame& frame) const {
    if (m_ptoCount == 0) return {};
    const Duration excess = std::max(frame.ackDelay - m_peerMaxAckDelay, Duration{});
    return elapsed - excess >= m_rtt.Min() ? excess : Duration{};
}

std::optional<AckEvent> LossDetection::SummariseAck(TimePoint now, std::uint64_t before,
                                                    bool appLimited) {
    std::uint64_t bytes = 0;
    for (const auto* packet : m_acked) bytes += packet->inFlight ? packet->bytes : 0;
    if (bytes == 0) return std::nullopt;
    return AckEvent{.now = now,
                    .packets = m_acked,
                    .ackedBytes = bytes,
                    .bytesInFlightBefore = before,
                    .bytesInFlight = m_bytesInFlight,
                    .rtt = &m_rtt,
                    .appLimited = appLimited,
                    .rate = m_rate.Take(now, m_rtt.Min())};
}

std::optional<LossEvent> LossDetection::DetectLost(TimePoint now) {
    m_lossTime.reset();
    // Both thresholds are passed in the order of sending, so the first packet that is not lost ends
    // the search, and is the next that time can make lost.
    while (m_largestAcked && m_packets.FirstOutstanding() <= *m_largestAcked) {
        const SentPacket& packet = *m_packets.Find(m_packets.FirstOutstanding());
        const auto trigger = LossOf(packet, now);
        if (!trigger) {
            m_lossTime = packet.sentAt + LossDelay();
            break;
        }
        m_packets.MarkLost(packet.number, now, *trigger);
        TakeOutOfFlight(packet);
        m_lost.push_back(&packet);
    }
    return SummariseLoss(now);
}

/// How many packets the largest acknowledged one is ahead of `number`; a number left out is none.
std::uint64_t LossDetection::OvertakenBy(PacketNumber number) const {
    const std::uint64_t ahead = *m_largestAcked - number;
    if (ahead != m_reordering.PacketThreshold()) return ahead;
    return m_packets.AnySkipped({number, *m_largestAcked}) ? ahead - 1 : ahead;
}

std::optional<LossTrigger> LossDetection::LossOf(const SentPacket& packet, TimePoint now) const {
    const std::uint64_t threshold = m_reordering.PacketThreshold();
    if (OvertakenBy(packet.number) >= threshold) return LossTrigger::kReorderingThreshold;
    if (packet.sentAt + LossDelay() <= now) return LossTrigger::kTimeThreshold;
    return std::nullopt;
}

Duration LossDetection::LossDelay() const {
    const Duration rtt = std::max(m_rtt.Latest(), m_rtt.Smoothed());
    return std::max(m_rtt.LossDelay(), rtt + m_reordering.Window(rtt));
}

std::optional<LossEvent> LossDetection::SummariseLoss(TimePoint now) {
    m_packetsLost += m_lost.size();
    LossEvent event{.now = now, .packets = m_lost, .bytesInFlight = m_bytesInFlight};
    for (const auto* packet : m_lost) {
        if (!packet->inFlight) continue;
        event.lostBytes += packet->bytes;
        event.lastSentAt = packet->sentAt;
    }
    if (event.lostBytes == 0) return std::nullopt;
    m_rate.OnLost(event.lostBytes);
    event.totalLost = m_rate.Lost();
    event.persistentCongestion = InPersistentCongestion();
    m_spuriousLoss.OnLost(event);
    return event;
}

bool LossDetection::InPersistentCongestion() {
    // What has left the record may have been acknowledged.
    if (m_lossRun && m_lossRun->last + 1 < m_packets.FrontNumber()) m_lossRun.reset();
    PacketNumber number = m_lossRun ? m_lossRun->last + 1 : m_lost.front()->number;
    bool persistent = false;
    for (; number <= m_lost.back()->number; ++number) {
        const SentPacket& packet = *m_packets.Find(number);
        if (packet.state == SentPacket::State::kAcked) m_lossRun.reset();
        if (packet.state == SentPacket::State::kLost && ExtendLossRun(packet)) persistent = true;
    }
    if (persistent) m_lossRun.reset();
    return persistent;
}

bool LossDetection::ExtendLossRun(const SentPacket& packet) {
    const bool counts =
        packet.inFlight && m_rtt.HasSample() && packet.sentAt > m_rtt.FirstSampleAt();
    if (!counts) return false;
    if (!m_lossRun) m_lossRun = LossRun{.firstSentAt = packet.sentAt};
    m_lossRun->last = packet.number;
    const Duration duration =
        kPersistentCongestionThreshold * m_rtt.ProbeTimeout(m_peerMaxAckDelay);
    return packet.sentAt - m_lossRun->firstSentAt > duration;
}

TimeoutOutcome LossDetection::OnTimeout(TimePoint now) {
    const auto due = NextTimeout();
    if (!due || *due > now) return {};
    BeginOutcome();
    TimeoutOutcome outcome;
    if (m_lossTime) {
        outcome.kind = TimeoutOutcome::Kind::kLoss;
        outcome.loss = DetectLost(now);
        outcome.lost = m_lost;
    } else {
        outcome = OnProbeTimeout(now);
    }
    ForgetOld(now);
    return outcome;
}

TimeoutOutcome LossDetection::OnProbeTimeout(TimePoint now) {
    if (m_ptoCount++ == 0) m_silentSince = now;
    // Should no probe get out, the next timeout still lies ahead.
    m_ptoAnchor = now;
    const bool ping = InSilenceFor(kFullProbes, now);
    if (!ping) CollectProbes();
    using Kind = TimeoutOutcome::Kind;
    return {.kind = ping ? Kind::kPing : Kind::kProbe, .probes = m_probes};
}

bool LossDetection::InSilenceFor(Duration duration, TimePoint now) const {
    return m_ptoCount > 0 && now - m_silentSince >= duration;
}

SentPacketRefs LossDetection::OnPathChanged(TimePoint now) {
    BeginOutcome();
    m_packets.ForEachOpen({m_packets.FirstOutstanding(), m_packets.NextNumber()},
                          [this, now](const SentPacket& packet) {
                              if (packet.state != SentPacket::State::kOutstanding) return;
                              TakeOutOfFlight(packet);
                              m_packets.MarkLost(packet.number, now, LossTrigger::kPathChange);
                              m_lost.push_back(&packet);
                          });
    m_packets.PopResolved(now);
    m_packetsLost += m_lost.size();
    m_lossTime.reset();
    m_lossRun.reset();
    m_spuriousLoss = {};
    m_ptoCount = 0;
    return m_lost;
}

void LossDetection::ResetPath(TimePoint now, std::optional<Duration> roundTrip) {
    m_rtt = {};
    m_rate = {};
    m_reordering = {};
    if (roundTrip) m_rtt.OnSample(now, *roundTrip, Duration{});
}

void LossDetection::CollectProbes() {
    PacketNumber number = m_packets.FirstOutstanding();
    for (; number < m_packets.NextNumber() && m_probes.size() < kProbePackets; ++number) {
        const SentPacket& packet = *m_packets.Find(number);
        if (packet.state == SentPacket::State::kOutstanding && packet.ackEliciting) {
            m_probes.push_back(&packet);
        }
    }
}

std::optional<TimePoint> LossDetection::NextTimeout() const {
    if (m_lossTime) return m_lossTime;
    if (m_ackElicitingInFlight == 0) return std::nullopt;
    if (CRSP_PLANTED(kLostWakeUp) && m_ptoCount == 3) return std::nullopt;
    return m_ptoAnchor + PtoInterval();
}

Duration LossDetection::PtoInterval() const {
    Duration interval = m_rtt.ProbeTimeout(m_peerMaxAckDelay);
    const bool young = !InSilenceFor(kEarlyPtoBackoff, m_ptoAnchor);
    const Duration cap = young ? kMaxEarlyPtoBackoffInterval : kMaxPtoBackoffInterval;
    const Duration limit = std::max(interval, cap);
    for (std::uint32_t i = 0; i < m_ptoCount && interval < limit; ++i) interval *= 2;
    return std::min(interval, limit);
}

void LossDetection::BeginOutcome() {
    m_acked.clear();
    m_spurious.clear();
    m_lost.clear();
    m_probes.clear();
}

void LossDetection::ReserveOutcome() {
    for (auto* packets : {&m_acked, &m_spurious, &m_lost}) packets->reserve(m_packets.Capacity());
    m_probes.reserve(kProbePackets);
}

void LossDetection::ForgetOld(TimePoint now) {
    m_packets.PopResolved(now - kLostRetentionPtos * m_rtt.ProbeTimeout(m_peerMaxAckDelay));
}

void LossDetection::Rest() {
    m_packets.Release();
    for (auto* packets : {&m_acked, &m_spurious, &m_lost, &m_probes}) {
        *packets = std::vector<const SentPacket*>();
    }
}

}  // namespace crsp
