// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/overloaded.h"
#include "model/base/planted.h"
#include "model/connection/connection.h"
#include "model/wire/frame-codec.h"

namespace crsp {

bool Connection::OnData(TimePoint now, const DataHeader& header, const Datagram& arrived) {
    if (!m_protection) return false;
    const PacketNumber number = header.number;
    const ByteSpan datagram = arrived.payload;
    const auto sealed = datagram.subspan(kDataHeaderLength);
    if (!OpenPacket(now, header, datagram)) {
        ++m_stats.packetsUnopened;
        if (CRSP_PLANTED(kUnopenedAcknowledged)) m_acks.OnPacketReceived(now, number, true);
        m_trace.Emit(now, trace::PacketDropped{"payload_decrypt_error", datagram.size()});
        if (m_protection->OpenLimitReached() && m_state == State::kEstablished) {
            Abandon(now, TransportErrorCode::kAeadLimitReached, "too many forged packets");
        }
        return false;
    }
    if (m_state == State::kAwaitingData) Establish(now, number == 0);
    if (m_handshaking) OnPeerFinished();
    if (m_state == State::kClosing) m_closing.OnPacketReceived();
    if (m_state != State::kEstablished) return true;
    ++m_stats.packetsReceived;
    m_stats.bytesReceived += datagram.size();
    if (m_acks.IsDuplicate(number) && !CRSP_PLANTED(kDuplicateDelivered)) {
        ++m_stats.packetsDuplicate;
        m_trace.Emit(now, trace::PacketDropped{"duplicate", datagram.size()});
        return true;
    }
    m_liveness.OnPacketReceived(now);
    NoteActive(now);
    m_streams.OnPath(ViewOfPath(now));
    m_path.OnPacket(arrived.source, datagram.size());
    OnPayload(now, number, arrived, sealed.first(sealed.size() - kAeadTagLength));
    if (m_liveness.HeardInVain(now, m_recovery.PtoCount() > 0) && m_state == State::kEstablished) {
        Abandon(now, TransportErrorCode::kIdleTimeout, "the peer acknowledges nothing");
    }
    DeliverStreamEvents();
    return true;
}

void Connection::OnPayload(TimePoint now, PacketNumber number, const Datagram& arrived,
                           ConstByteSpan payload) {
    ByteReader in(payload);
    PacketContents contents{.ecn = arrived.ecn};
    m_trace.Begin();
    if (in.Empty()) {
        return CloseWith(now, {TransportErrorCode::kProtocolViolation, "packet without a frame"});
    }
    for (std::size_t count = 0; !in.Empty() && m_state == State::kEstablished; ++count) {
        if (count == kMaxFramesReceived) {
            return CloseWith(now, {TransportErrorCode::kProtocolViolation, "too many frames"});
        }
        const auto frame = DecodeFrame(in);
        if (!frame) return CloseWith(now, frame.error());
        m_trace.Add(*frame);
        contents.ackEliciting |= IsAckEliciting(*frame);
        contents.probing &= IsProbing(*frame);
        const auto outcome = OnFrame(now, *frame);
        if (!outcome) return CloseWith(now, outcome.error());
        contents.asksForAck |= std::holds_alternative<ImmediateAckFrame>(*frame);
        contents.refused |= *outcome == FrameOutcome::kRefused;
    }
    if (m_trace.OfPackets()) {
        m_trace.Emit(now, trace::PacketReceived{"data", number, arrived.payload.size(),
                                                m_trace.Names(), m_trace.Parts()});
    }
    OnPacket(now, number, contents);
}

void Connection::OnPacket(TimePoint now, PacketNumber number, const PacketContents& contents) {
    const bool newest = m_acks.IsNewest(number);
    if (!newest) ++m_stats.packetsReordered;
    if (!contents.probing && newest) {
        m_path.OnPeerSeen(now, m_recovery.Rtt().ProbeTimeout(Duration{}));
    }
    // What was refused must come again, so its packet counts as not received.
    if (contents.refused) return m_acks.OnPacketRefused(number);
    if (m_recovery.Rtt().HasSample()) m_acks.SetRoundTrip(m_recovery.Rtt().Smoothed());
    m_acks.OnPacketReceived(now, number, contents.ackEliciting, contents.ecn);
    if (contents.asksForAck) m_acks.OnDeadline();
}

FrameResult Connection::OnFrame(TimePoint now, const Frame& frame) {
    return std::visit(
        Overloaded{
            [](const PaddingFrame&) -> FrameResult { return FrameOutcome::kAccepted; },
            [](const PingFrame&) -> FrameResult { return FrameOutcome::kAccepted; },
            [](const ImmediateAckFrame&) -> FrameResult { return FrameOutcome::kAccepted; },
            [&](const AckFrame& ack) { return OnAck(now, ack); },
            [&](const ConnectionCloseFrame& close) -> FrameResult {
                OnPeerClose(now, close);
                return FrameOutcome::kAccepted;
            },
            [&](const PathChallengeFrame& challenge) -> FrameResult {
                m_path.OnFrame(challenge);
                return FrameOutcome::kAccepted;
            },
            [&](const PathResponseFrame& response) -> FrameResult {
                if (const auto change = m_path.OnFrame(now, response)) OnPathChanged(now, *change);
                return FrameOutcome::kAccepted;
            },
            [&](const StreamFrame& stream) {
                if (stream.stream != kControlStream) m_liveness.OnDataReceived(now);
                return m_streams.OnFrame(stream);
            },
            [&](const DataBlockedFrame& blocked) {
                ++m_stats.blockedReceived;
                return m_streams.OnFrame(blocked);
            },
            [&](const StreamDataBlockedFrame& blocked) {
                ++m_stats.blockedReceived;
                return m_streams.OnFrame(blocked);
            },
            [&](const DatagramFrame& datagram) {
                return m_datagrams.OnFrame(datagram).map([] { return FrameOutcome::kAccepted; });
            },
            [&](const auto& streamRelated) { return m_streams.OnFrame(streamRelated); },
        },
        frame);
}

FrameResult Connection::OnAck(TimePoint now, const AckFrame& frame) {
    const auto outcome = m_recovery.OnAckReceived(now, frame, m_appLimited);
    if (!outcome) return Fail(outcome.error());
    if (!outcome->acked.empty()) m_blackout = false;
    ++m_stats.ackFramesReceived;
    m_stats.ackRangesReceived += frame.rangeCount + 1;
    m_trace.Acked(now, outcome->spurious, outcome->acked);
    for (const auto* packet : outcome->spurious) OnFramesAcked(*packet);
    if (outcome->spuriousLoss) {
        ++m_stats.spuriousCongestionEvents;
        m_congestion->OnSpuriousLoss(*outcome->spuriousLoss);
    }
    OnPacketsLost(now, outcome->lost, outcome->loss);
    for (const auto* packet : outcome->acked) OnPacketAcked(now, *packet);
    OnEcn(now, frame, *outcome);
    if (outcome->ack) OnAckEvent(*outcome->ack);
    m_pacer.SetRate(now, m_congestion->PacingRate(m_recovery.Rtt()));
    if (outcome->ack || outcome->loss || outcome->spuriousLoss) TraceMetrics(now);
    return CheckBreaker(now, outcome->acked, outcome->lost, outcome->spurious).map([] {
        return FrameOutcome::kAccepted;
    });
}

void Connection::OnAckEvent(const AckEvent& event) {
    m_stats.bytesAcked += event.ackedBytes;
    if (event.rate && event.rate->rate > 0) m_stats.deliveryRate = event.rate->rate;
    m_congestion->OnAck(event);
}

void Connection::OnPacketAcked(TimePoint now, const SentPacket& packet) {
    ++m_stats.packetsAcked;
    m_keyUpdate.OnPacketAcked(packet.number);
    OnFramesAcked(packet);
    m_mtu.OnAcked(packet.bytes);
    if (packet.mtuProbe && m_mtu.OnProbeAcked(now, packet.bytes)) OnDatagramSize(now);
}

void Connection::OnPeerClose(TimePoint now, const ConnectionCloseFrame& frame) {
    m_state = State::kDraining;
    m_timers.StopAll();
    m_timers.Set(Timer::kClosingEnd, now + 3 * m_recovery.Rtt().ProbeTimeout(Duration{}));
    ClosedEvent event{m_handle, static_cast<TransportErrorCode>(frame.code), 0,
                      std::string(frame.reason), true};
    if (frame.application) {
        event.code =
            frame.code == 0 ? TransportErrorCode::kNoError : TransportErrorCode::kApplicationError;
        event.applicationCode = frame.code;
    }
    ReportClosed(now, std::move(event));
}

}  // namespace crsp
