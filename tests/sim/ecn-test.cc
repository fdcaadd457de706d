// SPDX-License-Identifier: BSD-3-Clause
// Queues that mark instead of dropping, and paths that do something else to marks (CRSP §6.7).
#include <gtest/gtest.h>

#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

constexpr std::uint64_t kBitRate = 10'000'000;
constexpr Duration kOneWay = milliseconds(20);
/// As ConnectionStats::ecnState has them.
constexpr std::uint64_t kCapable = 3;
constexpr std::uint64_t kFailed = 4;

/// A queue of two bandwidth-delay products, which marks what waits longer than half of one.
ImpairmentConfig MarkingLink(EcnTreatment treatment = EcnTreatment::kCarry) {
    ImpairmentConfig link;
    link.delay = kOneWay;
    link.rate.bitsPerSecond = kBitRate;
    link.rate.queueBytes = 100'000;
    link.markAbove = milliseconds(20);
    link.ecn = treatment;
    return link;
}

/// Sends without end over one link; the way back is clean.
struct Flow {
    explicit Flow(const ImpairmentConfig& link,
                  CongestionAlgorithm congestion = CongestionAlgorithm::kBbrLda, bool ecn = true)
        : network(1, link) {
        EndpointConfig config;
        config.transport.congestion = congestion;
        config.transport.ecn = ecn;
        auto role = std::make_unique<PatternReceiver>();
        receiver = role.get();
        receiverNode = &network.AddNode(config, std::move(role));
        auto sending = std::make_unique<PatternSender>(receiverNode->Address(), 1'000'000'000);
        sender = sending.get();
        senderNode = &network.AddNode(config, std::move(sending));
    }
    ConnectionStats Stats() const { return *senderNode->GetEndpoint().StatsOf(1); }
    ConnectionStats ReceiverStats() const { return *receiverNode->GetEndpoint().StatsOf(1); }
    const LinkCounters& Forward() { return network.CountersOf(*senderNode, *receiverNode); }
    /// Of the time, bit/s of payload.
    double Goodput(Duration duration) {
        const auto before = receiver->Received();
        network.RunFor(duration);
        return static_cast<double>(receiver->Received() - before) * 8 / ToSeconds(duration);
    }

    Network network;
    PatternReceiver* receiver = nullptr;
    PatternSender* sender = nullptr;
    Node* receiverNode = nullptr;
    Node* senderNode = nullptr;
};

class EcnByController : public ::testing::TestWithParam<CongestionAlgorithm> {};

TEST_P(EcnByController, AQueueThatMarksLosesNothingAndCostsNoGoodput) {
    Flow dropping(MarkingLink(), GetParam(), false);
    const double without = dropping.Goodput(seconds(30));
    Flow marking(MarkingLink(), GetParam());
    const double with = marking.Goodput(seconds(30));
    EXPECT_GE(with, 0.9 * without);
    EXPECT_GE(with, 0.8 * kBitRate);
    const auto stats = marking.Stats();
    EXPECT_EQ(stats.ecnState, kCapable);
    EXPECT_EQ(stats.packetsLost, 0u);
    EXPECT_EQ(marking.receiver->WrongBytes(), 0u);
    // What was marked and is still on its way is part of what is in flight.
    const auto onItsWay = marking.Forward().marked - marking.ReceiverStats().ceReceived;
    EXPECT_LE(onItsWay * kMinDatagramSize, stats.bytesInFlight + kMinDatagramSize);
    // What the last ACK did not yet tell is on its way.
    EXPECT_LE(stats.ceReported, marking.Forward().marked);
    EXPECT_LE(marking.Forward().queueDelaySum, dropping.Forward().queueDelaySum);
    EXPECT_EQ(dropping.Forward().marked, 0u) << "what is not ECN-capable is never marked";
}

TEST_P(EcnByController, AMarkSlowsTheSenderAsALossWould) {
    // Room for more than any of them needs: what does not listen to marks fills it.
    auto link = MarkingLink();
    link.rate.queueBytes = 2'000'000;
    link.markAbove = milliseconds(5);
    Flow flow(link, GetParam());
    flow.network.RunFor(seconds(20));
    EXPECT_GT(flow.Stats().ceReported, 0u);
    EXPECT_GT(flow.Stats().congestionEventsByEcn, 0u);
    EXPECT_LT(flow.Forward().queueDelayMax, milliseconds(200));
    EXPECT_EQ(flow.Stats().packetsLost, 0u);
}

INSTANTIATE_TEST_SUITE_P(Each, EcnByController,
                         ::testing::Values(CongestionAlgorithm::kNewReno,
                                           CongestionAlgorithm::kCubic, CongestionAlgorithm::kBbr,
                                           CongestionAlgorithm::kBbrLda),
                         [](const auto& which) { return std::string(ToString(which.param)); });

class EcnByTreatment : public ::testing::TestWithParam<EcnTreatment> {};

/// Whatever the path does to marks, the transfer goes on without them.
TEST_P(EcnByTreatment, B17_APathThatMistreatsMarksIsUsedWithoutThem) {
    Flow flow(MarkingLink(GetParam()));
    const double goodput = flow.Goodput(seconds(20));
    EXPECT_EQ(flow.Stats().ecnState, kFailed);
    EXPECT_EQ(flow.ReceiverStats().ecnState, kFailed);
    EXPECT_LE(flow.Stats().ect0Sent, 40u);
    EXPECT_GE(goodput, 0.8 * kBitRate);
    EXPECT_EQ(flow.receiver->WrongBytes(), 0u);
    EXPECT_LE(flow.Forward().Dropped(DropReason::kEcn), 10u);
}

INSTANTIATE_TEST_SUITE_P(Each, EcnByTreatment,
                         ::testing::Values(EcnTreatment::kBleach, EcnTreatment::kRemark,
                                           EcnTreatment::kMarkAll, EcnTreatment::kDrop),
                         [](const auto& which) {
                             std::string name(
                                 EcnTreatmentNames()[static_cast<std::size_t>(which.param)]);
                             std::erase(name, '-');
                             return name;
                         });

TEST(Ecn, B17_APathThatBeginsToBleachIsNoticed) {
    Flow flow(MarkingLink());
    flow.network.RunFor(seconds(3));
    ASSERT_EQ(flow.Stats().ecnState, kCapable);
    flow.network.SetLink(*flow.senderNode, *flow.receiverNode, MarkingLink(EcnTreatment::kBleach));
    flow.network.RunFor(seconds(1));
    EXPECT_EQ(flow.Stats().ecnState, kFailed);
}

TEST(Ecn, APathThatBeginsToDropMarkedPacketsIsUsedWithoutMarks) {
    Flow flow(MarkingLink());
    flow.network.RunFor(seconds(3));
    ASSERT_EQ(flow.Stats().ecnState, kCapable);
    flow.network.SetLink(*flow.senderNode, *flow.receiverNode, MarkingLink(EcnTreatment::kDrop));
    flow.network.RunFor(seconds(3));
    EXPECT_EQ(flow.Stats().ecnState, kFailed);
    EXPECT_GE(flow.Goodput(seconds(10)), 0.8 * kBitRate);
    EXPECT_EQ(flow.receiver->WrongBytes(), 0u);
}

TEST(Ecn, ABlackoutIsNoReasonToGiveMarksUp) {
    auto link = MarkingLink();
    link.blackout.intervals = {{seconds(3), seconds(6)}};
    Flow flow(link);
    flow.network.RunFor(seconds(10));
    EXPECT_EQ(flow.Stats().ecnState, kCapable);
}

TEST(Ecn, ANewPathIsTestedAnew) {
    Flow flow(MarkingLink(EcnTreatment::kBleach));
    flow.network.RunFor(seconds(3));
    ASSERT_EQ(flow.Stats().ecnState, kFailed);
    flow.network.SetLink(*flow.senderNode, *flow.receiverNode, MarkingLink());
    flow.network.Rebind(*flow.receiverNode, SocketAddress::FromIpv4(0x0a0000ff, 4000));
    flow.network.RunFor(seconds(3));
    EXPECT_EQ(flow.Stats().pathChanges, 1u);
    EXPECT_EQ(flow.Stats().ecnState, kCapable);
    // And once more where the counts of the old path stand behind those of the new.
    flow.network.SetLink(*flow.senderNode, *flow.receiverNode, MarkingLink(EcnTreatment::kBleach));
    flow.network.Rebind(*flow.receiverNode, SocketAddress::FromIpv4(0x0a0000fe, 4000));
    flow.network.RunFor(seconds(3));
    EXPECT_EQ(flow.Stats().ecnState, kFailed);
}

/// Only packets that opened are counted.
TEST(Ecn, B17_MarksOfPacketsThatDoNotOpenCountForNothing) {
    auto link = MarkingLink();
    link.markAbove.reset();
    Flow flow(link);
    flow.network.RunFor(seconds(1));
    const auto before = flow.ReceiverStats();
    std::vector<std::byte> forged(100, std::byte{0x55});
    forged[0] = std::byte{0x40};
    for (int i = 0; i < 50; ++i) {
        flow.network.Transfer(flow.senderNode->Address(), flow.receiverNode->Address(), forged,
                              Ecn::kCe);
    }
    flow.network.RunFor(seconds(1));
    EXPECT_EQ(flow.ReceiverStats().ceReceived, before.ceReceived);
    EXPECT_EQ(flow.Stats().congestionEventsByEcn, 0u);
}

/// The share of packets lost at random does not matter to the validation.
TEST(Ecn, LossAndReorderingDoNotFailAPathThatCarriesMarks) {
    auto link = MarkingLink();
    link.loss.process = BernoulliLoss{.probability = 0.1};
    link.reorder = {0.05, milliseconds(15)};
    link.duplicate = {0.02, 2};
    Flow flow(link);
    flow.network.RunFor(seconds(30));
    EXPECT_EQ(flow.Stats().ecnState, kCapable);
    EXPECT_EQ(flow.ReceiverStats().ecnState, kCapable);
}

TEST(Ecn, AFixedRateDoesNotPretendToListen) {
    ImpairmentConfig link = MarkingLink();
    Network network(1, link);
    EndpointConfig config;
    config.transport.congestion = CongestionAlgorithm::kFixedRate;
    config.transport.fixedRate = 5'000'000;
    Node& receiving = network.AddNode({}, std::make_unique<PatternReceiver>());
    Node& sending = network.AddNode(
        config, std::make_unique<PatternSender>(receiving.Address(), 1'000'000'000));
    network.RunFor(seconds(2));
    EXPECT_EQ(sending.GetEndpoint().StatsOf(1)->ect0Sent, 0u);
    EXPECT_EQ(sending.GetEndpoint().StatsOf(1)->ecnState, 0u);
}

}  // namespace
}  // namespace crsp::sim
