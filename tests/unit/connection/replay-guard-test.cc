// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/replay-guard.h"

#include <gtest/gtest.h>

#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

const PeerKey kPeer = IdentityOf(1).publicKey;
const TimePoint kNow = TimePoint{} + seconds(1000);

TEST(ReplayGuard, A5_EachTimestampIsAcceptedOnce) {
    ReplayGuard guard;
    for (const std::uint64_t timestamp : {5u, 9u, 7u}) {
        EXPECT_TRUE(guard.Accept(kNow, kPeer, timestamp));
        EXPECT_FALSE(guard.Accept(kNow, kPeer, timestamp));
    }
    for (const std::uint64_t timestamp : {5u, 9u, 7u})
        EXPECT_FALSE(guard.Accept(kNow, kPeer, timestamp));
}

TEST(ReplayGuard, A5_OfWhatIsOlderThanAllThatIsRememberedLittleIsAccepted) {
    ReplayGuard guard;
    for (std::uint64_t i = 1; i <= kRememberedTimestamps; ++i) {
        EXPECT_TRUE(guard.Accept(kNow, kPeer, 10 * i));
    }
    const auto accepted = [&](TimePoint now) {
        std::uint32_t count = 0;
        for (int i = 0; i < 100; ++i) count += guard.Accept(now, kPeer, 3);
        return count;
    };
    EXPECT_EQ(accepted(kNow), kOldTimestampBurst);
    EXPECT_EQ(accepted(kNow + seconds(1)), kOldTimestampsPerSecond);
    EXPECT_TRUE(guard.Accept(kNow, kPeer, 15)) << "newer than the oldest, which is forgotten";
    EXPECT_FALSE(guard.Accept(kNow, kPeer, 15));
    EXPECT_TRUE(guard.Accept(kNow, kPeer, 10 * kRememberedTimestamps + 1));
}

TEST(ReplayGuard, PeersDoNotTouchEachOther) {
    ReplayGuard guard;
    EXPECT_TRUE(guard.Accept(kNow, kPeer, 5));
    EXPECT_TRUE(guard.Accept(kNow, IdentityOf(2).publicKey, 5));
}

}  // namespace
}  // namespace crsp::test
