// SPDX-License-Identifier: BSD-3-Clause
// Unreliable datagrams from endpoint to endpoint (CRSP §5.6).
#include <gtest/gtest.h>

#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

EndpointConfig Taking(std::uint8_t which) {
    auto config = ConfigOf(which);
    config.transport.maxDatagramFrameSize = 65535;
    return config;
}

struct DatagramPair : Pair {
    DatagramPair() : Pair(Taking(1), Taking(2)) { Establish(); }

    Expected<void, UsageError> Send(const Bytes& datagram) {
        return initiator.endpoint.SendDatagram(initiator.Handle(), datagram);
    }
    std::vector<Bytes> ReadAll() {
        std::vector<Bytes> all;
        Bytes buffer(kMaxDatagramSize);
        while (true) {
            const auto length = responder.endpoint.ReadDatagram(responder.Handle(), buffer).value();
            if (!length) return all;
            all.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*length));
        }
    }
};

TEST(UnreliableDatagram, ArrivesAndIsAcknowledged) {
    DatagramPair pair;
    ASSERT_TRUE(pair.Send(Pattern(100)));
    ASSERT_TRUE(pair.Send(Pattern(1100)));
    pair.RunFor(seconds(1));
    EXPECT_EQ(pair.responder.Count<DatagramReceivedEvent>(), 1u);
    EXPECT_EQ(pair.ReadAll(), (std::vector<Bytes>{Pattern(100), Pattern(1100)}));
    EXPECT_EQ(pair.initiator.Stats().datagramsSent, 2u);
    EXPECT_EQ(pair.initiator.Stats().datagramsAcked, 2u);
    EXPECT_EQ(pair.responder.Stats().datagramsReceived, 2u);
    EXPECT_EQ(pair.initiator.Stats().bytesInFlight, 0u);
}

TEST(UnreliableDatagram, IsSentOnceWhateverIsLost) {
    DatagramPair pair;
    pair.link = [&](const End& from, Bytes&) { return &from == &pair.initiator ? 0 : 1; };
    ASSERT_TRUE(pair.Send(Pattern(100)));
    pair.RunFor(seconds(3));
    pair.link = nullptr;
    pair.RunFor(seconds(3));
    EXPECT_TRUE(pair.ReadAll().empty());
    EXPECT_EQ(pair.initiator.Stats().datagramsSent, 1u);
    EXPECT_EQ(pair.initiator.Stats().datagramsAcked, 0u);
    EXPECT_EQ(pair.initiator.Stats().bytesInFlight, 0u) << "a PING found out that it is lost";
}

TEST(UnreliableDatagram, IsHeldBackByCongestionControl) {
    DatagramPair pair;
    pair.link = [](const End&, Bytes&) { return 0; };
    while (pair.Send(Pattern(1000))) {
    }
    pair.RunFor(milliseconds(40));  // and no probe yet
    const auto stats = pair.initiator.Stats();
    EXPECT_GT(stats.datagramsSent, 0u);
    EXPECT_LT(stats.datagramsSent * 1000, stats.congestionWindow + 2000);
}

TEST(UnreliableDatagram, WithoutTheParameterItIsRefused) {
    Pair pair;
    pair.Establish();
    EXPECT_EQ(pair.initiator.endpoint.DatagramLimit(pair.initiator.Handle()).value(), std::nullopt);
    EXPECT_EQ(pair.initiator.endpoint.SendDatagram(pair.initiator.Handle(), Pattern(1)).error(),
              UsageError::kRefused);
    SealingPeer peer;
    peer.Establish();
    EXPECT_EQ(peer.CloseCodeAfter(Payload(DatagramFrame{AsBytes("x")})),
              static_cast<std::uint64_t>(TransportErrorCode::kProtocolViolation));
}

TEST(UnreliableDatagram, TheLargestGoesThroughBesideABulkStreamBothWays) {
    DatagramPair pair;
    Transfer transfer(pair, 300'000);
    const auto limit =
        pair.initiator.endpoint.DatagramLimit(pair.initiator.Handle()).value().value();
    EXPECT_EQ(pair.Send(Pattern(limit + 1)).error(), UsageError::kTooLong);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(pair.Send(Pattern(limit)));
    ASSERT_TRUE(pair.RunUntil([&] { return transfer.Step() || transfer.received > 60'000; }));
    EXPECT_EQ(pair.ReadAll().size(), 10u) << "datagrams and stream take turns";
    EXPECT_GT(transfer.received, 0u);
    EXPECT_TRUE(transfer.Run());
    EXPECT_EQ(transfer.wrong, 0u);
}

TEST(UnreliableDatagram, AnUnknownConnectionIsAnError) {
    Endpoint endpoint(ConfigOf(1));
    EXPECT_EQ(endpoint.SendDatagram(7, {}).error(), UsageError::kUnknownConnection);
    EXPECT_EQ(endpoint.ReadDatagram(7, {}).error(), UsageError::kUnknownConnection);
    EXPECT_EQ(endpoint.DatagramLimit(7).error(), UsageError::kUnknownConnection);
}

}  // namespace
}  // namespace crsp::test
