// SPDX-License-Identifier: BSD-3-Clause
// A path that loses too much for any use (CRSP §6.8, RFC 8084).
#include <gtest/gtest.h>

#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

/// Good for a second; then it loses this share of all packets.
struct Losing {
    Losing(double loss, CongestionAlgorithm congestion) {
        ImpairmentConfig link;
        link.delay = milliseconds(20);
        link.rate.bitsPerSecond = 10'000'000;
        link.rate.queueBytes = 50'000;
        network.emplace(1, link);
        EndpointConfig config;
        config.transport.congestion = congestion;
        auto accepting = std::make_unique<PatternReceiver>();
        receiver = accepting.get();
        receiving = &network->AddNode(config, std::move(accepting));
        auto role = std::make_unique<PatternSender>(receiving->Address(), 2'000'000'000);
        sender = role.get();
        node = &network->AddNode(config, std::move(role));
        network->RunFor(seconds(1));
        link.loss.process = BernoulliLoss{.probability = loss};
        network->SetLink(*node, *receiving, link);
        network->SetLink(*receiving, *node, link);
    }
    ConnectionStats Stats() const { return *node->GetEndpoint().StatsOf(1); }

    std::optional<Network> network;
    PatternReceiver* receiver = nullptr;
    PatternSender* sender = nullptr;
    Node* node = nullptr;
    Node* receiving = nullptr;
};

class BreakerByController : public ::testing::TestWithParam<CongestionAlgorithm> {};

TEST_P(BreakerByController, NeverEndsAConnectionForRandomLossOfATenth) {
    for (const double loss : {0.05, 0.1}) {
        Losing run(loss, GetParam());
        run.network->RunFor(seconds(120));
        ASSERT_FALSE(run.sender->Closed()) << loss;
        EXPECT_EQ(run.Stats().breakerPeriods, 0u) << loss;
    }
}

INSTANTIATE_TEST_SUITE_P(Each, BreakerByController,
                         ::testing::Values(CongestionAlgorithm::kNewReno,
                                           CongestionAlgorithm::kCubic, CongestionAlgorithm::kBbr,
                                           CongestionAlgorithm::kBbrLda),
                         [](const auto& which) { return std::string(ToString(which.param)); });

/// Those that take every loss for congestion are at their smallest window by then.
class BreakerOfWindows : public ::testing::TestWithParam<CongestionAlgorithm> {};

TEST_P(BreakerOfWindows, EndsAConnectionThatHasGoneBackToTheSmallestWindowInVain) {
    Losing run(0.4, GetParam());
    run.network->RunFor(seconds(14));
    EXPECT_FALSE(run.sender->Closed()) << "three periods of five seconds";
    ASSERT_TRUE(run.network->Run(seconds(60), [&] { return run.sender->Closed().has_value(); }));
    EXPECT_EQ(run.sender->Closed()->code, TransportErrorCode::kCongested);
    EXPECT_FALSE(run.sender->Closed()->byPeer);
    EXPECT_FALSE(run.sender->Closed()->reason.empty());
    ASSERT_TRUE(run.network->Run(seconds(60), [&] { return run.receiver->Closed().has_value(); }));
}

INSTANTIATE_TEST_SUITE_P(Each, BreakerOfWindows,
                         ::testing::Values(CongestionAlgorithm::kNewReno,
                                           CongestionAlgorithm::kCubic),
                         [](const auto& which) { return std::string(ToString(which.param)); });

/// A thin way back loses ACKs, and that is no reason to end what flows the other way.
TEST_P(BreakerOfWindows, LostAcksAloneEndNothing) {
    Losing run(0, GetParam());
    ImpairmentConfig thin;
    thin.delay = milliseconds(20);
    thin.loss.process = BernoulliLoss{.probability = 0.4};
    run.network->SetLink(*run.receiving, *run.node, thin);
    run.network->RunFor(seconds(60));
    EXPECT_FALSE(run.sender->Closed());
    EXPECT_GT(run.receiver->Received(), 40'000'000u);
}

}  // namespace
}  // namespace crsp::sim
