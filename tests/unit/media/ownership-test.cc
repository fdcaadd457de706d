// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/ownership.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

const PeerKey kOne{std::byte{1}};
const PeerKey kTwo{std::byte{2}};
constexpr TimePoint kStart{};

TEST(Ownership, OneKeyAtATime) {
    Ownership ownership;
    EXPECT_TRUE(ownership.MayCommand(kStart, kOne));
    ownership.Take(kOne);
    EXPECT_TRUE(ownership.MayCommand(kStart, kOne));
    EXPECT_FALSE(ownership.MayCommand(kStart, kTwo));
    ownership.Take(kTwo);
    EXPECT_FALSE(ownership.MayCommand(kStart, kOne));
}

TEST(Ownership, WhereNobodyHasAKeyEverybodyMayCommand) {
    Ownership ownership;
    ownership.Take(std::nullopt);
    EXPECT_FALSE(ownership.Owner(kStart));
    EXPECT_TRUE(ownership.MayCommand(kStart, std::nullopt));
}

TEST(Ownership, WhoLeavesOwnsNothingAndWhoIsLostOwnsForAWhile) {
    Ownership ownership;
    ownership.Take(kOne);
    ownership.OnGone(kStart, kTwo, false);
    EXPECT_EQ(ownership.Owner(kStart), kOne);
    ownership.OnGone(kStart, kOne, false);
    EXPECT_FALSE(ownership.Owner(kStart));
    ownership.Take(kOne);
    ownership.OnGone(kStart, kOne, true);
    const TimePoint end = kStart + kOwnerGrace;
    EXPECT_EQ(ownership.Owner(end - milliseconds(1)), kOne);
    EXPECT_FALSE(ownership.Owner(end));
    EXPECT_TRUE(ownership.MayCommand(end, kTwo));
}

TEST(Ownership, WhoComesBackInTimeKeepsIt) {
    Ownership ownership;
    ownership.Take(kOne);
    ownership.OnGone(kStart, kOne, true);
    ownership.OnThere(kStart + seconds(1), kTwo);
    ownership.OnThere(kStart + seconds(1), kOne);
    EXPECT_EQ(ownership.Owner(kStart + kOwnerGrace * 2), kOne);
    ownership.OnGone(kStart, kOne, true);
    ownership.OnThere(kStart + kOwnerGrace, kOne);
    EXPECT_FALSE(ownership.Owner(kStart + kOwnerGrace));
}

}  // namespace
}  // namespace crsp
