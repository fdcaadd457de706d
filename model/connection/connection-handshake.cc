// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <utility>

#include "model/base/assert.h"
#include "model/connection/connection.h"
#include "model/crypto/sodium.h"

namespace crsp {
namespace {

/// Between Initials, or Finishes (CRSP §4.4); the second follows sooner, as one in a few is lost on
/// a bad path, and only a path longer than that gets it for nothing.
constexpr Duration kFirstInitialInterval = milliseconds(300);
constexpr Duration kInitialInterval = seconds(1);
/// Retries that one attempt answers at once: nobody may keep us sending. The cookies of later ones
/// go out with the next repetition, as cookies expire, and addresses change on the way.
constexpr std::uint32_t kMaxPromptRetries = 8;

/// The lower of two idle timeouts, where zero means none (RFC 9000 §10.1).
Duration EffectiveIdleTimeout(Duration ours, Duration theirs) {
    if (ours == Duration{}) return theirs;
    if (theirs == Duration{}) return ours;
    return std::min(ours, theirs);
}

}  // namespace

Connection::Connection(TimePoint now, const ConnectionSetup& setup,
                       const HandshakeConfig& handshake, const HandshakeGoal& goal)
    : Connection(now, setup, setup.own) {
    m_handshaking = std::make_unique<Handshaking>();
    m_handshaking->initiator.emplace(handshake, goal, setup.own, setup.random);
}

Connection::Connection(TimePoint now, const ConnectionSetup& setup, AnsweredInitial answer)
    : Connection(now, setup, answer.peerId) {
    m_handshaking = std::make_unique<Handshaking>();
    m_handshaking->response = answer.response;
    m_handshaking->pairing = std::move(answer.pairing);
    if (answer.result) TakeKeys(*answer.result);
}

void Connection::TakeKeys(const HandshakeResult& result) {
    m_peer = result.peerId;
    m_resetToken = result.resetToken;
    m_handshaking->connected = {m_handle,    m_side,         Remote(),
                                result.mode, result.peerKey, result.pairingCode};
    m_protection.emplace(result.keys, m_side, result.suite,
                         m_config.aeadLimits.value_or(LimitsOf(result.suite)));
    if (m_keyLog) LogKeys(result);
    m_mtu = PathMtu(std::min<std::size_t>(m_config.maxDatagramSize, result.peer.maxDatagramSize));
    m_recovery.SetPeerMaxAckDelay(result.peer.maxAckDelay);
    m_streams.OnPeerParameters(result.peer);
    m_datagrams.OnPeerParameters(result.peer);
    m_liveness = Liveness(TimePoint{},
                          EffectiveIdleTimeout(m_config.idleTimeout, result.peer.maxIdleTimeout),
                          m_config.keepAlive);
}

void Connection::LogKeys(const HandshakeResult& result) {
    const bool initiator = m_side == Side::kInitiator;
    const ConnectionId initiatorId = initiator ? m_own : m_peer;
    const ConnectionId responderId = initiator ? m_peer : m_own;
    m_keyLog({Side::kInitiator, initiatorId, responderId, result.suite,
              result.keys.initiatorToResponder});
    m_keyLog({Side::kResponder, initiatorId, initiatorId, result.suite,
              result.keys.responderToInitiator});
}

void Connection::Establish(TimePoint now, bool firstPacket) {
    m_state = State::kEstablished;
    m_timers.StopAll();
    // Only an unrepeated question and its first answer tell the round trip (Karn).
    if (m_handshaking->sends == 1 && firstPacket) {
        m_recovery.SeedRtt(now, now - m_handshaking->sentAt);
    }
    m_keyUpdate.OnPhase(now, m_recovery.NextPacketNumber(), Duration{});
    StartCongestionControl(now);
    m_stats.handshakeDuration = now - m_begunAt;
    TraceEcn(now);
    m_liveness.OnPacketReceived(now);
    NoteActive(now);
    // The responder learns from our first Data packet that the handshake is complete.
    m_pingPending = m_side == Side::kInitiator;
    m_events.Push(m_handshaking->connected);
    TraceMetrics(now);
    const bool finishes = m_handshaking->initiator && m_handshaking->initiator->Finish().length > 0;
    if (!finishes) return m_handshaking.reset();
    m_handshaking->pending = true;
    m_handshaking->sends = 0;
}

void Connection::OnPeerFinished() {
    m_timers.Stop(Timer::kHandshake);
    m_handshaking.reset();
}

bool Connection::OnResponse(TimePoint now, ConstByteSpan datagram) {
    if (m_side != Side::kInitiator) return false;
    if (m_state != State::kConnecting) return true;
    const auto result = m_handshaking->initiator->OnResponse(datagram);
    if (!result) {
        Abandon(now, result.error().code, result.error().reason);
        return true;
    }
    if (!*result) return false;
    TakeKeys(**result);
    Establish(now, true);
    return true;
}

bool Connection::OnFinish(TimePoint now, ConstByteSpan datagram) {
    if (m_state != State::kAwaitingData) return true;  // it has come again
    if (!m_handshaking->pairing) return false;
    const auto result = m_handshaking->pairing->OnFinish(datagram);
    if (!result) return false;
    TakeKeys(*result);
    // A Finish is repeated by its own clock: it does not tell the round trip.
    Establish(now, false);
    return true;
}

void Connection::OnRetry(TimePoint now, const Mac& cookie) {
    if (m_state != State::kConnecting) return;
    if (std::exchange(m_handshaking->cookie, cookie) == cookie) return;  // come twice
    m_handshaking->initiator->OnRetry(cookie);
    if (m_handshaking->retries < kMaxPromptRetries) {
        ++m_handshaking->retries;
        m_handshaking->pending = true;
        m_handshaking->sends = 0;
    }
    m_trace.Emit(now, trace::PacketReceived{"retry", 0, kRetryLength, "handshake"});
}

void Connection::OnRepeatedInitial() {
    if (m_state == State::kAwaitingData) m_handshaking->pending = true;
}

bool Connection::OnReset(TimePoint now, const ResetToken& token) {
    if (!m_resetToken || !ConstantTimeEqual(*m_resetToken, token)) return false;
    if (m_state == State::kEstablished) {
        EndSilently(now, ClosedEvent{m_handle, TransportErrorCode::kStatelessReset, 0,
                                     "the peer does not know the connection any more", true});
    }
    return true;
}

void Connection::OnVersionNegotiation(TimePoint now, std::uint32_t version) {
    if (m_state != State::kConnecting || version == kProtocolVersion) return;
    // Nothing protects this packet: one that was altered on its way must not end the attempt.
    if (std::exchange(m_handshaking->otherVersion, version) != version) return;
    Abandon(now, TransportErrorCode::kVersionMismatch, "the peer speaks another version");
}

void Connection::SetHandshakeTimer(TimePoint now) {
    const bool first = m_handshaking->sends == 0;
    m_timers.Set(Timer::kHandshake, now + (first ? kFirstInitialInterval : kInitialInterval));
}

std::size_t Connection::WriteInitial(TimePoint now, ByteSpan out) {
    if (!m_handshaking->pending) return 0;
    SetHandshakeTimer(now);
    return WriteHandshake(now, m_handshaking->initiator->Initial(), "initial", out);
}

std::size_t Connection::WriteResponse(TimePoint now, ByteSpan out) {
    if (!m_handshaking->pending) return 0;
    return WriteHandshake(now, m_handshaking->response.View(), "response", out);
}

std::size_t Connection::WriteFinish(TimePoint now, ByteSpan out) {
    SetHandshakeTimer(now);
    return WriteHandshake(now, m_handshaking->initiator->Finish().View(), "finish", out);
}

std::size_t Connection::WriteHandshake(TimePoint now, ConstByteSpan datagram, std::string_view type,
                                       ByteSpan out) {
    m_handshaking->pending = false;
    ++m_handshaking->sends;
    m_handshaking->sentAt = now;
    ++m_stats.handshakePacketsSent;
    std::copy(datagram.begin(), datagram.end(), out.begin());
    m_trace.Emit(now, trace::PacketSent{type, 0, datagram.size(), true, "handshake"});
    return datagram.size();
}

bool Connection::OpenPacket(TimePoint now, const DataHeader& header, ByteSpan datagram) {
    using Opened = PacketProtection::Opened;
    const auto opened =
        m_protection->Open(header.number, header.oddPhase, datagram.first(kDataHeaderLength),
                           datagram.subspan(kDataHeaderLength), m_keyUpdate.PeerMay(now));
    if (opened == Opened::kNextPhase) OnKeyPhase(now);
    if (opened == Opened::kNextPhase || opened == Opened::kFollowed) {
        m_timers.Set(Timer::kOldKeys, now + KeyHold());
    }
    return opened != Opened::kNo;
}

void Connection::UpdateKeys(TimePoint now) {
    if (!m_protection->CanUpdate() || !m_keyUpdate.Due(now, m_protection->Sealed())) return;
    m_protection->Update();
    OnKeyPhase(now);
}

void Connection::OnKeyPhase(TimePoint now) {
    ++m_stats.keyUpdates;
    m_keyUpdate.OnPhase(now, m_recovery.NextPacketNumber(), KeyHold());
}

Duration Connection::KeyHold() const {
    return kKeyUpdateProbeTimeouts * m_recovery.Rtt().ProbeTimeout(m_config.maxAckDelay);
}

}  // namespace crsp
