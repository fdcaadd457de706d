// SPDX-License-Identifier: BSD-3-Clause
// Paths that carry more than 1,200 bytes, or no longer do (CRSP §3.9; RFC 8899).
#include <gtest/gtest.h>

#include "model/recovery/congestion-controller.h"
#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

/// A transfer over a path that drops what is longer than `carries`.
struct SizedPath {
    SizedPath(std::size_t bytes, CongestionAlgorithm congestion, std::uint64_t size,
              std::uint64_t rate = 20'000'000)
        : carries(bytes) {
        ImpairmentConfig link;
        link.delay = milliseconds(20);
        link.rate.bitsPerSecond = rate;
        link.rate.queueBytes = rate / 200;  // 40 ms
        network.emplace(1, link);
        network->SetFilter([this](const SocketAddress&, const SocketAddress&, ConstByteSpan all) {
            return all.size() > carries;
        });
        EndpointConfig config;
        config.transport.congestion = congestion;
        config.transport.maxDatagramSize = kMaxDatagramSize;
        auto role = std::make_unique<PatternReceiver>();
        receiver = role.get();
        Node& accepting = network->AddNode(config, std::move(role));
        sender =
            &network->AddNode(config, std::make_unique<PatternSender>(accepting.Address(), size));
    }
    bool Finish(Duration limit) {
        return network->Run(limit, [&] { return receiver->Finished(); });
    }
    ConnectionStats Stats() { return *sender->GetEndpoint().StatsOf(1); }

    std::size_t carries;
    std::optional<Network> network;
    PatternReceiver* receiver = nullptr;
    Node* sender = nullptr;
};

class PathMtuOf : public ::testing::TestWithParam<CongestionAlgorithm> {};

TEST_P(PathMtuOf, ThePathIsFoundWithoutASignOfCongestion) {
    for (const auto& [carries, found] : {std::pair{1200u, 1200u}, {1450u, 1372u}, {9000u, 8952u}}) {
        // Fast enough that nothing is lost but probes.
        SizedPath path(carries, GetParam(), 100'000'000, 1'000'000'000);
        path.network->RunFor(milliseconds(500));
        EXPECT_EQ(path.Stats().datagramSize, found);
        EXPECT_EQ(path.Stats().slowStartThreshold, kNoSlowStartThreshold) << carries;
        EXPECT_LE(path.Stats().packetsLost, path.Stats().mtuProbesSent);
    }
}

TEST_P(PathMtuOf, AJumboPathCarriesATransferToItsEnd) {
    SizedPath path(9000, GetParam(), 5'000'000);
    ASSERT_TRUE(path.Finish(seconds(60)));
    EXPECT_EQ(path.receiver->WrongBytes(), 0u);
    EXPECT_LT(ToSeconds(path.network->Now().time_since_epoch()), 3.0);
    EXPECT_LT(path.Stats().packetsSent, 5'000'000u / 5000);
}

TEST_P(PathMtuOf, APathThatStopsCarryingLargePacketsIsABlackHoleForASecondOnly) {
    SizedPath path(9000, GetParam(), 8'000'000);
    path.network->RunFor(seconds(1));
    ASSERT_EQ(path.Stats().datagramSize, kMaxDatagramSize);
    path.carries = 1300;
    const auto before = path.receiver->Received();
    path.network->RunFor(milliseconds(1500));
    EXPECT_GT(path.receiver->Received(), before + 100'000);
    ASSERT_TRUE(path.Finish(seconds(60)));
    EXPECT_EQ(path.Stats().datagramSize, 1280u);
    EXPECT_EQ(path.receiver->WrongBytes(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Each, PathMtuOf,
                         ::testing::Values(CongestionAlgorithm::kNewReno,
                                           CongestionAlgorithm::kCubic,
                                           CongestionAlgorithm::kBbrLda),
                         [](const auto& which) { return std::string(ToString(which.param)); });

}  // namespace
}  // namespace crsp::sim
