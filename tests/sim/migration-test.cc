// SPDX-License-Identifier: BSD-3-Clause
// A peer whose address changes while bytes flow, and what others can do with its packets
// (CRSP §3.8; RFC 9000 §8.2, §9).
#include <gtest/gtest.h>

#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

constexpr std::uint64_t kRate = 10'000'000;
constexpr Duration kDelay = milliseconds(20);

ImpairmentConfig Line() {
    ImpairmentConfig link;
    link.delay = kDelay;
    link.rate.bitsPerSecond = kRate;
    link.rate.queueBytes = 50'000;
    return link;
}

/// The `index`th address that a NAT could give: another port, and another host too if `moves`.
SocketAddress Shown(std::uint32_t index, bool moves) {
    return SocketAddress::FromIpv4(0xc0000200 + (moves ? index % 250 : 0),
                                   static_cast<std::uint16_t>(20'000 + index));
}

/// One transfer, from a sender that connects to a receiver that accepts.
struct Migration {
    explicit Migration(std::uint64_t size,
                       CongestionAlgorithm congestion = CongestionAlgorithm::kNewReno)
        : network(1, Line()) {
        EndpointConfig config;
        config.transport.congestion = congestion;
        config.transport.idleTimeout = seconds(5);
        auto receiverRole = std::make_unique<PatternReceiver>();
        receiver = receiverRole.get();
        receiverNode = &network.AddNode(config, std::move(receiverRole));
        auto senderRole = std::make_unique<PatternSender>(receiverNode->Address(), size);
        sender = senderRole.get();
        senderNode = &network.AddNode(config, std::move(senderRole));
    }
    /// Gives `node` another address every `interval` until `end`.
    void RebindEvery(Node& node, Duration interval, Duration end, bool moves) {
        std::uint32_t index = 0;
        for (Duration at = interval; at < end; at += interval) {
            network.Events().At(TimePoint{} + at, [this, &node, moves, index] {
                network.Rebind(node, Shown(index, moves));
            });
            ++index;
        }
    }
    ConnectionStats StatsOf(Node& node) { return *node.GetEndpoint().StatsOf(1); }
    bool Alive() const { return !sender->Closed() && !receiver->Closed(); }

    Network network;
    PatternReceiver* receiver = nullptr;
    PatternSender* sender = nullptr;
    Node* receiverNode = nullptr;
    Node* senderNode = nullptr;
};

/// Who sits behind the NAT, whether the host changes too, and who controls congestion.
struct RebindingCase {
    const char* name;
    bool receiverMoves;
    bool otherHost;
    CongestionAlgorithm congestion;
};

class Rebinding : public ::testing::TestWithParam<RebindingCase> {};

TEST_P(Rebinding, B14_EverySecondForAMinuteKeepsFourFifthsOfTheGoodput) {
    const auto& which = GetParam();
    constexpr Duration kTime = seconds(60);
    Migration run(1'000'000'000, which.congestion);
    Node& moving = which.receiverMoves ? *run.receiverNode : *run.senderNode;
    Node& still = which.receiverMoves ? *run.senderNode : *run.receiverNode;
    run.RebindEvery(moving, seconds(1), kTime, which.otherHost);
    run.network.RunFor(kTime);
    ASSERT_TRUE(run.Alive());
    EXPECT_EQ(run.receiver->WrongBytes(), 0u);
    const double possible = kRate / 8.0 * ToSeconds(kTime) * 1137 / 1228;
    EXPECT_GE(static_cast<double>(run.receiver->Received()), 0.8 * possible);
    EXPECT_EQ(run.StatsOf(still).pathChanges, 59u);
    EXPECT_EQ(run.StatsOf(moving).pathChanges, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Each, Rebinding,
    ::testing::Values(
        RebindingCase{"SenderPort", false, false, CongestionAlgorithm::kNewReno},
        RebindingCase{"SenderAddressAndPort", false, true, CongestionAlgorithm::kNewReno},
        RebindingCase{"ReceiverPort", true, false, CongestionAlgorithm::kNewReno},
        RebindingCase{"ReceiverAddressAndPort", true, true, CongestionAlgorithm::kNewReno},
        RebindingCase{"ReceiverAddressAndPortCubic", true, true, CongestionAlgorithm::kCubic},
        RebindingCase{"ReceiverPortBbrLda", true, false, CongestionAlgorithm::kBbrLda},
        RebindingCase{"ReceiverAddressAndPortBbrLda", true, true, CongestionAlgorithm::kBbrLda}),
    [](const auto& which) { return std::string(which.param.name); });

TEST(Migration, B14_APacketCopiedToAnotherAddressDoesNotMoveTheConnection) {
    const auto attacker = SocketAddress::FromIpv4(0xcb007101, 666);
    Migration run(2'000'000);
    std::uint64_t toAttacker = 0;
    std::uint64_t fromAttacker = 0;
    // The copies overtake the originals, which are then the duplicates.
    run.network.SetFilter(
        [&](const SocketAddress& from, const SocketAddress& to, ConstByteSpan bytes) {
            if (to == attacker) toAttacker += bytes.size();
            if (from == run.senderNode->Address() && bytes.size() > 1000 &&
                run.network.Now() > TimePoint{} + milliseconds(500) && fromAttacker < 20'000) {
                fromAttacker += bytes.size();
                run.receiverNode->Receive(attacker, {bytes.begin(), bytes.end()});
            }
            return false;
        });
    ASSERT_TRUE(run.network.Run(seconds(60), [&] { return run.receiver->Finished(); }));
    EXPECT_EQ(run.StatsOf(*run.receiverNode).pathChanges, 0u);
    EXPECT_GT(fromAttacker, 0u);
    EXPECT_GT(toAttacker, 0u);
    EXPECT_LE(toAttacker, fromAttacker);
    EXPECT_LT(ToSeconds(run.network.Now().time_since_epoch()), 2.5);
}

TEST(Migration, AReceiverWhoseAddressChangedOnceIsFoundAgainWithinAFractionOfASecond) {
    Migration run(4'000'000);
    run.network.RunFor(seconds(1));
    run.network.Rebind(*run.receiverNode, Shown(1, true));
    const auto before = run.receiver->Received();
    run.network.RunFor(milliseconds(500));
    EXPECT_GT(run.receiver->Received(), before + 100'000);
}

}  // namespace
}  // namespace crsp::sim
