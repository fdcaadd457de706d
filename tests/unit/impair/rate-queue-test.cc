// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/rate-queue.h"

#include <gtest/gtest.h>

#include "model/base/random.h"

namespace crsp {
namespace {

using namespace std::chrono_literals;

/// 8 Mbit/s and no overhead: one microsecond a byte.
RateConfig Plain() {
    RateConfig config;
    config.bitsPerSecond = 8'000'000;
    config.overheadBytes = 0;
    return config;
}

TimePoint At(Duration d) {
    return TimePoint{d};
}

TEST(RateQueue, WithoutARatePacketsLeaveAtOnce) {
    RateQueue queue({}, At(0s));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.Offer(At(1s), 1'000'000)->at, At(1s));
}

TEST(RateQueue, SerialisationTimeIsExact) {
    RateQueue queue(Plain(), At(0s));
    const auto first = queue.Offer(At(1s), 1000);
    EXPECT_EQ(first->at, At(1s + 1ms));
    EXPECT_EQ(first->queueing, 0s);
    const auto second = queue.Offer(At(1s), 500);
    EXPECT_EQ(second->at, At(1s + 1500us));
    EXPECT_EQ(second->queueing, 1ms);
    // Idle again: nothing is saved up.
    EXPECT_EQ(queue.Offer(At(3s), 100)->at, At(3s + 100us));
}

TEST(RateQueue, RoundsUpToANanosecond) {
    auto config = Plain();
    config.bitsPerSecond = 3'000'000'000;
    RateQueue queue(config, At(0s));
    EXPECT_EQ(queue.Offer(At(0s), 1)->at, At(3ns));
}

TEST(RateQueue, OverheadTakesTime) {
    auto config = Plain();
    config.overheadBytes = 28;
    RateQueue queue(config, At(0s));
    EXPECT_EQ(queue.Offer(At(0s), 1000)->at, At(1028us));
}

TEST(RateQueue, ByteLimitCountsTheWaitingButNotTheOneBeingSerialised) {
    auto config = Plain();
    config.queueBytes = 2500;
    RateQueue queue(config, At(0s));
    EXPECT_TRUE(queue.Offer(At(0s), 1000));  // being serialised until 1 ms
    EXPECT_TRUE(queue.Offer(At(0s), 1000));  // waits
    EXPECT_TRUE(queue.Offer(At(0s), 1000));  // waits: 2000
    EXPECT_FALSE(queue.Offer(At(0s), 501));  // one byte too many
    EXPECT_TRUE(queue.Offer(At(0s), 500));   // full to the byte
    EXPECT_FALSE(queue.Offer(At(0s), 1));
    EXPECT_EQ(queue.At(At(0s)).bytes, 2500U);
    EXPECT_FALSE(queue.Offer(At(1ms - 1ns), 1));
    EXPECT_TRUE(queue.Offer(At(1ms), 1000));  // the second has begun to leave
}

TEST(RateQueue, ARefusedPacketDelaysNobody) {
    auto config = Plain();
    config.queueBytes = 1000;
    RateQueue queue(config, At(0s));
    queue.Offer(At(0s), 1000);
    EXPECT_FALSE(queue.Offer(At(0s), 1001));
    EXPECT_EQ(queue.Offer(At(0s), 1000)->at, At(2ms));
}

TEST(RateQueue, NoRoomToWaitStillServesAnIdleLink) {
    auto config = Plain();
    config.queueBytes = 0;
    RateQueue queue(config, At(0s));
    EXPECT_TRUE(queue.Offer(At(0s), 1000));
    EXPECT_FALSE(queue.Offer(At(1ms - 1ns), 1));
    EXPECT_TRUE(queue.Offer(At(1ms), 1000));
}

TEST(RateQueue, PacketLimit) {
    auto config = Plain();
    config.queuePackets = 25;
    RateQueue queue(config, At(0s));
    for (int i = 0; i < 26; ++i) EXPECT_TRUE(queue.Offer(At(0s), 1000)) << i;
    EXPECT_FALSE(queue.Offer(At(0s), 1));
    EXPECT_EQ(queue.At(At(0s)).packets, 25U);
    EXPECT_TRUE(queue.Offer(At(1ms), 1));
}

TEST(RateQueue, TimeLimit) {
    auto config = Plain();
    config.queueTime = 2ms;
    RateQueue queue(config, At(0s));
    EXPECT_TRUE(queue.Offer(At(0s), 1000));
    EXPECT_TRUE(queue.Offer(At(0s), 1001));  // waits 1 ms, done at 2.001 ms
    EXPECT_FALSE(queue.Offer(At(0s), 1));
    EXPECT_EQ(queue.Offer(At(1us), 1)->queueing, 2ms);
}

TEST(RateQueue, BacklogDrains) {
    RateQueue queue(Plain(), At(0s));
    for (int i = 0; i < 4; ++i) queue.Offer(At(0s), 1000);
    EXPECT_EQ(queue.At(At(0s)).packets, 3U);
    EXPECT_EQ(queue.At(At(1ms)).packets, 2U);
    EXPECT_EQ(queue.At(At(1ms)).bytes, 2000U);
    EXPECT_EQ(queue.At(At(1500us)).delay, 2500us);
    EXPECT_EQ(queue.At(At(9ms)).packets, 0U);
    EXPECT_EQ(queue.At(At(9ms)).delay, 0s);
}

TEST(RateQueue, CountsStayRightWhileTheQueueGrowsAndShrinks) {
    RateQueue queue(Plain(), At(0s));
    Random random(1);
    TimePoint now = At(0s);
    TimePoint last = now;
    for (int i = 0; i < 20'000; ++i) {
        now += microseconds(random.Below(i % 4000 < 2000 ? 800 : 1300));
        const auto departure = queue.Offer(now, 1 + random.Below(1000));
        ASSERT_TRUE(departure);
        ASSERT_GT(departure->at, last);
        last = departure->at;
        const auto backlog = queue.At(now);
        ASSERT_EQ(backlog.packets == 0, backlog.bytes == 0);
        ASSERT_EQ(backlog.delay, last - now);
        ASSERT_LE(microseconds(backlog.bytes), backlog.delay);
        ASSERT_GE(microseconds(backlog.bytes + 1000), backlog.delay);
    }
    EXPECT_EQ(queue.At(last).bytes, 0U);
}

TEST(RateQueue, AStepCutsThroughAPacket) {
    auto config = Plain();
    config.schedule = {{1s, 800'000}, {2s, 8'000'000}};
    RateQueue queue(config, At(0s));
    // 500 bytes before the step, 500 at a tenth of the rate.
    EXPECT_EQ(queue.Offer(At(1s - 500us), 1000)->at, At(1s + 5ms));
    EXPECT_EQ(queue.Offer(At(2s), 1000)->at, At(2s + 1ms));
}

TEST(RateQueue, RateZeroHolds) {
    auto config = Plain();
    config.schedule = {{1s, 0}, {2s, 8'000'000}};
    RateQueue queue(config, At(0s));
    EXPECT_EQ(queue.Offer(At(1s - 500us), 1000)->at, At(2s + 500us));
    EXPECT_EQ(queue.Offer(At(1500ms), 1000)->at, At(2s + 1500us));
}

TEST(RateQueue, APeriodicScheduleStartsOver) {
    auto config = Plain();
    config.schedule = {{1800ms, 0}};
    config.schedulePeriod = 2s;
    RateQueue queue(config, At(0s));
    EXPECT_EQ(queue.Offer(At(1900ms), 1000)->at, At(2s + 1ms));
    EXPECT_EQ(queue.Offer(At(3s), 1000)->at, At(3s + 1ms));
    EXPECT_EQ(queue.Offer(At(3800ms - 1us), 1000)->at, At(4s + 999us));
}

TEST(RateQueue, TheScheduleCountsFromTheOrigin) {
    auto config = Plain();
    config.schedule = {{1s, 0}, {2s, 8'000'000}};
    RateQueue queue(config, At(100s));
    EXPECT_EQ(queue.Offer(At(100s), 1000)->at, At(100s + 1ms));
    EXPECT_EQ(queue.Offer(At(101s), 1000)->at, At(102s + 1ms));
}

TEST(RateSchedule, SegmentsEndWhereTheNextBegins) {
    auto config = Plain();
    config.schedule = {{1s, 5000}, {2s, 0}};
    EXPECT_EQ(RateSchedule(config).At(2s).end, Duration::max());
    config.schedulePeriod = 3s;
    const RateSchedule schedule(config);
    EXPECT_EQ(schedule.At(3s).bitsPerSecond, 8'000'000U);
    EXPECT_EQ(schedule.At(3s).end, 4s);
    EXPECT_EQ(schedule.At(5s - 1ns).bitsPerSecond, 5000U);
    EXPECT_EQ(schedule.At(5s).bitsPerSecond, 0U);
    EXPECT_EQ(schedule.At(5s).end, 6s);
}

}  // namespace
}  // namespace crsp
