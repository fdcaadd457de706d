// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/fair-turns.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

const std::optional<PeerKey> kOne = PeerKey{std::byte{1}};
const std::optional<PeerKey> kTwo = PeerKey{std::byte{2}};

TEST(FairTurns, C14_OneKeyAloneWritesOnAllItsConnections) {
    FairTurns turns;
    turns.Begin(1, kOne);
    turns.Begin(2, kOne);
    EXPECT_FALSE(turns.Contended());
    EXPECT_TRUE(turns.MayWrite(1) && turns.MayWrite(2));
}

TEST(FairTurns, C14_KeysThatCompeteHaveOneConnectionEachInTurn) {
    FairTurns turns;
    for (ConnectionHandle i = 1; i <= 3; ++i) turns.Begin(i, kOne);
    turns.Begin(4, kTwo);
    ASSERT_TRUE(turns.Contended());
    EXPECT_EQ(turns.Holders(), std::vector<ConnectionHandle>{1});
    for (ConnectionHandle holder = 1; holder <= 3; ++holder) {
        for (ConnectionHandle i = 1; i <= 3; ++i) EXPECT_EQ(turns.MayWrite(i), i == holder);
        EXPECT_TRUE(turns.MayWrite(4));
        turns.Pass(holder);
    }
    EXPECT_TRUE(turns.MayWrite(1));
    turns.End(4);
    EXPECT_FALSE(turns.Contended());
    EXPECT_TRUE(turns.MayWrite(2));
}

TEST(FairTurns, AConnectionThatEndsPassesItsTurn) {
    FairTurns turns;
    turns.Begin(1, kOne);
    turns.Begin(2, kOne);
    turns.Begin(3, kTwo);
    turns.Begin(1, kOne);  // another transfer on the same connection
    EXPECT_EQ(turns.Running().size(), 3u);
    turns.End(1);
    turns.End(1);
    EXPECT_TRUE(turns.MayWrite(2));
    EXPECT_FALSE(turns.Contended());
}

TEST(FairTurns, ConnectionsWithoutKeysNeverWait) {
    FairTurns turns;
    turns.Begin(1, std::nullopt);
    turns.Begin(2, std::nullopt);
    EXPECT_FALSE(turns.Contended());
    turns.Begin(3, kOne);
    turns.Begin(4, kOne);
    EXPECT_TRUE(turns.Contended());
    EXPECT_TRUE(turns.MayWrite(1) && turns.MayWrite(2));
    EXPECT_NE(turns.MayWrite(3), turns.MayWrite(4));
}

}  // namespace
}  // namespace crsp
