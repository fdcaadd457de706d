// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

ImpairmentConfig CleanLink() {
    ImpairmentConfig link;
    link.delay = milliseconds(20);
    link.rate.bitsPerSecond = 10'000'000;
    link.rate.queueBytes = 50'000;
    return link;
}

TEST(Transfer, CleanLinkDeliversEverythingInOrder) {
    Network network(1, CleanLink());
    auto receiverRole = std::make_unique<PatternReceiver>();
    auto& receiver = *receiverRole;
    Node& server = network.AddNode({}, std::move(receiverRole));
    network.AddNode({}, std::make_unique<PatternSender>(server.Address(), 1'000'000));
    ASSERT_TRUE(network.Run(seconds(60), [&] { return receiver.Finished(); }));
    EXPECT_EQ(receiver.Received(), 1'000'000u);
    EXPECT_EQ(receiver.WrongBytes(), 0u);
    EXPECT_LT(ToSeconds(network.Now().time_since_epoch()), 1.5);
}

/// 3 MB over 10 Mbit/s and a round trip of 40 ms with a queue of one bandwidth-delay product, by
/// one controller of congestion.
struct BottleneckTransfer {
    explicit BottleneckTransfer(CongestionAlgorithm algorithm, std::uint64_t seed = 1)
        : network(seed, CleanLink()) {
        EndpointConfig config;
        config.transport.congestion = algorithm;
        if (algorithm == CongestionAlgorithm::kFixedRate) config.transport.fixedRate = 9'000'000;
        auto role = std::make_unique<PatternReceiver>();
        receiver = role.get();
        Node& server = network.AddNode({}, std::move(role));
        network.AddNode(config, std::make_unique<PatternSender>(server.Address(), kSize));
        finished = network.Run(seconds(60), [&] { return receiver->Finished(); });
    }
    double Seconds() const { return ToSeconds(network.Now().time_since_epoch()); }

    static constexpr std::uint64_t kSize = 3'000'000;
    Network network;
    PatternReceiver* receiver = nullptr;
    bool finished = false;
};

class TransferByController : public ::testing::TestWithParam<CongestionAlgorithm> {};

TEST_P(TransferByController, FillsABottleneckAndEndsAtTheSameInstantEachTime) {
    BottleneckTransfer transfer(GetParam());
    ASSERT_TRUE(transfer.finished);
    EXPECT_EQ(transfer.receiver->Received(), BottleneckTransfer::kSize);
    EXPECT_EQ(transfer.receiver->WrongBytes(), 0u);
    // 2.4 s of payload alone.
    EXPECT_GT(transfer.Seconds(), 2.4);
    EXPECT_LT(transfer.Seconds(), 3.0);
    BottleneckTransfer again(GetParam());
    EXPECT_EQ(transfer.network.LogDigest(), again.network.LogDigest());
}

INSTANTIATE_TEST_SUITE_P(Each, TransferByController,
                         ::testing::Values(CongestionAlgorithm::kNewReno,
                                           CongestionAlgorithm::kCubic,
                                           CongestionAlgorithm::kFixedRate,
                                           CongestionAlgorithm::kBbr, CongestionAlgorithm::kBbrLda),
                         [](const auto& which) { return std::string(ToString(which.param)); });

}  // namespace
}  // namespace crsp::sim
