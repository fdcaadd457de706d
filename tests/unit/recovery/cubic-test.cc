// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/cubic.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/recovery/new-reno.h"
#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

/// A sender with a round trip that never changes, fed one round at a time.
class CubicTest : public ::testing::Test {
  protected:
    explicit CubicTest(Duration roundTrip = milliseconds(100)) : m_roundTrip(roundTrip) {
        m_rtt.OnSample(m_now, roundTrip, Duration{});
    }

    void Ack(TimePoint sentAt, std::uint32_t bytes = kPacketBytes, bool appLimited = false) {
        const SentPacket packet = DataPacket(0, sentAt, bytes);
        const SentPacket* packets[] = {&packet};
        AckEvent event;
        event.now = m_now;
        event.packets = packets;
        event.ackedBytes = bytes;
        event.rtt = &m_rtt;
        event.appLimited = appLimited;
        m_cubic.OnAck(event);
    }
    /// The window goes out at once and is acknowledged a round trip later, spread over another.
    void Round(bool appLimited = false) {
        const std::uint64_t packets = m_cubic.CongestionWindow() / kPacketBytes;
        const TimePoint sentAt = m_now;
        for (std::uint64_t i = 0; i < packets; ++i) {
            m_now = sentAt + m_roundTrip * (i + 1) / packets;
            Ack(m_now - m_roundTrip + nanoseconds(1), kPacketBytes, appLimited);
        }
    }
    void RunUntil(TimePoint end) {
        while (m_now < end) Round();
    }
    void RunFor(Duration duration) { RunUntil(m_now + duration); }
    void Lose(bool persistent = false) {
        LossEvent event;
        event.now = m_now;
        event.lastSentAt = m_now;
        event.lostBytes = kPacketBytes;
        event.persistentCongestion = persistent;
        m_cubic.OnLost(event);
        m_now += nanoseconds(2);
    }
    void GrowTo(std::uint64_t packets) {
        while (Packets() < static_cast<double>(packets)) Ack(m_now);
    }
    double Packets() const {
        return static_cast<double>(m_cubic.CongestionWindow()) / kPacketBytes;
    }

    Duration m_roundTrip;
    TimePoint m_now = At(10'000);
    RttEstimator m_rtt;
    Cubic m_cubic{kPacketBytes};
};

TEST_F(CubicTest, SlowStartGrowsByTheBytesAcknowledged) {
    EXPECT_EQ(m_cubic.CongestionWindow(), 12'000u);
    Ack(m_now, 700);
    EXPECT_EQ(m_cubic.CongestionWindow(), 12'700u);
    EXPECT_EQ(m_cubic.State(), "slow_start");
    EXPECT_EQ(m_cubic.SlowStartThreshold(), kNoSlowStartThreshold);
}

TEST_F(CubicTest, LossLeavesSevenTenthsOncePerRoundTrip) {
    GrowTo(1000);
    Lose();
    EXPECT_DOUBLE_EQ(Packets(), 700);
    EXPECT_EQ(m_cubic.SlowStartThreshold(), 700 * kPacketBytes);
    EXPECT_EQ(m_cubic.State(), "recovery");
    LossEvent again;
    again.now = m_now;
    again.lastSentAt = m_now - nanoseconds(2);
    m_cubic.OnLost(again);
    EXPECT_DOUBLE_EQ(Packets(), 700) << "sent before recovery began";
    Ack(m_now - nanoseconds(2));
    EXPECT_DOUBLE_EQ(Packets(), 700);
    EXPECT_EQ(m_cubic.State(), "recovery");
    Ack(m_now);
    EXPECT_EQ(m_cubic.State(), "congestion_avoidance");
}

TEST_F(CubicTest, ReturnsToTheOldWindowAtKConcaveThenConvex) {
    GrowTo(1000);
    Lose();
    const Duration k = FromSeconds(std::cbrt(300 / 0.4));  // 9.09 s
    const TimePoint start = m_now;
    RunUntil(start + k / 3);
    const double third = Packets();
    RunUntil(start + 2 * k / 3);
    const double twoThirds = Packets();
    RunUntil(start + k);
    EXPECT_NEAR(Packets(), 1000, 2);
    EXPECT_GT(third - 700, 2 * (twoThirds - third)) << "concave";
    EXPECT_GT(twoThirds - third, 2 * (Packets() - twoThirds)) << "concave";
    const double atPlateau = Packets();
    RunUntil(start + 3 * k / 2);
    const double after = Packets() - atPlateau;
    RunUntil(start + 2 * k);
    EXPECT_GT(Packets() - atPlateau - after, 3 * after) << "convex";
    EXPECT_NEAR(Packets(), 1300, 15);
}

TEST_F(CubicTest, LossBelowTheOldWindowGivesWayToOthers) {
    GrowTo(1000);
    Lose();
    Lose();  // at 700, which fell short of 1000
    EXPECT_NEAR(Packets(), 490, 1);
    const Duration k = FromSeconds(std::cbrt((0.85 * 700 - 490) / 0.4));
    RunFor(k);
    EXPECT_NEAR(Packets(), 0.85 * 700, 3) << "the plateau (fast convergence)";
    RunFor(k / 3);
    EXPECT_NEAR(Packets(), 0.85 * 700, 8) << "flat around it";
}

TEST_F(CubicTest, WindowGrowsByAtMostHalfInARoundTrip) {
    GrowTo(100);
    Lose();
    Round();
    m_now += seconds(100);  // the curve has run far ahead
    const double before = Packets();
    Round();
    EXPECT_GT(Packets(), 1.3 * before);
    EXPECT_LE(Packets(), 1.65 * before) << "one and a half, in compound steps";
}

/// 10 ms: the cubic is slower than Reno until it is far from its plateau.
class CubicOnAShortPathTest : public CubicTest {
  protected:
    CubicOnAShortPathTest() : CubicTest(milliseconds(10)) {}
};

TEST_F(CubicOnAShortPathTest, GrowsAsRenoWouldWithItsReduction) {
    GrowTo(100);
    Lose();
    for (int round = 0; round < 40; ++round) Round();
    EXPECT_NEAR(Packets(), 70 + 40 * 9.0 / 17, 1.5);
    for (int round = 0; round < 60; ++round) Round();
    // Past the old window, it is one packet in each round trip (RFC 9438 §4.3).
    const double before = Packets();
    EXPECT_GT(before, 100);
    for (int round = 0; round < 20; ++round) Round();
    EXPECT_NEAR(Packets() - before, 20, 1.5);
}

TEST_F(CubicTest, ApplicationLimitedSenderDoesNotGrowAndItsTimeDoesNotCount) {
    GrowTo(1000);
    Lose();
    RunFor(seconds(2));
    const double before = Packets();
    for (const TimePoint end = m_now + seconds(60); m_now < end;) Round(true);
    EXPECT_DOUBLE_EQ(Packets(), before);
    Round();
    EXPECT_LT(Packets(), before + 12) << "no leap to where the curve would be by now";
    RunFor(FromSeconds(std::cbrt(300 / 0.4)) - seconds(2));
    EXPECT_NEAR(Packets(), 1000, 2);
}

TEST_F(CubicTest, SlowStartOfAnAppLimitedSenderDoesNotGrow) {
    Ack(m_now, kPacketBytes, true);
    EXPECT_EQ(m_cubic.CongestionWindow(), 12'000u);
}

TEST_F(CubicTest, PersistentCongestionCollapsesAndTheNextAvoidanceStartsFlat) {
    GrowTo(1000);
    Lose(true);
    EXPECT_EQ(m_cubic.CongestionWindow(), NewReno::MinimumWindow(kPacketBytes));
    EXPECT_EQ(m_cubic.SlowStartThreshold(), 700 * kPacketBytes);
    EXPECT_EQ(m_cubic.State(), "slow_start");
    GrowTo(700);
    EXPECT_EQ(m_cubic.State(), "congestion_avoidance");
    RunFor(seconds(4));
    EXPECT_NEAR(Packets(), 700 + 0.4 * 4 * 4 * 4, 4) << "K is 0 (RFC 9438 §4.8)";
}

TEST_F(CubicTest, WindowNeverFallsBelowTheMinimum) {
    for (int i = 0; i < 20; ++i) Lose();
    EXPECT_EQ(m_cubic.CongestionWindow(), NewReno::MinimumWindow(kPacketBytes));
}

TEST_F(CubicTest, SpuriousLossGivesBackTheWindowAndTheCurve) {
    GrowTo(1000);
    Lose();
    RunFor(seconds(3));
    const std::uint64_t before = m_cubic.CongestionWindow();
    const TimePoint lostAt = m_now;
    Lose();
    Round();
    EXPECT_LT(m_cubic.CongestionWindow(), before);
    m_cubic.OnSpuriousLoss({m_now, lostAt});
    EXPECT_EQ(m_cubic.CongestionWindow(), before);
    EXPECT_EQ(m_cubic.SlowStartThreshold(), 700 * kPacketBytes);
    EXPECT_EQ(m_cubic.State(), "congestion_avoidance");
    RunFor(FromSeconds(std::cbrt(300 / 0.4)) - (m_now - lostAt) - seconds(3));
    EXPECT_NEAR(Packets(), 1000, 2) << "on the curve of the real loss";
}

TEST_F(CubicTest, SpuriousLossInTheFirstSlowStartResumesIt) {
    GrowTo(100);
    Lose();
    m_cubic.OnSpuriousLoss({m_now, m_now});
    EXPECT_DOUBLE_EQ(Packets(), 100);
    EXPECT_EQ(m_cubic.State(), "slow_start");
}

TEST_F(CubicTest, SpuriousLossTakesNoWindowAway) {
    GrowTo(10);
    Lose();
    RunFor(seconds(30));
    const std::uint64_t now = m_cubic.CongestionWindow();
    ASSERT_GT(now, 12'000u);
    m_cubic.OnSpuriousLoss({m_now, m_now});
    EXPECT_EQ(m_cubic.CongestionWindow(), now);
}

TEST_F(CubicTest, PersistentCongestionIsNotTakenBack) {
    GrowTo(1000);
    Lose(true);
    m_cubic.OnSpuriousLoss({m_now, m_now});
    EXPECT_EQ(m_cubic.CongestionWindow(), NewReno::MinimumWindow(kPacketBytes));
}

TEST_F(CubicTest, GrowingRoundTripEndsTheFirstSlowStartWithoutALoss) {
    for (int round = 0; round < 3; ++round) Round();
    EXPECT_EQ(m_cubic.State(), "slow_start");
    const double doubled = Packets();
    m_roundTrip += milliseconds(20);
    Round();
    EXPECT_EQ(m_cubic.State(), "css");
    const double began = Packets();
    EXPECT_LT(began, 2 * doubled);
    Round();
    EXPECT_NEAR(Packets(), 1.25 * began, 0.05 * began) << "a quarter of the growth";
    for (int round = 0; round < 4; ++round) Round();
    EXPECT_EQ(m_cubic.State(), "congestion_avoidance");
    EXPECT_LT(m_cubic.SlowStartThreshold(), kNoSlowStartThreshold);
    const double end = Packets();
    RunFor(seconds(1));
    EXPECT_LT(Packets(), end + 12) << "flat at first";
}

TEST_F(CubicTest, PacesTwiceTheWindowInSlowStartAndOneAndAQuarterAfter) {
    EXPECT_EQ(m_cubic.PacingRate(m_rtt), 240'000u);
    Lose();
    EXPECT_EQ(m_cubic.PacingRate(m_rtt), 105'000u);
}

// RFC 9438 §4.6.
TEST_F(CubicTest, AMarkReducesTheWindowAsALossDoesOnceForARoundTrip) {
    RunFor(seconds(1));
    const std::uint64_t window = m_cubic.CongestionWindow();
    const auto mark = [this](TimePoint sentAt) {
        const SentPacket newest = DataPacket(0, sentAt);
        m_cubic.OnEcnCe({.now = m_now, .newest = &newest, .marked = 1, .bytesInFlight = 0});
    };
    mark(m_now - m_roundTrip);
    EXPECT_EQ(m_cubic.CongestionWindow(), window * 70 / 100);
    mark(m_now - milliseconds(1));
    EXPECT_EQ(m_cubic.CongestionWindow(), window * 70 / 100);
    m_cubic.OnSpuriousLoss({.now = m_now, .beganAt = m_now});
    EXPECT_EQ(m_cubic.CongestionWindow(), window * 70 / 100);
    m_now += m_roundTrip;
    mark(m_now);
    EXPECT_LT(m_cubic.CongestionWindow(), window * 70 / 100);
}

}  // namespace
}  // namespace crsp
