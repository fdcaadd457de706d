// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/pairing-role.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "model/base/random.h"
#include "model/host/driver.h"

namespace crsp {
namespace {

constexpr Duration kOneWay = milliseconds(10);

struct Packet {
    TimePoint at;
    SocketAddress from;
    SocketAddress to;
    Ecn ecn = Ecn::kNotEct;
    std::vector<std::byte> bytes;
};

struct Air {
    TimePoint now;
    std::deque<Packet> packets;
    std::function<bool(const Packet&)> loses = [](const Packet&) { return false; };
};

/// A node that pairs, in virtual time.
class PairingNode final : public Host {
  public:
    PairingNode(Air& air, unsigned number, PairingRole::Config config, EndpointConfig endpoint)
        : role(config),
          m_air(air),
          m_address(SocketAddress::FromIpv4(0x0a000000 + number, 1)),
          m_endpoint(std::move(endpoint)),
          m_driver(*this, m_endpoint, role) {}

    TimePoint Now() const override { return m_air.now; }
    bool Send(const Transmit& transmit, ConstByteSpan bytes) override {
        for (std::size_t at = 0; at < transmit.size; at += transmit.segmentSize) {
            const auto part = bytes.subspan(at, std::min(transmit.segmentSize, transmit.size - at));
            Packet packet{m_air.now + kOneWay,
                          m_address,
                          transmit.destination,
                          transmit.ecn,
                          {part.begin(), part.end()}};
            if (!m_air.loses(packet)) m_air.packets.push_back(std::move(packet));
        }
        return true;
    }
    void SetAlarm(std::optional<TimePoint> deadline) override { alarm = deadline; }

    void Start() { m_driver.Start(); }
    void Alarm() {
        alarm.reset();
        m_driver.OnAlarm();
    }
    void Deliver(Packet& packet) {
        m_driver.OnDatagram({packet.from, packet.ecn, packet.bytes});
        m_driver.Pump();
    }
    void Answer(bool same) {
        role.Answer(m_air.now, same, m_endpoint);
        m_driver.Pump();
    }
    void Leave() { m_driver.Shutdown(); }
    const SocketAddress& Address() const { return m_address; }
    Endpoint& GetEndpoint() { return m_endpoint; }

    PairingRole role;
    std::optional<TimePoint> alarm;

  private:
    Air& m_air;
    SocketAddress m_address;
    Endpoint m_endpoint;
    Driver m_driver;
};

X25519KeyPair Pair(unsigned number) {
    SecretKey secret;
    secret.Bytes()[1] = static_cast<std::byte>(number);
    secret.Bytes()[31] = std::byte{0x40};
    return X25519PairOf(secret);
}

class PairingDialogue : public ::testing::Test {
  protected:
    PairingNode& Add(PairingRole::Config config = {}, bool pairing = true,
                     Duration patience = seconds(40)) {
        const auto number = static_cast<unsigned>(m_nodes.size() + 1);
        EndpointConfig endpoint;
        endpoint.seed.fill(static_cast<std::byte>(number));
        endpoint.identity = Pair(number);
        endpoint.pairing = pairing;
        endpoint.transport.handshakeTimeout = patience;
        endpoint.unixTimeAtZero = std::chrono::hours(1);
        endpoint.suite = CipherSuite::kChaCha20Poly1305Sha256;
        m_nodes.push_back(std::make_unique<PairingNode>(air, number, config, std::move(endpoint)));
        return *m_nodes.back();
    }
    PairingRole::Config To(const PairingNode& node) {
        PairingRole::Config config;
        config.remote = node.Address();
        return config;
    }
    /// Runs what happens within `time`.
    void Run(Duration time = seconds(5)) {
        const auto end = air.now + time;
        while (Step(end)) {
        }
        air.now = end;
    }
    void StartAll() {
        for (auto& node : m_nodes) node->Start();
        Run();
    }

    Air air;

  private:
    bool Step(TimePoint end) {
        auto next = end;
        for (const auto& node : m_nodes) next = std::min(next, node->alarm.value_or(end));
        if (!air.packets.empty()) next = std::min(next, air.packets.front().at);
        if (next >= end) return false;
        air.now = std::max(air.now, next);
        if (!air.packets.empty() && air.packets.front().at <= air.now) {
            auto packet = std::move(air.packets.front());
            air.packets.pop_front();
            for (auto& node : m_nodes) {
                if (node->Address() == packet.to) node->Deliver(packet);
            }
            return true;
        }
        for (auto& node : m_nodes) {
            if (node->alarm && *node->alarm <= air.now) node->Alarm();
        }
        return true;
    }

    std::vector<std::unique_ptr<PairingNode>> m_nodes;
};

TEST_F(PairingDialogue, BothSeeTheOtherAndTheSameCode) {
    auto& a = Add();
    auto& b = Add(To(a));
    StartAll();
    ASSERT_TRUE(a.role.Proposal());
    ASSERT_TRUE(b.role.Proposal());
    EXPECT_EQ(a.role.Proposal()->peer, Pair(2).publicKey);
    EXPECT_EQ(b.role.Proposal()->peer, Pair(1).publicKey);
    EXPECT_EQ(a.role.Proposal()->code, b.role.Proposal()->code);
    EXPECT_LT(a.role.Proposal()->code, 1'000'000u);
    EXPECT_FALSE(a.role.Outcome());
}

TEST_F(PairingDialogue, C7_OnlyTwoYesesAgree) {
    for (const bool initiatorFirst : {true, false}) {
        auto& a = Add();
        auto& b = Add(To(a));
        StartAll();
        auto& first = initiatorFirst ? b : a;
        auto& second = initiatorFirst ? a : b;
        first.Answer(true);
        Run();
        EXPECT_FALSE(first.role.Outcome()) << "believed before the other has spoken";
        EXPECT_FALSE(second.role.Outcome());
        second.Answer(true);
        Run();
        EXPECT_EQ(first.role.Outcome(), PairingOutcome::kAgreed);
        EXPECT_EQ(second.role.Outcome(), PairingOutcome::kAgreed);
    }
}

TEST_F(PairingDialogue, C7_OneNoEndsItForBoth) {
    for (const bool initiatorRefuses : {true, false}) {
        for (const bool otherAgreed : {true, false}) {
            auto& a = Add();
            auto& b = Add(To(a));
            StartAll();
            auto& refusing = initiatorRefuses ? b : a;
            auto& other = initiatorRefuses ? a : b;
            if (otherAgreed) other.Answer(true);
            Run();
            refusing.Answer(false);
            Run();
            EXPECT_EQ(refusing.role.Outcome(), PairingOutcome::kRefusedHere);
            EXPECT_EQ(other.role.Outcome(), PairingOutcome::kRefusedThere);
            refusing.Answer(true);
            EXPECT_EQ(refusing.role.Outcome(), PairingOutcome::kRefusedHere);
        }
    }
}

TEST_F(PairingDialogue, PeopleMayTakeTheirTimeUpToTheTimeout) {
    auto& a = Add();
    auto& b = Add(To(a));
    StartAll();
    Run(seconds(110));
    EXPECT_FALSE(a.role.Outcome());
    EXPECT_FALSE(b.role.Outcome());
    a.Answer(true);
    Run(seconds(10));
    EXPECT_TRUE(b.role.Outcome());
    EXPECT_NE(a.role.Outcome(), PairingOutcome::kAgreed);
    EXPECT_NE(b.role.Outcome(), PairingOutcome::kAgreed);
    EXPECT_TRUE(a.role.Outcome());
}

TEST_F(PairingDialogue, ALossyPathChangesNothing) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        Random random(seed);
        air.loses = [&](const Packet&) { return random.Below(100) < 30; };
        auto& a = Add();
        auto& b = Add(To(a));
        a.Start();
        b.Start();
        Run(seconds(40));
        ASSERT_TRUE(a.role.Proposal() && b.role.Proposal()) << seed;
        a.Answer(true);
        b.Answer(true);
        Run(seconds(60));
        EXPECT_TRUE(a.role.Over() && b.role.Over()) << seed;
        EXPECT_EQ(a.role.Outcome(), PairingOutcome::kAgreed) << seed;
        EXPECT_EQ(b.role.Outcome(), PairingOutcome::kAgreed) << seed;
    }
}

TEST_F(PairingDialogue, TheFirstPeerCounts) {
    auto& a = Add();
    auto& b = Add(To(a));
    b.Start();
    a.Start();
    Run();
    auto& late = Add(To(a));
    late.Start();
    Run();
    EXPECT_EQ(late.role.Outcome(), PairingOutcome::kRefusedThere);
    EXPECT_EQ(a.role.Proposal()->peer, Pair(2).publicKey);
    a.Answer(true);
    b.Answer(true);
    Run();
    EXPECT_EQ(a.role.Outcome(), PairingOutcome::kAgreed);
}

TEST_F(PairingDialogue, NobodyThereIsUnreached) {
    auto& a = Add();
    auto& b = Add(To(a));
    air.loses = [](const Packet&) { return true; };
    b.Start();
    Run(seconds(60));
    EXPECT_EQ(b.role.Outcome(), PairingOutcome::kUnreached);
    EXPECT_FALSE(b.role.Proposal());
}

TEST_F(PairingDialogue, ANodeThatDoesNotPairStaysSilent) {
    auto& a = Add({}, false);
    auto& b = Add(To(a));
    StartAll();
    Run(seconds(60));
    EXPECT_FALSE(a.role.Proposal());
    EXPECT_EQ(b.role.Outcome(), PairingOutcome::kUnreached);
}

TEST_F(PairingDialogue, ALostConnectionAgreesToNothing) {
    auto& a = Add();
    auto& b = Add(To(a));
    StartAll();
    a.Answer(true);
    air.loses = [](const Packet&) { return true; };
    Run(seconds(30));
    EXPECT_EQ(a.role.Outcome(), PairingOutcome::kLost);
    EXPECT_EQ(b.role.Outcome(), PairingOutcome::kLost);
}

TEST_F(PairingDialogue, LeavingIsANo) {
    auto& a = Add();
    auto& b = Add(To(a));
    StartAll();
    a.Answer(true);
    b.Leave();
    Run();
    EXPECT_EQ(a.role.Outcome(), PairingOutcome::kRefusedThere);
}

/// Nodes that begin a pairing with `a` and never finish it, in threes for as long as they may.
class PairingGuesser : public PairingDialogue {
  protected:
    void Guess(const PairingNode& a, unsigned tries) {
        air.loses = [this](const Packet& packet) {
            return packet.bytes.size() > kLongestRetry &&
                   std::count(m_guessers.begin(), m_guessers.end(), packet.to) > 0;
        };
        for (unsigned i = 0; i < tries && !a.role.Outcome(); ++i) {
            auto& guesser = Add(To(a), true, seconds(5));
            m_guessers.push_back(guesser.Address());
            guesser.Start();
            if (i % kAtATime == kAtATime - 1) Run(kFinishPatience + seconds(1));
        }
    }
    PairingNode& Listener() {
        PairingRole::Config config;
        config.timeout = std::chrono::hours(1);
        auto& a = Add(config, true, HandshakePatience(config));
        a.Start();
        return a;
    }

    static constexpr unsigned kAtATime = 3;
    static constexpr std::size_t kLongestRetry = 100;

  private:
    std::vector<SocketAddress> m_guessers;
};

TEST_F(PairingGuesser, C7_AnHourOfListeningGivesNoMoreTriesThanTwoMinutes) {
    auto& a = Listener();
    Guess(a, 1000);
    EXPECT_EQ(a.role.Outcome(), PairingOutcome::kGuessed);
    EXPECT_TRUE(a.role.Over());
    EXPECT_GT(a.GetEndpoint().Stats().handshakesStarted, kMaxPairingTries);
    EXPECT_LE(a.GetEndpoint().Stats().handshakesStarted, kMaxPairingTries + kAtATime);
    EXPECT_FALSE(a.role.Proposal());
}

TEST_F(PairingGuesser, C7_WhoComesWithinTheTriesStillPairs) {
    auto& a = Listener();
    Guess(a, kMaxPairingTries - kAtATime);
    ASSERT_FALSE(a.role.Outcome());
    auto& b = Add(To(a));
    b.Start();
    Run();
    ASSERT_TRUE(a.role.Proposal() && b.role.Proposal());
    // They have what they compare: more handshakes are no more tries.
    Guess(a, 3 * kAtATime);
    EXPECT_GT(a.GetEndpoint().Stats().handshakesStarted, kMaxPairingTries);
    a.Answer(true);
    b.Answer(true);
    Run();
    EXPECT_EQ(a.role.Outcome(), PairingOutcome::kAgreed);
    EXPECT_EQ(b.role.Outcome(), PairingOutcome::kAgreed);
}

TEST(PairingRole, C7_WhoListensHoldsUnfinishedHandshakesForTenSeconds) {
    PairingRole::Config config;
    config.timeout = std::chrono::hours(1);
    EXPECT_EQ(HandshakePatience(config), seconds(10));
    config.remote = SocketAddress::FromIpv4(0x0a000001, 1);
    EXPECT_EQ(HandshakePatience(config), std::chrono::hours(1));
}

}  // namespace
}  // namespace crsp
