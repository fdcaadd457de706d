// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>

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

/// A transfer between two nodes that may be configured apart.
struct Pattern {
    Pattern(ImpairmentConfig link, std::uint64_t size, EndpointConfig receiving = {})
        : network(1, std::move(link)) {
        auto role = std::make_unique<PatternReceiver>();
        receiver = role.get();
        receiverNode = &network.AddNode(std::move(receiving), std::move(role));
        auto senderRole = std::make_unique<PatternSender>(receiverNode->Address(), size);
        sender = senderRole.get();
        senderNode = &network.AddNode({}, std::move(senderRole));
    }
    bool Run(Duration limit) {
        return network.Run(limit, [&] { return receiver->Finished(); });
    }
    ConnectionStats SenderStats() const {
        return senderNode->GetEndpoint().StatsOf(sender->Connection()).value();
    }
    ConnectionStats ReceiverStats() const {
        return receiverNode->GetEndpoint().StatsOf(receiver->Connection()).value();
    }

    Network network;
    PatternReceiver* receiver = nullptr;
    PatternSender* sender = nullptr;
    Node* receiverNode = nullptr;
    Node* senderNode = nullptr;
};

/// 100 Mbit/s and 300 ms: 3.75 MB of bandwidth-delay product.
ImpairmentConfig LongFatLink() {
    ImpairmentConfig link;
    link.delay = milliseconds(150);
    link.rate.bitsPerSecond = 100'000'000;
    link.rate.queueBytes = 40'000'000;
    return link;
}

TEST(Transfer, CreditGrowsWithTheBandwidthDelayProduct) {
    Pattern transfer(LongFatLink(), 40'000'000);
    ASSERT_TRUE(transfer.Run(seconds(60)));
    const auto stats = transfer.ReceiverStats();
    EXPECT_GE(stats.largestStreamWindow, 2u * 3'750'000);
    EXPECT_GE(2 * stats.connectionWindow, 3 * stats.largestStreamWindow);
    EXPECT_EQ(transfer.receiver->WrongBytes(), 0u);

    EndpointConfig unlimited;
    unlimited.transport.FixStreamWindow(64 << 20);
    unlimited.transport.connectionReceiveWindow = 96 << 20;
    Pattern reference(LongFatLink(), 40'000'000, unlimited);
    ASSERT_TRUE(reference.Run(seconds(60)));
    // The first windows open a little later than the sender's start, which may grow tenfold.
    EXPECT_LE(transfer.network.Now() - reference.network.Now(), milliseconds(200))
        << "credit holds the sender back by less than two thirds of a round trip";
}

/// A renderer without a buffer: one portion of credit, and never more on the wire than that.
TEST(Transfer, OnePortionOfCreditCarriesATransfer) {
    constexpr std::uint64_t kPortion = 1024;
    EndpointConfig receiving;
    receiving.transport.FixStreamWindow(kPortion);
    auto link = CleanLink();
    link.loss.process = BernoulliLoss{.probability = 0.02};
    Pattern transfer(link, 100'000, receiving);
    const auto onTheWay = [&] {
        return transfer.sender->Connected()
                   ? transfer.SenderStats().streamBytesSent - transfer.receiver->Received()
                   : 0;
    };
    std::uint64_t most = 0;
    ASSERT_TRUE(transfer.network.Run(seconds(120), [&] {
        most = std::max(most, onTheWay());
        return transfer.receiver->Finished();
    }));
    EXPECT_EQ(transfer.receiver->WrongBytes(), 0u);
    EXPECT_LE(most, kPortion);
    EXPECT_EQ(transfer.ReceiverStats().largestStreamWindow, kPortion);
}

TEST(Transfer, CreditKeepsWithinTheMemoryOfTheEndpoint) {
    EndpointConfig receiving;
    receiving.maxReceiveMemory = 2 * 1024 * 1024;
    Pattern transfer(LongFatLink(), 10'000'000, receiving);
    ASSERT_TRUE(transfer.Run(seconds(60)));
    EXPECT_EQ(transfer.ReceiverStats().largestStreamWindow, 512u * 1024);
    EXPECT_LE(transfer.ReceiverStats().connectionWindow, 1024u * 1024);
}

TEST(Transfer, AReceiverThatPausesGetsNoMoreThanTheWindowOfTheMoment) {
    Pattern transfer(LongFatLink(), 400'000'000);
    transfer.network.RunFor(seconds(6));
    transfer.receiver->Hold(true);
    const auto window = transfer.ReceiverStats().largestStreamWindow;
    const auto read = transfer.receiver->Received();
    transfer.network.RunFor(seconds(30));
    EXPECT_GT(read, 0u);
    EXPECT_EQ(transfer.receiver->Received(), read);
    EXPECT_LE(transfer.SenderStats().streamBytesSent, read + window);
    EXPECT_EQ(transfer.ReceiverStats().largestStreamWindow, window);
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
