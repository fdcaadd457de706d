// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/pairing-role.h"

#include <array>
#include <string_view>
#include <utility>
#include <variant>

namespace crsp {
namespace {

/// Opens the stream, which only the initiator can, so that the responder can speak as well.
constexpr char kHello = 'h';
constexpr char kYes = 'y';
constexpr char kDone = 'd';

}  // namespace

Duration HandshakePatience(const PairingRole::Config& config) {
    return config.remote ? config.timeout : kFinishPatience;
}

void PairingRole::OnStart(TimePoint now, Endpoint& endpoint) {
    m_deadline = now + m_config.timeout;
    m_stats = &endpoint.Stats();
    if (!m_config.remote) return;
    const auto connection = endpoint.Connect(now, *m_config.remote);
    if (!connection) return End(now, PairingOutcome::kUnreached, endpoint);
    m_connection = *connection;
}

void PairingRole::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    std::visit([&](const auto& e) { On(now, e, endpoint); }, event);
}

void PairingRole::OnTimeout(TimePoint now, Endpoint& endpoint) {
    if (TooManyTries()) return End(now, PairingOutcome::kGuessed, endpoint);
    if (!m_deadline || now < *m_deadline) return;
    if (m_outcome) return Leave(now, kPairingDone, endpoint);
    const bool unheard = m_config.remote && !m_proposal;
    End(now, unheard ? PairingOutcome::kUnreached : PairingOutcome::kTimeout, endpoint);
}

std::optional<TimePoint> PairingRole::NextTimeout() const {
    return TooManyTries() ? TimePoint{} : m_deadline;
}

bool PairingRole::TooManyTries() const {
    const bool waits = m_stats && !m_config.remote && !m_proposal && !m_outcome;
    return waits && m_stats->pairingsStarted > kMaxPairingTries;
}

void PairingRole::OnShutdown(TimePoint now, Endpoint& endpoint) {
    End(now, PairingOutcome::kRefusedHere, endpoint);
}

void PairingRole::Answer(TimePoint now, bool same, Endpoint& endpoint) {
    if (!m_proposal || m_outcome || m_saidYes) return;
    if (!same) return End(now, PairingOutcome::kRefusedHere, endpoint);
    m_saidYes = true;
    Say(kYes, endpoint);
    Settle(now, endpoint);
}

void PairingRole::On(TimePoint now, const ConnectedEvent& event, Endpoint& endpoint) {
    const bool ours = m_config.remote ? m_connection == event.connection : !m_connection;
    const bool pairs = event.mode == HandshakeMode::kPairing && event.peer;
    if (TooManyTries()) End(now, PairingOutcome::kGuessed, endpoint);
    if (!ours || m_outcome || (!pairs && !m_config.remote)) {
        (void)endpoint.Close(now, event.connection, kPairingTaken, "pairing with another");
        return;
    }
    m_connection = event.connection;
    if (!pairs) return End(now, PairingOutcome::kNotPairing, endpoint);
    m_proposal = PairingProposal{*event.peer, event.remote, event.pairingCode};
    if (event.side != Side::kInitiator) return;
    (void)endpoint.OpenStream(event.connection, StreamDirection::kBidirectional);
    Say(kHello, endpoint);
}

void PairingRole::On(TimePoint now, const ClosedEvent& event, Endpoint& endpoint) {
    if (m_connection != event.connection) return;
    if (m_outcome) return Leave(now, kPairingDone, endpoint);
    const bool refused = event.byPeer && event.code == TransportErrorCode::kApplicationError;
    const auto broken = refused ? PairingOutcome::kRefusedThere : PairingOutcome::kLost;
    End(now, m_proposal ? broken : PairingOutcome::kUnreached, endpoint);
}

void PairingRole::On(TimePoint, const StreamOpenedEvent& event, Endpoint& endpoint) {
    if (m_connection == event.connection) Say({}, endpoint);
}

void PairingRole::On(TimePoint now, const StreamReadableEvent& event, Endpoint& endpoint) {
    if (m_connection != event.connection || event.stream != kControlStream) return;
    std::array<std::byte, 64> buffer;
    for (;;) {
        const auto read = endpoint.Read(event.connection, event.stream, buffer);
        if (!read || read->bytes == 0) return Settle(now, endpoint);
        for (const char word : AsText(ConstByteSpan(buffer).first(read->bytes))) {
            m_heardYes = m_heardYes || word == kYes;
            m_heardDone = m_heardDone || word == kDone;
            if (word == kYes || word == kDone || word == kHello) continue;
            return End(now, PairingOutcome::kNotPairing, endpoint);
        }
    }
}

/// The responder's words wait until the initiator has opened the stream.
void PairingRole::Say(char word, Endpoint& endpoint) {
    if (word != char{}) m_unsaid.push_back(word);
    const auto taken = endpoint.Write(*m_connection, kControlStream, AsBytes(m_unsaid));
    if (taken) m_unsaid.erase(0, *taken);
}

void PairingRole::Settle(TimePoint now, Endpoint& endpoint) {
    if (!m_saidYes || !m_heardYes) return;
    if (!m_outcome) {
        m_outcome = PairingOutcome::kAgreed;
        m_deadline = now + kPairingLinger;
        Say(kDone, endpoint);
    }
    if (m_heardDone && m_outcome == PairingOutcome::kAgreed) Leave(now, kPairingDone, endpoint);
}

void PairingRole::End(TimePoint now, PairingOutcome outcome, Endpoint& endpoint) {
    if (!m_outcome) m_outcome = outcome;
    Leave(now, m_outcome == PairingOutcome::kAgreed ? kPairingDone : kPairingRefused, endpoint);
}

void PairingRole::Leave(TimePoint now, std::uint64_t code, Endpoint& endpoint) {
    m_deadline.reset();
    if (std::exchange(m_left, true) || !m_connection) return;
    (void)endpoint.Close(now, *m_connection, code, "pairing");
}

}  // namespace crsp
