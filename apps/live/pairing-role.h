// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/host/role.h"

namespace crsp {

/// What two people have to compare before they believe in each other's key.
struct PairingProposal {
    PeerKey peer{};
    SocketAddress remote;
    std::uint32_t code = 0;  ///< six digits
};

/// How a pairing has ended, as one end sees it.
enum class PairingOutcome : std::uint8_t {
    kAgreed,        ///< both people said yes: the key is the peer's
    kRefusedHere,   ///< ours said no
    kRefusedThere,  ///< the other one said no, or left
    kUnreached,     ///< no answer to the handshake
    kLost,          ///< the connection broke before both had answered
    kTimeout,       ///< the configured time has passed
    kNotPairing,    ///< whoever is there speaks something else
    kGuessed,       ///< more than kMaxPairingTries, and nobody has finished one
};

/// The dialogue of two people who pair their nodes, once their endpoints have shaken hands with
/// HandshakeMode::kPairing.
///
/// On the control stream the initiator sends kHello, each end kYes when its person says that the
/// codes are the same, and kDone when it has seen both yeses, which is when it believes. A close
/// with kPairingRefused is a no. An end that believes closes when it has heard kDone, so that the
/// other is not left waiting for a lost yes. The first peer counts; others are turned away.
class PairingRole final : public Role {
  public:
    struct Config {
        /// Connected to at the start; waits for somebody if absent.
        std::optional<SocketAddress> remote;
        /// From the start to the outcome.
        Duration timeout = std::chrono::minutes(2);
    };

    explicit PairingRole(Config config) : m_config(config) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

    /// Once there is a peer to judge, until there is an outcome.
    const std::optional<PairingProposal>& Proposal() const { return m_proposal; }
    /// The person's judgement of the proposal; once. Call Driver::Pump() afterwards.
    void Answer(TimePoint now, bool same, Endpoint& endpoint);
    const std::optional<PairingOutcome>& Outcome() const { return m_outcome; }
    /// There is an outcome, and the peer needs nothing more.
    bool Over() const { return m_outcome && m_left; }

  private:
    void On(TimePoint now, const ConnectedEvent& event, Endpoint& endpoint);
    void On(TimePoint now, const ClosedEvent& event, Endpoint& endpoint);
    void On(TimePoint now, const StreamOpenedEvent& event, Endpoint& endpoint);
    void On(TimePoint now, const StreamReadableEvent& event, Endpoint& endpoint);
    template <class E>
    void On(TimePoint, const E&, Endpoint&) {}

    /// Whether who is there may be guessing the code.
    bool TooManyTries() const;
    void Say(char word, Endpoint& endpoint);
    void Settle(TimePoint now, Endpoint& endpoint);
    void End(TimePoint now, PairingOutcome outcome, Endpoint& endpoint);
    void Leave(TimePoint now, std::uint64_t code, Endpoint& endpoint);

    Config m_config;
    const EndpointStats* m_stats = nullptr;
    std::optional<ConnectionHandle> m_connection;
    std::optional<PairingProposal> m_proposal;
    std::optional<PairingOutcome> m_outcome;
    std::optional<TimePoint> m_deadline;
    std::string m_unsaid;
    bool m_saidYes = false;
    bool m_heardYes = false;
    bool m_heardDone = false;
    bool m_left = false;
};

/// How long a handshake may take where we listen: the Finish follows the Response by a round trip,
/// and the few that may be unfinished keep others out (CRSP §4.7).
inline constexpr Duration kFinishPatience = seconds(10);

/// Handshakes that may be begun with one who listens before anybody finishes one: each lets whoever
/// is in between try another code unseen. As many as fit into the default two minutes, three at a
/// time for kFinishPatience each; so a longer --timeout makes guessing no easier (CRSP §4.7).
inline constexpr std::uint64_t kMaxPairingTries = 36;

/// How long a handshake may take: as long as the pairing where we begin, since the other side may
/// be told to listen only then; kFinishPatience where we listen, however long that is.
Duration HandshakePatience(const PairingRole::Config& config);

/// How long an end that believes waits for kDone of the other: longer than a probe timeout after a
/// handshake with many losses, which was the only measure of the round trip.
inline constexpr Duration kPairingLinger = seconds(25);

/// Application codes of the close that ends a pairing.
inline constexpr std::uint64_t kPairingDone = 0;
inline constexpr std::uint64_t kPairingRefused = 1;
inline constexpr std::uint64_t kPairingTaken = 2;  ///< another peer was first

}  // namespace crsp
