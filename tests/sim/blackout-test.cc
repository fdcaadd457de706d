// SPDX-License-Identifier: BSD-3-Clause
// A path that carries nothing for a while (CRSP §6.4).
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

constexpr std::uint64_t kBitRate = 10'000'000;
constexpr Duration kOneWay = milliseconds(20);

struct Blackouts {
    Blackouts(const BlackoutConfig& blackout, CongestionAlgorithm congestion,
              Duration idleTimeout = seconds(100)) {
        ImpairmentConfig link;
        link.delay = kOneWay;
        link.rate.bitsPerSecond = kBitRate;
        link.rate.queueBytes = 50'000;
        link.blackout = blackout;
        network.emplace(1, link);
        EndpointConfig config;
        config.transport.congestion = congestion;
        config.transport.idleTimeout = idleTimeout;
        config.transport.keepAlive = idleTimeout / 3;
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

/// SECURITY: all feedback lost. The data reach the peer; no ACK ever comes back.
TEST_P(Blackout, WithoutAnyFeedbackTheRateFallsToProbesAndTheConnectionEnds) {
    Blackouts run({}, GetParam(), seconds(15));
    const SocketAddress from = run.sender->Address();
    std::vector<TimePoint> sent;
    run.network->RunFor(seconds(2));
    run.network->SetFilter([&](const SocketAddress& source, const auto&, const auto&) {
        if (source == from) sent.push_back(run.network->Now());
        return source != from;
    });
    const TimePoint silent = run.network->Now();
    const auto& role = static_cast<PatternSender&>(run.sender->GetRole());
    ASSERT_TRUE(run.network->Run(seconds(30), [&] { return role.Closed().has_value(); }));
    EXPECT_EQ(role.Closed()->code, TransportErrorCode::kIdleTimeout);
    EXPECT_LE(run.network->Now() - silent, seconds(16));
    // What the window held has left within a second. Then there are two packets for each probe
    // timeout, and these are 150 ms apart at least, from five seconds on 750 ms; from ten on, one.
    const auto between = [&](Duration begin, Duration end) {
        return std::count_if(sent.begin(), sent.end(), [&](TimePoint at) {
            return at - silent >= begin && at - silent < end;
        });
    };
    EXPECT_LE(between(seconds(1), seconds(6)), 2 * 34);
    EXPECT_LE(between(milliseconds(6500), seconds(10)), 2 * 6);
    EXPECT_LE(between(seconds(12), seconds(15)), 4);
    EXPECT_GE(between(seconds(12), seconds(15)), 2) << "it does not fall silent either";
    const auto before = sent.size();
    run.network->RunFor(seconds(30));
    EXPECT_EQ(sent.size(), before) << "nothing after the end";
}

INSTANTIATE_TEST_SUITE_P(Each, Blackout,
                         ::testing::Values(CongestionAlgorithm::kNewReno,
                                           CongestionAlgorithm::kCubic,
                                           CongestionAlgorithm::kBbrLda),
                         [](const auto& which) { return std::string(ToString(which.param)); });

}  // namespace
}  // namespace crsp::sim
