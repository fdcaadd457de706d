// SPDX-License-Identifier: BSD-3-Clause
// A path that carries nothing for a while (CRSP §6.4).
#include <gtest/gtest.h>

#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

constexpr std::uint64_t kBitRate = 10'000'000;
constexpr Duration kOneWay = milliseconds(20);

struct Blackouts {
    Blackouts(const BlackoutConfig& blackout, CongestionAlgorithm congestion) {
        ImpairmentConfig link;
        link.delay = kOneWay;
        link.rate.bitsPerSecond = kBitRate;
        link.rate.queueBytes = 50'000;
        link.blackout = blackout;
        network.emplace(1, link);
        EndpointConfig config;
        config.transport.congestion = congestion;
        config.transport.idleTimeout = seconds(100);
        auto role = std::make_unique<PatternReceiver>();
        receiver = role.get();
        Node& accepting = network->AddNode(config, std::move(role));
        sender = &network->AddNode(
            config, std::make_unique<PatternSender>(accepting.Address(), 1'000'000'000));
    }
    std::optional<Network> network;
    PatternReceiver* receiver = nullptr;
    Node* sender = nullptr;
};

BlackoutConfig Between(Duration begin, Duration end) {
    BlackoutConfig blackout;
    blackout.intervals = {{begin, end}};
    return blackout;
}

class Blackout : public ::testing::TestWithParam<CongestionAlgorithm> {};

TEST_P(Blackout, TwoSecondsInEveryFiveLeaveMoreThanHalfOfTheLink) {
    BlackoutConfig blackout;
    blackout.on = seconds(3);
    blackout.off = seconds(2);
    Blackouts run(blackout, GetParam());
    constexpr Duration kTime = seconds(60);
    run.network->RunFor(kTime);
    const double possible = kBitRate / 8.0 * ToSeconds(kTime) * 1137 / 1228;
    EXPECT_GE(static_cast<double>(run.receiver->Received()), 0.55 * possible);
    EXPECT_EQ(run.receiver->WrongBytes(), 0u);
}

TEST_P(Blackout, AfterAMinuteBytesFlowWithinASecondAndARoundTripOfHealing) {
    // Whatever the phase of the probes, when it heals.
    for (const auto extra :
         {milliseconds(0), milliseconds(300), milliseconds(600), milliseconds(900)}) {
        const Duration heals = seconds(62) + extra;
        Blackouts run(Between(seconds(2), heals), GetParam());
        run.network->RunFor(heals);
        const auto before = run.receiver->Received();
        ASSERT_TRUE(
            run.network->Run(seconds(10), [&] { return run.receiver->Received() > before; }));
        EXPECT_LE(run.network->Now() - TimePoint{} - heals, seconds(1) + 2 * kOneWay);
        run.network->RunFor(seconds(3));
        EXPECT_GT(run.receiver->Received(), before + 1'000'000) << "everything resumes";
    }
}

// SECURITY: all feedback lost.
TEST_P(Blackout, WithoutAnyFeedbackNextToNothingIsSent) {
    Blackouts run(Between(seconds(2), seconds(400)), GetParam());
    run.network->RunFor(seconds(62));
    const auto before = *run.sender->GetEndpoint().StatsOf(1);
    run.network->RunFor(seconds(30));
    const auto after = *run.sender->GetEndpoint().StatsOf(1);
    EXPECT_LE(after.bytesSent - before.bytesSent, 60u * 30u);
    EXPECT_LE(after.packetsSent - before.packetsSent, after.ptoCount - before.ptoCount);
    EXPECT_GT(after.packetsSent, before.packetsSent);
}

INSTANTIATE_TEST_SUITE_P(Each, Blackout,
                         ::testing::Values(CongestionAlgorithm::kNewReno,
                                           CongestionAlgorithm::kCubic,
                                           CongestionAlgorithm::kBbrLda),
                         [](const auto& which) { return std::string(ToString(which.param)); });

}  // namespace
}  // namespace crsp::sim
