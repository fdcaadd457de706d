// SPDX-License-Identifier: BSD-3-Clause
// What a connection does while its handshake lasts; whole handshakes are in
// endpoint-handshake-test.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

std::size_t CountOfType(const End& end, PacketType type) {
    return static_cast<std::size_t>(std::count_if(
        end.sent.begin(), end.sent.end(),
        [type](const auto& sent) { return sent.second[0] == static_cast<std::byte>(type); }));
}

EndpointConfig PairingEnd(std::uint8_t which) {
    auto config = IdentityConfigOf(which, {});
    config.pairing = true;
    return config;
}

TEST(ConnectionHandshake, AnInitialIsRepeatedUnchangedUntilTheHandshakeIsGivenUp) {
    Pair pair;
    pair.link = [](const End&, Bytes&) { return 0; };
    pair.Connect();
    pair.RunFor(seconds(70));
    ASSERT_GT(pair.initiator.sent.size(), 5u);
    for (const auto& [at, datagram] : pair.initiator.sent) {
        EXPECT_EQ(datagram, pair.initiator.sent[0].second);
    }
    EXPECT_EQ(pair.initiator.Closed()->code, TransportErrorCode::kHandshakeTimeout);
}

TEST(ConnectionHandshake, AFinishIsRepeatedUntilThePeerSendsData) {
    Pair pair(PairingEnd(1), PairingEnd(2));
    pair.link = [&](const End& from, Bytes& datagram) {
        const bool data = HeaderOf<DataHeader>(datagram).has_value();
        return &from == &pair.responder && data && pair.now < TimePoint{} + seconds(4) ? 0 : 1;
    };
    pair.Connect();
    pair.RunFor(seconds(2));
    EXPECT_TRUE(pair.responder.Connected());
    const auto before = CountOfType(pair.initiator, PacketType::kFinish);
    EXPECT_GE(before, 2u);
    pair.RunFor(seconds(4));
    const auto later = CountOfType(pair.initiator, PacketType::kFinish);
    pair.RunFor(seconds(20));
    EXPECT_EQ(CountOfType(pair.initiator, PacketType::kFinish), later) << "and no longer";
    EXPECT_FALSE(pair.initiator.Closed());
}

TEST(ConnectionHandshake, TheRoundTripIsMeasuredAfterARetryAsWell) {
    Pair pair(OpenConfigOf(1), OpenConfigOf(2));
    pair.Connect();
    pair.RunUntil([&] { return pair.initiator.Connected(); });
    EXPECT_EQ(pair.initiator.Stats().smoothedRtt, 2 * pair.delay);
    EXPECT_EQ(pair.initiator.Stats().handshakePacketsSent, 2u);
}

TEST(ConnectionHandshake, AFinishThatComesLateIsNotTakenForTheRoundTrip) {
    Pair pair(PairingEnd(1), PairingEnd(2));
    pair.link = [&](const End&, Bytes& datagram) {
        return HeaderOf<FinishHeader>(datagram) && pair.now < TimePoint{} + milliseconds(1500) ? 0
                                                                                               : 1;
    };
    pair.Connect();
    ASSERT_TRUE(pair.RunUntil([&] { return pair.responder.Connected(); }, seconds(10)));
    EXPECT_LT(pair.responder.Stats().smoothedRtt, milliseconds(500));
}

}  // namespace
}  // namespace crsp::test
