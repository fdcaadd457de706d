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
    EXPECT_LE(transfer.network.Now() - reference.network.Now(), milliseconds(50))
        << "credit never holds the sender back, not even at the start";
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
    receiving.maxReceiveMemory = 1024 * 1024;
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

}  // namespace
}  // namespace crsp::sim
