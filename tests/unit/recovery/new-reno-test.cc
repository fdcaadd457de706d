// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/new-reno.h"

#include <gtest/gtest.h>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

class NewRenoTest : public ::testing::Test {
  protected:
    /// One packet of `bytes`, sent at `sentMs`, is acknowledged.
    void Ack(std::int64_t sentMs, std::uint32_t bytes = kPacketBytes, bool appLimited = false) {
        const SentPacket packet = DataPacket(0, At(sentMs), bytes);
        const SentPacket* packets[] = {&packet};
        AckEvent event;
        event.now = At(sentMs + 100);
        event.packets = packets;
        event.ackedBytes = bytes;
        event.rtt = &m_rtt;
        event.appLimited = appLimited;
        m_reno.OnAck(event);
    }

    void Lose(std::int64_t nowMs, std::int64_t sentMs, bool persistent = false) {
        LossEvent event;
        event.now = At(nowMs);
        event.lostBytes = kPacketBytes;
        event.lastSentAt = At(sentMs);
        event.persistentCongestion = persistent;
        m_reno.OnLost(event);
    }

    RttEstimator m_rtt;
    NewReno m_reno{kPacketBytes};
};

TEST(NewReno, InitialAndMinimumWindowFollowTheDatagramSize) {
    EXPECT_EQ(NewReno::InitialWindow(1200), 12'000u);
    EXPECT_EQ(NewReno::InitialWindow(1452), 14'520u);
    EXPECT_EQ(NewReno::InitialWindow(1500), 14'720u);
    EXPECT_EQ(NewReno::InitialWindow(9000), 18'000u);
    EXPECT_EQ(NewReno::MinimumWindow(1200), 2'400u);
}

TEST_F(NewRenoTest, SlowStartGrowsByTheBytesAcknowledged) {
    Ack(0);
    EXPECT_EQ(m_reno.CongestionWindow(), 13'200u);
    Ack(0, 500);
    EXPECT_EQ(m_reno.CongestionWindow(), 13'700u);
    EXPECT_EQ(m_reno.State(), "slow_start");
}

TEST_F(NewRenoTest, WindowOfAnAppLimitedSenderDoesNotGrow) {
    Ack(0, kPacketBytes, true);
    EXPECT_EQ(m_reno.CongestionWindow(), 12'000u);
    Lose(200, 100);
    for (int i = 0; i < 20; ++i) Ack(300, kPacketBytes, true);
    EXPECT_EQ(m_reno.CongestionWindow(), 6'000u);
    EXPECT_EQ(m_reno.State(), "congestion_avoidance") << "recovery ends all the same";
}

TEST_F(NewRenoTest, PacketsNotInFlightDoNotGrowTheWindow) {
    const SentPacket packet = AckOnlyPacket(0, At(0));
    const SentPacket* packets[] = {&packet};
    AckEvent event;
    event.packets = packets;
    m_reno.OnAck(event);
    EXPECT_EQ(m_reno.CongestionWindow(), 12'000u);
}

TEST_F(NewRenoTest, LossHalvesTheWindowOncePerRoundTrip) {
    Lose(200, 100);
    EXPECT_EQ(m_reno.CongestionWindow(), 6'000u);
    EXPECT_EQ(m_reno.SlowStartThreshold(), 6'000u);
    EXPECT_EQ(m_reno.State(), "recovery");
    Lose(250, 150);
    Lose(260, 200);
    EXPECT_EQ(m_reno.CongestionWindow(), 6'000u) << "sent before recovery began";
    Lose(400, 201);
    EXPECT_EQ(m_reno.CongestionWindow(), 3'000u);
}

TEST_F(NewRenoTest, RecoveryEndsWithAnAckOfAPacketSentDuringIt) {
    Lose(200, 100);
    Ack(150);
    Ack(200);
    EXPECT_EQ(m_reno.CongestionWindow(), 6'000u);
    EXPECT_EQ(m_reno.State(), "recovery");
    Ack(201);
    EXPECT_EQ(m_reno.State(), "congestion_avoidance");
}

TEST_F(NewRenoTest, AvoidanceGrowsByOneDatagramPerWindow) {
    Lose(200, 100);
    for (int i = 0; i < 4; ++i) Ack(300);
    EXPECT_EQ(m_reno.CongestionWindow(), 6'000u);
    Ack(300);
    EXPECT_EQ(m_reno.CongestionWindow(), 7'200u);
    for (int i = 0; i < 6; ++i) Ack(400);
    EXPECT_EQ(m_reno.CongestionWindow(), 8'400u);
}

TEST_F(NewRenoTest, AvoidanceCarriesOverWhatIsBeyondTheWindow) {
    Lose(200, 100);
    for (int i = 0; i < 4; ++i) Ack(300);
    Ack(300, 1500);
    EXPECT_EQ(m_reno.CongestionWindow(), 7'200u) << "with 300 bytes over";
    for (int i = 0; i < 5; ++i) Ack(400);
    Ack(400, 899);
    EXPECT_EQ(m_reno.CongestionWindow(), 7'200u);
    Ack(400, 1);
    EXPECT_EQ(m_reno.CongestionWindow(), 8'400u);
}

TEST_F(NewRenoTest, BytesAcknowledgedBeforeALossDoNotCountAfterIt) {
    Lose(200, 100);
    for (int i = 0; i < 4; ++i) Ack(300);
    Lose(400, 350);
    Ack(500);
    Ack(500);
    EXPECT_EQ(m_reno.CongestionWindow(), 3'000u);
    Ack(500);
    EXPECT_EQ(m_reno.CongestionWindow(), 4'200u);
}

TEST_F(NewRenoTest, WindowNeverFallsBelowTheMinimum) {
    for (int i = 1; i < 10; ++i) Lose(1000 * i, 1000 * i - 1);
    EXPECT_EQ(m_reno.CongestionWindow(), 2'400u);
}

TEST_F(NewRenoTest, PersistentCongestionCollapsesTheWindowAndSlowStartFollows) {
    for (int i = 0; i < 10; ++i) Ack(0);
    Lose(2000, 1900, true);
    EXPECT_EQ(m_reno.CongestionWindow(), 2'400u);
    EXPECT_EQ(m_reno.SlowStartThreshold(), 12'000u);
    EXPECT_EQ(m_reno.State(), "slow_start");
    // Recovery has been called off, so what was sent before counts too.
    Ack(1950);
    EXPECT_EQ(m_reno.CongestionWindow(), 3'600u);
}

TEST_F(NewRenoTest, SpuriousLossGivesBackTheWindow) {
    Lose(200, 100);
    Ack(250);
    m_reno.OnSpuriousLoss({At(300), At(200)});
    EXPECT_EQ(m_reno.CongestionWindow(), 12'000u);
    EXPECT_EQ(m_reno.SlowStartThreshold(), kNoSlowStartThreshold);
    EXPECT_EQ(m_reno.State(), "slow_start");
    Lose(400, 150);
    EXPECT_EQ(m_reno.CongestionWindow(), 6'000u) << "recovery was over";
}

TEST_F(NewRenoTest, SpuriousLossTakesNoWindowAwayAndPersistentCongestionStays) {
    Lose(200, 100);
    for (int i = 0; i < 200; ++i) Ack(300);
    const auto grown = m_reno.CongestionWindow();
    ASSERT_GT(grown, 12'000u);
    m_reno.OnSpuriousLoss({At(400), At(200)});
    EXPECT_EQ(m_reno.CongestionWindow(), grown);
    Lose(500, 450, true);
    m_reno.OnSpuriousLoss({At(600), At(500)});
    EXPECT_EQ(m_reno.CongestionWindow(), 2'400u);
}

TEST_F(NewRenoTest, PacesTwiceTheWindowInSlowStartAndOneAndAQuarterAfter) {
    m_rtt.OnSample(At(0), milliseconds(100), Duration{});
    EXPECT_EQ(m_reno.PacingRate(m_rtt), 240'000u);
    Lose(200, 100);
    EXPECT_EQ(m_reno.PacingRate(m_rtt), 75'000u);
}

// RFC 9002 §7.1, §B.7.
TEST_F(NewRenoTest, AMarkHalvesTheWindowOnceForARoundTrip) {
    const auto mark = [this](std::int64_t nowMs, std::int64_t sentMs) {
        const SentPacket newest = DataPacket(0, At(sentMs));
        m_reno.OnEcnCe({.now = At(nowMs), .newest = &newest, .marked = 1, .bytesInFlight = 0});
    };
    mark(100, 50);
    EXPECT_EQ(m_reno.CongestionWindow(), 6'000u);
    EXPECT_EQ(m_reno.SlowStartThreshold(), 6'000u);
    EXPECT_EQ(m_reno.State(), "recovery");
    mark(110, 60);
    Lose(120, 70);
    EXPECT_EQ(m_reno.CongestionWindow(), 6'000u) << "sent before the first mark was known";
    mark(210, 105);
    EXPECT_EQ(m_reno.CongestionWindow(), 3'000u);
}

TEST_F(NewRenoTest, AMarkIsNotTakenBackWithALossThatWasNone) {
    Lose(100, 50);
    const SentPacket newest = DataPacket(0, At(60));
    m_reno.OnEcnCe({.now = At(110), .newest = &newest, .marked = 1, .bytesInFlight = 0});
    m_reno.OnSpuriousLoss({.now = At(120), .beganAt = At(100)});
    EXPECT_EQ(m_reno.CongestionWindow(), 6'000u);
}

}  // namespace
}  // namespace crsp
