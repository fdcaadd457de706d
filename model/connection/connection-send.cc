// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <limits>

#include "model/base/assert.h"
#include "model/base/overloaded.h"
#include "model/base/planted.h"
#include "model/connection/connection.h"

namespace crsp {
namespace {

/// A side that only acknowledges asks for an ACK of its own this often, so that neither end keeps
/// records for ever (RFC 9000 §13.2.4).
constexpr std::uint32_t kMaxBareAcks = 64;

/// As in qlog.
std::string_view NameOf(LossTrigger trigger) {
    switch (trigger) {
        case LossTrigger::kReorderingThreshold:
            return "reordering_threshold";
        case LossTrigger::kTimeThreshold:
            return "time_threshold";
        case LossTrigger::kPathChange:
            return "path_change";
    }
    return "";
}

}  // namespace

std::size_t Connection::WriteDatagram(TimePoint now, ByteSpan out) {
    CRSP_ASSERT(out.size() >= DatagramSize());
    switch (m_state) {
        case State::kConnecting:
            return WriteInitial(now, out);
        case State::kAwaitingData:
            return WriteResponse(now, out);
        case State::kEstablished:
            if (m_handshaking && m_handshaking->pending) return WriteFinish(now, out);
            return WriteData(now, out);
        case State::kClosing:
            return WriteClose(now, out);
        case State::kDraining:
        case State::kGone:
            return 0;
    }
    return 0;
}

std::size_t Connection::WriteData(TimePoint now, ByteSpan out) {
    UpdateKeys(now);
    if (m_protection->SealLimitReached()) {
        CloseWith(now, {TransportErrorCode::kAeadLimitReached, "packet limit of the key reached"});
        return WriteClose(now, out);
    }
    if (m_recovery.Packets().Exhausted()) {
        CloseWith(now, {TransportErrorCode::kProtocolViolation, "too little is acknowledged"});
        return WriteClose(now, out);
    }
    const bool mayData = WantsToSendData() && (m_probes > 0 || MaySendData(now));
    if (!mayData && !m_acks.Due() && !m_path.ResponseDue()) return 0;
    PacketBuilder packet(
        out.subspan(kDataHeaderLength, DatagramSize() - kDataHeaderLength - kAeadTagLength));
    FillPacket(now, packet, mayData);
    if (packet.Empty()) return 0;
    const std::size_t length = SealPacket(m_recovery.NextPacketNumber(), out, packet.Length());
    NoteSent(now, packet, length);
    return length;
}

Transmit Connection::WriteSolitary(TimePoint now, ByteSpan out) {
    if (m_state != State::kEstablished || m_protection->SealLimitReached()) return {};
    if (m_recovery.Packets().Exhausted()) return {};
    const auto elsewhere = WriteElsewhere(now, out);
    return elsewhere.size > 0 ? elsewhere : WriteMtuProbe(now, out);
}

Transmit Connection::WriteElsewhere(TimePoint now, ByteSpan out) {
    if (!m_path.WantsElsewhere()) return {};
    PacketBuilder packet(
        out.subspan(kDataHeaderLength, DatagramSize() - kDataHeaderLength - kAeadTagLength));
    const auto to = m_path.WriteElsewhere(now, packet);
    if (!to) return {};
    // Neither waited for nor counted as in flight: the path sees to its own repeats.
    ++m_stats.pathPacketsSent;
    return SendAlone(now, *to, packet, {.elsewhere = true}, out);
}

Transmit Connection::WriteMtuProbe(TimePoint now, ByteSpan out) {
    // While nothing comes through, a probe would tell nothing.
    const auto size = m_mtu.ProbeDue(now);
    if (!size || m_recovery.PtoCount() > 0 || m_recovery.Packets().Full()) return {};
    if (out.size() < *size) return {};
    const std::size_t payload = *size - kDataHeaderLength - kAeadTagLength;
    PacketBuilder packet(out.subspan(kDataHeaderLength, payload));
    packet.WritePing();
    packet.PadTo(payload);
    m_mtu.OnProbeSent(*size);
    m_liveness.OnAckElicitingSent(now);
    ++m_stats.mtuProbesSent;
    return SendAlone(now, Remote(), packet, {.ackEliciting = true, .mtuProbe = true}, out);
}

Transmit Connection::SendAlone(TimePoint now, const SocketAddress& to, const PacketBuilder& packet,
                               SentPacket record, ByteSpan out) {
    record.number = m_recovery.NextPacketNumber();
    record.sentAt = now;
    record.frames = packet.Frames();
    const std::size_t length = SealPacket(record.number, out, packet.Length());
    record.bytes = static_cast<std::uint32_t>(length);
    m_recovery.OnPacketSent(record);
    TraceSent(now, record.number, packet, length);
    return {.destination = to, .size = length, .segmentSize = length};
}

std::size_t Connection::WriteClose(TimePoint now, ByteSpan out) {
    if (!m_closing.Pending() || !m_protection->CanSeal()) return 0;
    PacketBuilder packet(
        out.subspan(kDataHeaderLength, DatagramSize() - kDataHeaderLength - kAeadTagLength));
    packet.Write(m_closing.Frame());
    m_closing.OnSent();
    // Loss recovery is over, and its records may be full: that can be why we close.
    const PacketNumber number = CRSP_PLANTED(kNumberReused) ? m_closeNumber : m_closeNumber++;
    const std::size_t length = SealPacket(number, out, packet.Length());
    m_trace.Emit(now, trace::PacketSent{"data", number, length, false, "connection_close"});
    return length;
}

bool Connection::WantsToSendData() const {
    return m_streams.WantsToSend() || m_datagrams.WantsToSend() || m_pingPending || m_probes > 0;
}

bool Connection::MaySendData(TimePoint now) {
    if (m_blackout || m_recovery.Packets().Full()) return false;
    if (m_recovery.BytesInFlight() + DatagramSize() > m_congestion->CongestionWindow()) {
        m_appLimited = false;
        ++m_stats.windowLimited;
        return false;
    }
    if (m_pacer.CanSend(now, DatagramSize())) return true;
    m_appLimited = false;
    ++m_stats.pacingLimited;
    m_timers.Set(Timer::kPacing, m_pacer.WakeUpTime());
    return false;
}

void Connection::FillPacket(TimePoint now, PacketBuilder& packet, bool mayData) {
    m_path.WriteFrames(packet);
    if (mayData && m_datagrams.PassedOver()) m_datagrams.WriteFrames(packet);
    m_acks.WriteFrames(now, packet);
    const bool bareForLong = m_bareAcks >= kMaxBareAcks;
    if (mayData && !m_blackout) {
        m_streams.OnPath(ViewOfPath(now));
        m_streams.WriteFrames(packet);
        m_datagrams.WriteFrames(packet);
        m_appLimited = !m_streams.WantsToSend() && !m_datagrams.WantsToSend();
    }
    if (!packet.AckEliciting() && (mayData || bareForLong)) {
        packet.WritePing();
        packet.PadTo(kPathFrameLength);
    }
}

// About once in a window, so that a peer that acknowledges what it has not received is found out
// before that has doubled what we send; and never where it can tell.
void Connection::CountToSkip() {
    if (--m_untilSkip > 0) return;
    m_recovery.SkipPacketNumber();
    m_untilSkip =
        1 + m_random.Below(2 * std::max<std::uint64_t>(kFirstSkip, m_recovery.Packets().Size()));
}

std::size_t Connection::SealPacket(PacketNumber number, ByteSpan out, std::size_t payloadLength) {
    EncodePacketHeader(out, DataHeader{m_peer, number, m_protection->OddPhase()});
    m_protection->Seal(number, out.first(kDataHeaderLength),
                       out.subspan(kDataHeaderLength, payloadLength + kAeadTagLength));
    const std::size_t length = kDataHeaderLength + payloadLength + kAeadTagLength;
    ++m_stats.packetsSent;
    m_stats.bytesSent += length;
    return length;
}

void Connection::NoteSent(TimePoint now, const PacketBuilder& packet, std::size_t length) {
    const bool eliciting = packet.AckEliciting();
    const PacketNumber number = m_recovery.NextPacketNumber();
    NoteActive(now);
    m_recovery.OnPacketSent({.number = number,
                             .sentAt = now,
                             .bytes = static_cast<std::uint32_t>(length),
                             .ackEliciting = eliciting,
                             .inFlight = eliciting,
                             .marked = IsEcnCapable(m_ecn.Mark()),
                             .frames = packet.Frames()});
    CountToSkip();
    m_ecn.OnPacketSent();
    TraceEcn(now);
    if (eliciting) {
        ++m_stats.ackElicitingSent;
        CountBlocked(packet.Frames());
        m_congestion->OnPacketSent(now, length, m_recovery.BytesInFlight());
        m_pacer.OnSent(now, length);
        m_liveness.OnAckElicitingSent(now);
        m_pingPending = false;
        m_bareAcks = 0;
        if (m_probes > 0) {
            --m_probes;
            ++m_stats.probesSent;
        }
        if (m_appLimited) {
            ++m_stats.appLimitedSent;
            m_recovery.OnAppLimited();
        }
    } else {
        ++m_stats.acksSent;
        ++m_bareAcks;
    }
    TraceSent(now, number, packet, length);
}

void Connection::CountBlocked(const SentFrameList& frames) {
    for (const auto& frame : frames.View()) {
        m_stats.blockedSent += std::holds_alternative<SentDataBlocked>(frame) ||
                               std::holds_alternative<SentStreamDataBlocked>(frame);
    }
}

void Connection::TraceSent(TimePoint now, PacketNumber number, const PacketBuilder& packet,
                           std::size_t length) {
    if (!m_trace.OfPackets()) return;
    m_trace.Begin();
    m_trace.Add(packet.Frames());
    m_trace.Emit(now, trace::PacketSent{"data", number, length, packet.AckEliciting(),
                                        m_trace.Names(), m_trace.Parts()});
}

void Connection::OnFramesAcked(const SentPacket& packet) {
    const auto dispatch = Overloaded{
        [&](const SentAck& ack) { m_acks.OnFrameAcked(ack); },
        [](const SentPing&) {},
        [](const SentImmediateAck&) {},
        [](const SentPathChallenge&) {},
        [](const SentPathResponse&) {},
        [&](const SentDatagram& datagram) { m_datagrams.OnFrameAcked(datagram); },
        [&](const auto& streamRelated) { m_streams.OnFrameAcked(streamRelated); },
    };
    for (const auto& frame : packet.frames.View()) std::visit(dispatch, frame);
}

void Connection::OnFramesLost(const SentPacket& packet) {
    const auto dispatch = Overloaded{
        [](const SentAck&) {},
        [](const SentPing&) {},
        [](const SentImmediateAck&) {},
        [](const SentPathChallenge&) {},
        [](const SentPathResponse&) {},
        [&](const SentDatagram& datagram) { m_datagrams.OnFrameLost(datagram); },
        [&](const auto& streamRelated) { m_streams.OnFrameLost(streamRelated); },
    };
    for (const auto& frame : packet.frames.View()) std::visit(dispatch, frame);
}

void Connection::OnPacketsLost(TimePoint now, SentPacketRefs packets,
                               const std::optional<LossEvent>& loss) {
    std::size_t smallest = std::numeric_limits<std::size_t>::max();
    m_ecn.OnLost(packets);
    for (const auto* packet : packets) {
        OnFramesLost(*packet);
        CountLost(*packet);
        if (packet->mtuProbe) m_mtu.OnProbeLost(now, packet->bytes);
        if (packet->inFlight) smallest = std::min<std::size_t>(smallest, packet->bytes);
        m_trace.Emit(now, trace::PacketLost{packet->number, NameOf(packet->lossTrigger)});
    }
    if (!loss) return;
    if (m_mtu.OnLost(smallest)) OnDatagramSize(now);
    m_congestion->OnLost(*loss);
    NoteCongestion(now, loss->lastSentAt);
    m_pacer.SetRate(now, m_congestion->PacingRate(m_recovery.Rtt()));
    if (loss->persistentCongestion) ++m_stats.persistentCongestions;
}

}  // namespace crsp
