// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <utility>

#include "model/base/assert.h"
#include "model/connection/endpoint-impl.h"

namespace crsp {
namespace {

/// Packets without a connection that wait to be sent, at most; no more is answered.
constexpr std::size_t kMaxPendingReplies = 256;
/// Resets to one source in a second, and in a row (CRSP §3.11).
constexpr std::uint32_t kResetsPerSource = 100;
constexpr std::uint32_t kResetSourceBurst = 100;
/// To all ports of one host, or of one customer's network.
constexpr std::uint32_t kResetsPerHost = 1'000;
constexpr std::uint32_t kResetHostBurst = 500;
/// And to all. It is high, so that who sends packets from addresses that are not his would need a
/// multiple of it to keep Resets from others: a Reset is cheap, and shorter than its cause.
constexpr std::uint32_t kResetsPerSecond = 10'000;
constexpr std::uint32_t kResetBurst = 1'000;
/// Version negotiations in a second, and in a row (CRSP §3.7).
constexpr std::uint32_t kVersionsPerSecond = 100;
constexpr std::uint32_t kVersionBurst = 100;
/// Half-open connections, beyond which initiators must prove their address whatever the mode.
constexpr std::size_t kHalfOpenWithoutCookie = 64;

constexpr std::string_view kResetLabel = "CRSP1 reset";

Attempt AttemptOf(const Datagram& initial, const InitialHeader& header) {
    return {initial.source, header.source, Mac1Of(initial.payload)};
}

/// A peer of this mode has proved a secret once its Initial verifies.
bool ProvesSecret(std::uint8_t mode) {
    const auto known = static_cast<HandshakeMode>(mode);
    return known == HandshakeMode::kKeyed || known == HandshakeMode::kPreSharedKey;
}

}  // namespace

void Endpoint::Impl::PrepareHandshakes() {
    CRSP_ASSERT(!m_config.pairing || m_config.identity);
    std::optional<PeerKey> own;
    if (m_config.identity) own = m_config.identity->publicKey;
    m_mac1Key = Mac1KeyOf(m_handshake.Mode(), own, m_handshake.psk);
    m_pairingMac1Key = Mac1KeyOf(HandshakeMode::kPairing, own, m_handshake.psk);
    SecretKey secret;
    m_random.Fill(secret.Bytes());
    m_resetKey =
        DeriveKey(m_config.secret ? ConstByteSpan(*m_config.secret) : ConstByteSpan(secret.Bytes()),
                  kResetLabel);
    m_peers = {m_config.peers.begin(), m_config.peers.end()};
}

void Endpoint::Impl::OnInitial(TimePoint now, const Datagram& datagram,
                               const InitialHeader& header) {
    if (datagram.payload.size() < kMinDatagramSize) {
        ++m_stats.droppedInitialTooSmall;
        return;
    }
    if (header.version != kProtocolVersion) {
        ++m_stats.droppedVersion;
        if (m_config.acceptConnections && m_versions.Take(now, kVersionsPerSecond, kVersionBurst)) {
            QueueReply({datagram.source, VersionNegotiationHeader{header.source}});
        }
        return;
    }
    // Our own that somebody has sent back: under a shared secret we would answer it, and end up
    // connected to ourselves.
    if (m_connections.FindById(header.source)) {
        ++m_stats.droppedAuthentication;
        return;
    }
    const auto mode = static_cast<HandshakeMode>(header.mode);
    const SecretKey& key = mode == HandshakeMode::kPairing ? m_pairingMac1Key : m_mac1Key;
    if (!m_handshake.Takes(mode) || !VerifyMac1(datagram.payload, key)) {
        ++m_stats.droppedAuthentication;
        return;
    }
    const Attempt attempt = AttemptOf(datagram, header);
    if (auto* known = m_connections.FindByAttempt(attempt)) {
        known->connection->OnRepeatedInitial();
        return Touch(*known);
    }
    // A NAT may have forgotten a peer between two repetitions of its Initial. A Response of its own
    // for each address makes sure that whoever confirms it is at that one.
    const bool elsewhere = m_connections.HalfOpenOf(attempt).count > 0;
    if (PassesGate(now, datagram, header, elsewhere)) Accept(now, datagram, header, elsewhere);
}

bool Endpoint::Impl::HasRoomFor(const Datagram& datagram, HandshakeMode mode) {
    if (!m_config.acceptConnections) return false;
    if (m_connections.Size() >= m_config.maxConnections && !m_connections.OldestEnded()) {
        return false;
    }
    if (mode == HandshakeMode::kKeyed) return true;
    if (m_connections.HalfOpenTooManyFrom(datagram.source)) return false;
    return mode != HandshakeMode::kPairing || m_connections.MayPair(datagram.source);
}

bool Endpoint::Impl::PassesGate(TimePoint now, const Datagram& datagram,
                                const InitialHeader& header, bool elsewhere) {
    const bool room = HasRoomFor(datagram, static_cast<HandshakeMode>(header.mode));
    // What has come before from another address proves nothing any more: who captured it may send
    // it.
    const bool retry = !ProvesSecret(header.mode) || elsewhere ||
                       m_connections.HalfOpen() >= kHalfOpenWithoutCookie;
    auto verdict = HandshakeGate::Verdict::kDrop;
    if (room) verdict = m_gate.Judge(now, datagram.source, header, datagram.payload, retry);
    if (verdict == HandshakeGate::Verdict::kRetry) {
        ++m_stats.retriesSent;
        const auto cookie = m_gate.CookieOf(now, datagram.source, header, datagram.payload);
        QueueReply({datagram.source, RetryHeader{header.source, cookie}});
    }
    if (verdict == HandshakeGate::Verdict::kDrop) ++m_stats.droppedInitialRefused;
    return verdict == HandshakeGate::Verdict::kProceed;
}

std::optional<ReceivedInitial> Endpoint::Impl::ReadInitial(TimePoint now, const Datagram& datagram,
                                                           const InitialHeader& header,
                                                           bool elsewhere) {
    const auto known = [this](const PeerKey& key) { return m_peers.count(key) > 0; };
    auto initial = ReceivedInitial::Read(m_handshake, header, datagram.payload, known, m_random);
    const bool fresh =
        static_cast<HandshakeMode>(header.mode) == HandshakeMode::kKeyed && !elsewhere;
    if (initial && fresh && !m_replays.Accept(now, *initial->Peer(), initial->Timestamp())) {
        return std::nullopt;
    }
    return initial;
}

bool Endpoint::Impl::MakeRoom(const Attempt& attempt, const std::optional<PeerKey>& peer,
                              bool elsewhere) {
    const auto copies = m_connections.HalfOpenOf(attempt);
    ConnectionTable::Slot* gives = peer ? m_connections.HalfOpenTooManyOf(*peer) : nullptr;
    if (!gives && m_connections.HalfOpen() >= kMaxHalfOpen) gives = m_connections.OldestHalfOpen();
    if (copies.count >= kMaxHalfOpenPerAttempt) {
        gives = copies.newest;
    } else if (elsewhere && gives) {
        return false;  // nobody else's handshake gives way to a copy
    }
    if (gives) Remove(gives->handle);
    if (m_connections.Size() < m_config.maxConnections) return true;
    const ConnectionTable::Slot* ended = m_connections.OldestEnded();
    if (ended) Remove(ended->handle);
    return ended != nullptr;
}

void Endpoint::Impl::Accept(TimePoint now, const Datagram& datagram, const InitialHeader& header,
                            bool elsewhere) {
    auto initial = ReadInitial(now, datagram, header, elsewhere);
    const auto peer = initial ? initial->Peer() : std::nullopt;
    const Attempt attempt = AttemptOf(datagram, header);
    if (!initial || !MakeRoom(attempt, peer, elsewhere)) {
        ++m_stats.droppedAuthentication;
        return;
    }
    const ConnectionSetup setup = MakeSetup(Side::kResponder, datagram.source);
    auto answer = initial->Answer(setup.own, ResetTokenOf(setup.own));
    if (!answer) {
        ++m_stats.droppedAuthentication;
        return;
    }
    const auto mode = static_cast<HandshakeMode>(header.mode);
    ++m_stats.handshakesStarted;
    m_stats.pairingsStarted += mode == HandshakeMode::kPairing;
    auto& slot = m_connections.AddHalfOpen(
        setup.handle, std::make_unique<Connection>(now, setup, std::move(*answer)), mode, attempt);
    slot.peer = peer;
    Touch(slot);
}

ConnectionTable::Slot* Endpoint::Impl::SlotOf(ConnectionId destination) {
    auto* slot = m_connections.FindById(destination);
    if (!slot) ++m_stats.droppedUnknownConnection;
    return slot;
}

void Endpoint::Impl::OnResponse(TimePoint now, const Datagram& datagram, ConnectionId destination) {
    auto* slot = SlotOf(destination);
    if (!slot) return;
    if (!slot->connection->OnResponse(now, datagram.payload)) {
        ++m_stats.droppedAuthentication;
        return;
    }
    m_connections.OnPeerIdKnown(*slot);
    Touch(*slot);
}

void Endpoint::Impl::OnVersionNegotiation(TimePoint now, const VersionNegotiationHeader& header) {
    auto* slot = SlotOf(header.destination);
    if (!slot) return;
    slot->connection->OnVersionNegotiation(now, header.version);
    Touch(*slot);
}

void Endpoint::Impl::OnRetry(TimePoint now, const RetryHeader& header) {
    auto* slot = SlotOf(header.destination);
    if (!slot) return;
    slot->connection->OnRetry(now, header.cookie);
    Touch(*slot);
}

void Endpoint::Impl::OnFinish(TimePoint now, const Datagram& datagram, ConnectionId destination) {
    auto* slot = SlotOf(destination);
    if (!slot) return;
    if (!slot->connection->OnFinish(now, datagram.payload)) {
        ++m_stats.droppedAuthentication;
        return;
    }
    OnConfirmed(*slot);
}

void Endpoint::Impl::OnConfirmed(ConnectionTable::Slot& slot) {
    if (slot.halfOpen) {
        m_connections.NoLongerHalfOpen(slot);
        ++m_stats.handshakesCompleted;
    }
    Touch(slot);
}

void Endpoint::Impl::OnReset(TimePoint now, const ResetHeader& header) {
    auto* slot = m_connections.FindByPeerId(header.unknown);
    if (!slot) {
        ++m_stats.droppedUnknownConnection;
        return;
    }
    if (!slot->connection->OnReset(now, header.token)) {
        ++m_stats.droppedAuthentication;
        return;
    }
    Touch(*slot);
}

void Endpoint::Impl::OnUnknownConnection(TimePoint now, const Datagram& datagram,
                                         const DataHeader& header) {
    ++m_stats.droppedUnknownConnection;
    // A Reset is shorter than what it answers and no answer to it exists, so no two endpoints can
    // keep each other busy.
    static_assert(kResetLength < kDataHeaderLength + kAeadTagLength);
    if (!m_config.acceptConnections) return;
    if (!m_resetsOfSource.Take(now, datagram.source, kResetsPerSource, kResetSourceBurst)) return;
    const SocketAddress host = PrefixOf(datagram.source);
    if (!m_resetsOfHost.Take(now, host, kResetsPerHost, kResetHostBurst)) return;
    if (!m_resets.Take(now, kResetsPerSecond, kResetBurst)) return;
    ++m_stats.resetsSent;
    QueueReply(
        {datagram.source, ResetHeader{header.destination, ResetTokenOf(header.destination)}});
}

ResetToken Endpoint::Impl::ResetTokenOf(ConnectionId own) const {
    std::array<std::byte, sizeof(ConnectionId)> id{};
    ByteWriter(id).U64(own);
    return Blake2bMac(m_resetKey.Bytes(), id);
}

void Endpoint::Impl::QueueReply(Reply reply) {
    if (m_replies.Size() < kMaxPendingReplies) m_replies.Push(std::move(reply));
}

std::optional<Transmit> Endpoint::Impl::WriteReply(ByteSpan buffer) {
    const Reply reply = m_replies.Pop();
    std::visit([&](const auto& header) { EncodePacketHeader(buffer, header); }, reply.packet);
    static_assert(kRetryLength == kResetLength);
    const bool negotiates = std::holds_alternative<VersionNegotiationHeader>(reply.packet);
    const std::size_t size = negotiates ? kVersionNegotiationLength : kRetryLength;
    ++m_stats.datagramsSent;
    return Transmit{
        .destination = reply.destination, .ecn = Ecn::kNotEct, .size = size, .segmentSize = size};
}

std::uint64_t Endpoint::Impl::NextTimestamp(TimePoint now) {
    const Duration sinceEpoch = m_config.unixTimeAtZero + now.time_since_epoch();
    m_lastTimestamp = std::max(m_lastTimestamp + 1, static_cast<std::uint64_t>(sinceEpoch.count()));
    return m_lastTimestamp;
}

Expected<ConnectionHandle, UsageError> Endpoint::Impl::Connect(TimePoint now,
                                                               const SocketAddress& remote,
                                                               const std::optional<PeerKey>& peer) {
    if (m_connections.Size() >= m_config.maxConnections) {
        return Fail(UsageError::kTooManyConnections);
    }
    HandshakeGoal goal{m_handshake.Mode(), std::nullopt, NextTimestamp(now)};
    if (m_config.identity) {
        if (!peer && !m_config.pairing) return Fail(UsageError::kNoPeerKey);
        goal.responder = peer;
        if (!peer) goal.mode = HandshakeMode::kPairing;
    }
    const ConnectionSetup setup = MakeSetup(Side::kInitiator, remote);
    auto& slot = m_connections.Add(setup.handle,
                                   std::make_unique<Connection>(now, setup, m_handshake, goal));
    slot.peer = goal.responder;
    Touch(slot);
    return setup.handle;
}

void Endpoint::Impl::SetPeers(TimePoint now, std::vector<PeerKey> peers) {
    const std::set<PeerKey> listed(peers.begin(), peers.end());
    std::vector<ConnectionHandle> gone;
    m_connections.ForEach([&](ConnectionTable::Slot& slot) {
        if (!slot.peer || !m_peers.count(*slot.peer) || listed.count(*slot.peer)) return;
        slot.connection->Refuse(now);
        if (slot.connection->Gone()) gone.push_back(slot.handle);
        Touch(slot);
    });
    for (const ConnectionHandle handle : gone) Remove(handle);
    m_peers = listed;
}

}  // namespace crsp
