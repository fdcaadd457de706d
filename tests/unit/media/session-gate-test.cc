// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/session-gate.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

const std::optional<PeerKey> kOne = PeerKey{std::byte{1}};
const std::optional<PeerKey> kTwo = PeerKey{std::byte{2}};

TEST(SessionGate, B7_BoundsEachPeerAndAllOfThem) {
    SessionGate gate(4, 2);
    EXPECT_TRUE(gate.Enter(1, kOne));
    EXPECT_TRUE(gate.Enter(2, kOne));
    EXPECT_FALSE(gate.Enter(3, kOne));
    EXPECT_TRUE(gate.Enter(4, kTwo));
    EXPECT_TRUE(gate.Enter(5, std::nullopt));
    EXPECT_FALSE(gate.Enter(6, kTwo));
    EXPECT_EQ(gate.Count(), 4u);
    EXPECT_EQ(gate.CountOf(*kOne), 2u);
}

TEST(SessionGate, B7_APlaceIsFreeOnlyOnce) {
    SessionGate gate(4, 1);
    EXPECT_TRUE(gate.Enter(1, kOne));
    gate.Leave(7);
    EXPECT_FALSE(gate.Enter(2, kOne));
    gate.Leave(1);
    gate.Leave(1);
    EXPECT_TRUE(gate.Enter(2, kOne));
    EXPECT_FALSE(gate.Enter(3, kOne));
    EXPECT_EQ(gate.Count(), 1u);
}

TEST(SessionGate, ThoseWithoutKeysAreOnlyCountedTogether) {
    SessionGate gate(3, 1);
    for (ConnectionHandle i = 1; i <= 3; ++i) EXPECT_TRUE(gate.Enter(i, std::nullopt));
    EXPECT_FALSE(gate.Enter(4, std::nullopt));
}

}  // namespace
}  // namespace crsp
