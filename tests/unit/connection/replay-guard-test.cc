// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/replay-guard.h"

#include <gtest/gtest.h>

#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

const PeerKey kPeer = IdentityOf(1).publicKey;

TEST(ReplayGuard, A5_EachTimestampIsAcceptedOnce) {
    ReplayGuard guard;
    for (const std::uint64_t timestamp : {5u, 9u, 7u}) {
        EXPECT_TRUE(guard.Accept(kPeer, timestamp));
        EXPECT_FALSE(guard.Accept(kPeer, timestamp));
    }
    for (const std::uint64_t timestamp : {5u, 9u, 7u}) EXPECT_FALSE(guard.Accept(kPeer, timestamp));
}

TEST(ReplayGuard, WhatIsOlderThanAllThatIsRememberedIsRefused) {
    ReplayGuard guard;
    for (std::uint64_t i = 1; i <= kRememberedTimestamps; ++i) {
        EXPECT_TRUE(guard.Accept(kPeer, 10 * i));
    }
    EXPECT_FALSE(guard.Accept(kPeer, 3));
    EXPECT_TRUE(guard.Accept(kPeer, 15)) << "newer than the oldest, which is forgotten for it";
    EXPECT_FALSE(guard.Accept(kPeer, 10));
    EXPECT_FALSE(guard.Accept(kPeer, 15));
    EXPECT_TRUE(guard.Accept(kPeer, 10 * kRememberedTimestamps + 1));
}

TEST(ReplayGuard, PeersDoNotTouchEachOther) {
    ReplayGuard guard;
    EXPECT_TRUE(guard.Accept(kPeer, 5));
    EXPECT_TRUE(guard.Accept(IdentityOf(2).publicKey, 5));
}

}  // namespace
}  // namespace crsp::test
