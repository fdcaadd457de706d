// SPDX-License-Identifier: BSD-3-Clause
// What a connection counts, held against what it did.
#include <gtest/gtest.h>

#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

struct CountedTransfer {
    explicit CountedTransfer(Pair::Link link = {}) {
        if (link) pair.link = std::move(link);
        pair.Establish();
        Transfer transfer(pair, 200'000);
        EXPECT_TRUE(transfer.Run());
        pair.RunFor(seconds(1));
        sent = pair.initiator.Stats();
        received = pair.responder.Stats();
    }
    Pair pair;
    ConnectionStats sent;
    ConnectionStats received;
};

TEST(ConnectionStatsTest, BothEndsOfACleanPathAgree) {
    const CountedTransfer run;
    EXPECT_EQ(run.received.packetsReceived, run.sent.packetsSent);
    EXPECT_EQ(run.received.bytesReceived, run.sent.bytesSent);
    EXPECT_EQ(run.sent.ackFramesReceived, run.received.ackFramesSent);
    EXPECT_EQ(run.sent.ackRangesReceived, run.received.ackRangesSent);
    EXPECT_EQ(run.sent.packetsLost, 0u);
    EXPECT_EQ(run.sent.congestionEvents, 0u);
    EXPECT_EQ(run.sent.packetsReordered + run.received.packetsReordered, 0u);
    EXPECT_EQ(run.sent.streamBytesSent, 200'000u);
    EXPECT_EQ(run.received.streamBytesReceived, 200'000u);
    EXPECT_GT(run.sent.ackElicitingSent, 200'000u / 1200);
    EXPECT_LE(run.sent.ackElicitingSent, run.sent.packetsSent);
    EXPECT_EQ(run.sent.handshakePacketsSent, 1u);
    EXPECT_EQ(run.sent.handshakeDuration, 2 * run.pair.delay);
    EXPECT_GT(run.sent.pacingRate, 0u);
    EXPECT_GT(run.sent.deliveryRate, 0u);
    EXPECT_GE(run.sent.ptoInterval, run.sent.smoothedRtt);
    EXPECT_GT(run.sent.windowLimited + run.sent.pacingLimited, 0u);
}

TEST(ConnectionStatsTest, EveryLossHasACause) {
    std::uint64_t count = 0;
    const CountedTransfer run([&count](const End&, Bytes&) { return ++count % 9 == 0 ? 0 : 1; });
    EXPECT_GT(run.sent.packetsLost, 0u);
    EXPECT_GT(run.sent.packetsLostByReordering, 0u);
    EXPECT_EQ(run.sent.packetsLost, run.sent.packetsLostByReordering + run.sent.packetsLostByTime);
    EXPECT_GT(run.sent.bytesLost, 0u);
    EXPECT_GT(run.sent.congestionEvents, 0u);
    EXPECT_LE(run.sent.congestionEvents, run.sent.packetsLost);
    EXPECT_GT(run.sent.streamBytesRetransmitted, 0u);
}

TEST(ConnectionStatsTest, CreditThatHoldsBackIsCountedAtBothEnds) {
    auto small = ConfigOf(2);
    small.transport.FixStreamWindow(10'000);
    Pair pair(ConfigOf(1), small);
    pair.Establish();
    Transfer transfer(pair, 100'000);
    ASSERT_TRUE(transfer.Run());
    pair.RunFor(seconds(1));
    const auto sent = pair.initiator.Stats();
    const auto received = pair.responder.Stats();
    EXPECT_GT(sent.blockedSent, 0u);
    EXPECT_EQ(received.blockedReceived, sent.blockedSent);
    EXPECT_EQ(sent.blockedReceived, 0u);
}

}  // namespace
}  // namespace crsp::test
