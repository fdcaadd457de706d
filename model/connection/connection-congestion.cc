// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "model/connection/connection.h"

namespace crsp {
namespace {

bool CarriesData(const SentPacket* packet) {
    const auto frames = packet->frames.View();
    return std::any_of(frames.begin(), frames.end(), [](const SentFrame& frame) {
        return std::holds_alternative<SentStream>(frame) ||
               std::holds_alternative<SentDatagram>(frame);
    });
}

/// What carries no data says nothing here: whoever only receives may lose ACKs and grants of
/// credit, and must not end what flows the other way for it.
std::uint64_t DataPacketsOf(SentPacketRefs packets) {
    return static_cast<std::uint64_t>(std::count_if(packets.begin(), packets.end(), CarriesData));
}

}  // namespace

void Connection::OnEcn(TimePoint now, const AckFrame& frame, const AckOutcome& outcome) {
    const std::uint64_t marked = m_ecn.OnAck(frame, outcome.acked, outcome.spurious);
    TraceEcn(now);
    if (marked == 0 || outcome.acked.empty()) return;
    const SentPacket& newest = *outcome.acked.back();
    m_congestion->OnEcnCe({.now = now,
                           .newest = &newest,
                           .marked = marked,
                           .bytesInFlight = m_recovery.BytesInFlight()});
    if (NoteCongestion(now, newest.sentAt)) ++m_stats.congestionEventsByEcn;
}

bool Connection::NoteCongestion(TimePoint now, TimePoint sentAt) {
    if (m_congestionSince && sentAt <= *m_congestionSince) return false;
    m_congestionSince = now;
    ++m_stats.congestionEvents;
    return true;
}

void Connection::CountLost(const SentPacket& packet) {
    m_stats.bytesLost += packet.bytes;
    switch (packet.lossTrigger) {
        case LossTrigger::kReorderingThreshold:
            ++m_stats.packetsLostByReordering;
            break;
        case LossTrigger::kTimeThreshold:
            ++m_stats.packetsLostByTime;
            break;
        case LossTrigger::kPathChange:
            ++m_stats.packetsLostByPathChange;
            break;
    }
}

Expected<void, TransportError> Connection::CheckBreaker(TimePoint now, SentPacketRefs acked,
                                                        SentPacketRefs lost,
                                                        SentPacketRefs spurious) {
    const bool small = m_congestion->CongestionWindow() <= kBreakerWindowPackets * DatagramSize();
    const std::uint32_t before = m_breaker.BadPeriods();
    const auto period = m_breaker.OnFates(now, DataPacketsOf(acked), DataPacketsOf(lost),
                                          DataPacketsOf(spurious), small);
    if (!period || (!period->bad && before == 0)) return {};
    m_trace.Emit(
        now, trace::CircuitBreakerUpdated{m_breaker.BadPeriods(), period->packets, period->lost});
    if (!m_breaker.Tripped()) return {};
    return Fail(TransportError{TransportErrorCode::kCongested,
                               "the path keeps losing a fifth of next to nothing"});
}

void Connection::TraceEcn(TimePoint now) {
    if (m_ecn.State() == m_ecnTraced) return;
    m_ecnTraced = m_ecn.State();
    m_trace.Emit(now, trace::EcnStateUpdated{ToString(m_ecnTraced)});
}

}  // namespace crsp
