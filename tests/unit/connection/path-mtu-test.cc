// SPDX-License-Identifier: BSD-3-Clause
// CRSP §3.9; RFC 8899.
#include "model/connection/path-mtu.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace crsp {
namespace {

constexpr TimePoint At(int s) {
    return TimePoint{} + seconds(s);
}

/// Sends probes over a path that carries `carries` bytes until none is due; returns their sizes.
std::vector<std::size_t> Search(PathMtu& mtu, std::size_t carries, TimePoint now = At(0)) {
    std::vector<std::size_t> probes;
    while (const auto size = mtu.ProbeDue(now)) {
        mtu.OnProbeSent(*size);
        EXPECT_FALSE(mtu.ProbeDue(now)) << "one at a time";
        probes.push_back(*size);
        if (*size <= carries) {
            EXPECT_TRUE(mtu.OnProbeAcked(now, *size));
            EXPECT_EQ(mtu.Size(), *size);
        } else {
            mtu.OnProbeLost(now, *size);
        }
    }
    return probes;
}

TEST(PathMtu, WithTheBaseAsItsCeilingThereIsNothingToProbe) {
    PathMtu mtu(kMinDatagramSize);
    EXPECT_EQ(mtu.Size(), kMinDatagramSize);
    EXPECT_FALSE(mtu.ProbeDue(At(100'000)));
}

TEST(PathMtu, FindsTheLargestSizeOfTheTableThatThePathCarries) {
    const std::pair<std::size_t, std::size_t> cases[] = {
        {1200, 1200}, {1231, 1200}, {1232, 1232}, {1300, 1280}, {1400, 1372},
        {1452, 1452}, {1472, 1452}, {4352, 4304}, {8951, 4304}, {8952, 8952}};
    for (const auto& [carries, found] : cases) {
        PathMtu mtu(kMaxDatagramSize);
        const auto probes = Search(mtu, carries);
        EXPECT_EQ(mtu.Size(), found) << carries;
        EXPECT_LE(probes.size(), 3u * kMaxMtuProbes) << "a binary search";
    }
}

TEST(PathMtu, TheCeilingItselfIsTriedAndNothingAboveIt) {
    for (const std::size_t ceiling : {1201u, 1300u, 1452u, 1500u, 8000u}) {
        PathMtu mtu(ceiling);
        const auto probes = Search(mtu, 10'000);
        EXPECT_EQ(mtu.Size(), ceiling);
        EXPECT_EQ(*std::max_element(probes.begin(), probes.end()), ceiling);
    }
}

TEST(PathMtu, ASizeIsTooLargeOnlyWhenThreeProbesOfItWereLost) {
    PathMtu mtu(1300);
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t i = 1; i < kMaxMtuProbes; ++i) {
            const auto size = *mtu.ProbeDue(At(0));
            mtu.OnProbeSent(size);
            mtu.OnProbeLost(At(0), size);
            EXPECT_EQ(mtu.ProbeDue(At(0)), size);
        }
        const auto size = *mtu.ProbeDue(At(0));
        mtu.OnProbeSent(size);
        EXPECT_TRUE(mtu.OnProbeAcked(At(0), size));
    }
    EXPECT_EQ(mtu.Size(), 1300u);
}

TEST(PathMtu, WhatWasNotProbedIsNotBelieved) {
    PathMtu mtu(1300);
    EXPECT_FALSE(mtu.OnProbeAcked(At(0), 1300));
    const auto size = *mtu.ProbeDue(At(0));
    mtu.OnProbeSent(size);
    EXPECT_FALSE(mtu.OnProbeAcked(At(0), size + 1));
    EXPECT_EQ(mtu.Size(), kMinDatagramSize);
}

TEST(PathMtu, LargerSizesAreTriedAgainAfterTenMinutes) {
    PathMtu mtu(kMaxDatagramSize);
    Search(mtu, 1452);
    EXPECT_FALSE(mtu.ProbeDue(At(599)));
    EXPECT_EQ(Search(mtu, 1452, At(600)).size(), kMaxMtuProbes) << "once more in vain";
    EXPECT_FALSE(mtu.ProbeDue(At(1199)));
    Search(mtu, 9000, At(1200));
    EXPECT_EQ(mtu.Size(), 8952u);
    EXPECT_FALSE(mtu.ProbeDue(At(100'000)));
}

// RFC 8899 §4.3.
TEST(PathMtu, ABlackHoleForLargePacketsEndsAtTheBase) {
    PathMtu mtu(1452);
    Search(mtu, 1452);
    EXPECT_FALSE(mtu.OnLost(1452));
    EXPECT_FALSE(mtu.OnLost(1452));
    EXPECT_TRUE(mtu.OnLost(1452));
    EXPECT_EQ(mtu.Size(), kMinDatagramSize);
    EXPECT_EQ(Search(mtu, 1300).empty(), false);
    EXPECT_EQ(mtu.Size(), 1280u);
}

TEST(PathMtu, LossThatHitsSmallPacketsTooIsNoBlackHole) {
    PathMtu mtu(1452);
    Search(mtu, 1452);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(mtu.OnLost(kMinDatagramSize));
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(mtu.OnLost(1452));
        mtu.OnAcked(1452);
    }
    mtu.OnAcked(60);
    EXPECT_EQ(mtu.Size(), 1452u);
}

TEST(PathMtu, ProbeTimeoutsInARowEndAtTheBase) {
    PathMtu mtu(1452);
    EXPECT_FALSE(mtu.OnProbeTimeout(10)) << "it is there already";
    Search(mtu, 1452);
    EXPECT_FALSE(mtu.OnProbeTimeout(1));
    EXPECT_FALSE(mtu.OnProbeTimeout(2));
    EXPECT_TRUE(mtu.OnProbeTimeout(3));
    EXPECT_EQ(mtu.Size(), kMinDatagramSize);
}

}  // namespace
}  // namespace crsp
