// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/key-update.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/connection/pair.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

EndpointConfig Updating(std::uint8_t which, std::uint64_t packets) {
    auto config = ConfigOf(which);
    config.transport.keyUpdatePackets = packets;
    return config;
}

TEST(KeyUpdate, IsDueAfterItsPacketsOrItsLifetimeAndNeverBeforeThePeerHasTheKeys) {
    const TimePoint begin = TimePoint{} + seconds(1);
    KeyUpdate update(100);
    update.OnPhase(begin, 50, milliseconds(300));
    EXPECT_FALSE(update.Due(begin + kKeyLifetime, 1000)) << "nothing acknowledged";
    update.OnPacketAcked(49);
    EXPECT_FALSE(update.Due(begin + kKeyLifetime, 1000)) << "of the phase before";
    update.OnPacketAcked(50);
    EXPECT_TRUE(update.Due(begin + kKeyLifetime, 0));
    EXPECT_FALSE(update.Due(begin + kKeyLifetime - nanoseconds(1), 99));
    EXPECT_TRUE(update.Due(begin + milliseconds(300), 100));
    EXPECT_FALSE(update.Due(begin + milliseconds(299), 100));
    EXPECT_FALSE(update.PeerMay(begin + kMinPeerPhase - nanoseconds(1)));
    EXPECT_TRUE(update.PeerMay(begin + kMinPeerPhase));
}

TEST(KeyUpdate, ALongTransferChangesKeysManyTimesAndLosesNothing) {
    Pair pair(Updating(1, 50), Updating(2, 50));
    std::size_t count = 0;
    pair.link = [&](const End&, Bytes&) { return ++count % 10 == 0 ? 0 : 1; };
    pair.Establish();
    for (int i = 0; i < 20; ++i) {
        Transfer transfer(pair, 100'000);
        ASSERT_TRUE(transfer.Run(seconds(60)));
        EXPECT_EQ(transfer.wrong, 0u);
        pair.RunFor(milliseconds(500));
    }
    EXPECT_GT(pair.initiator.Stats().keyUpdates, 10u);
    EXPECT_NEAR(static_cast<double>(pair.responder.Stats().keyUpdates),
                static_cast<double>(pair.initiator.Stats().keyUpdates), 1.0);
    EXPECT_EQ(pair.initiator.Stats().packetsUnopened, 0u);
    EXPECT_EQ(pair.responder.Stats().packetsUnopened, 0u);
}

TEST(KeyUpdate, AQuietConnectionChangesThemOnceInALifetime) {
    Pair pair;
    pair.Establish();
    pair.RunFor(kKeyLifetime * 3 + seconds(30));
    EXPECT_EQ(pair.initiator.Stats().keyUpdates, 3u);
    EXPECT_FALSE(pair.initiator.Closed());
}

TEST(KeyUpdate, B12_AStormOfUpdatesIsFollowedOnceInTenMillisecondsAtMost) {
    SealingPeer peer;
    peer.Establish();
    const auto before = peer.endpoint.StatsOf(peer.handle)->keyUpdates;
    for (int i = 0; i < 100; ++i) {
        if (peer.protection->CanUpdate()) peer.protection->Update();
        peer.Send(Payload(PingFrame{}));
        peer.Receive();
    }
    EXPECT_LE(peer.endpoint.StatsOf(peer.handle)->keyUpdates - before, 1u);
}

TEST(KeyUpdate, B11_AKeyThatIsUsedUpEndsTheConnectionAndThePeerHearsWhy) {
    auto config = Updating(1, kGcmConfidentialityLimit);
    config.transport.aeadLimits = {kSealReserve + 100, 1};
    Pair pair(config, ConfigOf(2));
    pair.Establish();
    Transfer transfer(pair, 10'000'000);
    EXPECT_FALSE(transfer.Run(seconds(5)));
    EXPECT_LE(pair.initiator.sent.size(), kSealReserve + 100);
    for (const End* end : {&pair.initiator, &pair.responder}) {
        ASSERT_TRUE(end->Closed());
        EXPECT_EQ(end->Closed()->code, TransportErrorCode::kAeadLimitReached);
        EXPECT_EQ(end->Closed()->byPeer, end == &pair.responder);
    }
}

}  // namespace
}  // namespace crsp::test
