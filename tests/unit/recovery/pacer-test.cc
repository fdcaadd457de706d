// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/pacer.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;

/// Bytes that leave in [from, to] by a sender that always has more, woken up when the pacer says
/// but no earlier than `granularity` after the last time.
std::uint64_t Drain(Pacer& pacer, TimePoint from, TimePoint to, Duration granularity) {
    std::uint64_t sent = 0;
    for (TimePoint now = from; now <= to;) {
        while (pacer.CanSend(now, kPacketBytes)) {
            pacer.OnSent(now, kPacketBytes);
            sent += kPacketBytes;
        }
        now = std::max(pacer.NextSendTime(kPacketBytes), now + granularity);
    }
    return sent;
}

TEST(Pacer, StartsWithABurstOfTenDatagrams) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(0), 120'000);
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(pacer.CanSend(At(0), kPacketBytes)) << i;
        pacer.OnSent(At(0), kPacketBytes);
    }
    EXPECT_FALSE(pacer.CanSend(At(0), kPacketBytes));
}

TEST(Pacer, SpacesPacketsByTheirSizeOverTheRate) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(0), 120'000);
    for (int i = 0; i < 10; ++i) pacer.OnSent(At(0), kPacketBytes);
    EXPECT_EQ(pacer.NextSendTime(kPacketBytes), At(10));
    EXPECT_EQ(pacer.NextSendTime(60), TimePoint{} + microseconds(500));
    EXPECT_FALSE(pacer.CanSend(At(10) - nanoseconds(1), kPacketBytes));
    EXPECT_TRUE(pacer.CanSend(At(10), kPacketBytes));
    pacer.OnSent(At(10), kPacketBytes);
    EXPECT_EQ(pacer.NextSendTime(kPacketBytes), At(20));
}

TEST(Pacer, NeverRoundsAnInstantDown) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(0), 3);
    pacer.OnSent(At(0), pacer.Burst());
    EXPECT_EQ(pacer.NextSendTime(1), TimePoint{} + nanoseconds(333'333'334));
}

TEST(Pacer, APauseEarnsNoMoreThanABurst) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(0), 120'000);
    for (int i = 0; i < 10; ++i) pacer.OnSent(At(0), kPacketBytes);
    EXPECT_EQ(Drain(pacer, At(60'000), At(60'000), milliseconds(1)), 10 * kPacketBytes);
}

TEST(Pacer, RateHoldsExactlyInTheLongRun) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(0), 700'001);
    const std::uint64_t sent = Drain(pacer, At(0), At(100'000), nanoseconds(1));
    EXPECT_GE(sent + kPacketBytes, 10 * kPacketBytes + 100 * 700'001u);
    EXPECT_LE(sent, 10 * kPacketBytes + 100 * 700'001u);
}

TEST(Pacer, AHostThatWakesEachMillisecondStillReachesAHighRate) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(0), 1250 * kMegabyte);
    EXPECT_EQ(pacer.Burst(), 2'500'000u);
    const std::uint64_t sent = Drain(pacer, At(0), At(1000), milliseconds(1));
    EXPECT_GE(sent, 1250 * kMegabyte);
    EXPECT_LE(sent, 1250 * kMegabyte + pacer.Burst());
}

TEST(Pacer, ANewRateAppliesFromItsInstantOn) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(0), 120'000);
    for (int i = 0; i < 10; ++i) pacer.OnSent(At(0), kPacketBytes);
    pacer.SetRate(At(5), 240'000);
    // Half a packet was earned at the old rate; the other half takes 2.5 ms.
    EXPECT_EQ(pacer.NextSendTime(kPacketBytes), At(5) + microseconds(2500));
}

TEST(Pacer, ALowerRateTakesAwayTheLargerBurst) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(0), 1250 * kMegabyte);
    pacer.SetRate(At(100), 1250 * kMegabyte);
    pacer.SetRate(At(200), 120'000);
    EXPECT_EQ(Drain(pacer, At(200), At(200), milliseconds(1)), 10 * kPacketBytes);
}

TEST(Pacer, ProbesPassAndAreCounted) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(0), 120'000);
    for (int i = 0; i < 12; ++i) pacer.OnSent(At(0), kPacketBytes);
    EXPECT_EQ(pacer.NextSendTime(kPacketBytes), At(10)) << "the bucket is empty, not in debt";
}

TEST(Pacer, ExtremeRatesNeitherOverflowNorStop) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(0), std::numeric_limits<std::uint64_t>::max());
    EXPECT_GT(pacer.Burst(), 1000 * kMegabyte);
    pacer.OnSent(At(0), pacer.Burst());
    EXPECT_FALSE(pacer.CanSend(At(0), kPacketBytes));
    EXPECT_TRUE(pacer.CanSend(At(1), kPacketBytes));
    pacer.SetRate(At(1), 0);
    pacer.OnSent(At(1), 10 * kPacketBytes);
    EXPECT_EQ(pacer.NextSendTime(kPacketBytes), At(1) + seconds(1200));
    EXPECT_TRUE(pacer.CanSend(At(std::int64_t{1} << 40), kPacketBytes));
}

TEST(Pacer, TimeThatStandsStillEarnsNothing) {
    Pacer pacer(kPacketBytes);
    pacer.SetRate(At(50), 120'000);
    for (int i = 0; i < 10; ++i) pacer.OnSent(At(50), kPacketBytes);
    pacer.SetRate(At(50), 120'000);
    pacer.SetRate(At(40), 120'000);
    EXPECT_EQ(pacer.NextSendTime(kPacketBytes), At(60));
}

}  // namespace
}  // namespace crsp
