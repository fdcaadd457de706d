// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/fixed-rate.h"

#include <gtest/gtest.h>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

/// 8 Mbit/s are a million bytes per second.
class FixedRateTest : public ::testing::Test {
  protected:
    void Ack(Duration roundTrip) {
        m_rtt = RttEstimator();
        m_rtt.OnSample(At(0), roundTrip, Duration{});
        AckEvent event;
        event.rtt = &m_rtt;
        m_fixed.OnAck(event);
    }

    RttEstimator m_rtt;
    FixedRate m_fixed{8'000'000, kPacketBytes};
};

TEST_F(FixedRateTest, PacesAtTheRateWhateverTheRoundTrip) {
    EXPECT_EQ(m_fixed.PacingRate(m_rtt), 1'000'000u);
    Ack(milliseconds(500));
    EXPECT_EQ(m_fixed.PacingRate(m_rtt), 1'000'000u);
    EXPECT_EQ(m_fixed.State(), "fixed_rate");
}

TEST_F(FixedRateTest, WindowIsTwoRoundTripsOfTheRateAndTenDatagrams) {
    EXPECT_EQ(m_fixed.CongestionWindow(), 666'000u + 12'000u) << "of the initial round trip";
    Ack(milliseconds(100));
    EXPECT_EQ(m_fixed.CongestionWindow(), 200'000u + 12'000u);
    Ack(Duration{});
    EXPECT_EQ(m_fixed.CongestionWindow(), 12'000u);
}

TEST_F(FixedRateTest, LossChangesNothing) {
    Ack(milliseconds(100));
    LossEvent event;
    event.now = At(200);
    event.lastSentAt = At(100);
    event.lostBytes = 100'000;
    event.persistentCongestion = true;
    m_fixed.OnLost(event);
    EXPECT_EQ(m_fixed.CongestionWindow(), 212'000u);
    EXPECT_EQ(m_fixed.PacingRate(m_rtt), 1'000'000u);
    EXPECT_EQ(m_fixed.SlowStartThreshold(), kNoSlowStartThreshold);
}

TEST(FixedRate, ExtremeRatesKeepItWithinBounds) {
    const RttEstimator rtt;
    EXPECT_EQ(FixedRate(1, kPacketBytes).PacingRate(rtt), 1u);
    EXPECT_EQ(FixedRate(~std::uint64_t{0}, kPacketBytes).CongestionWindow(),
              std::uint64_t{1} << 36);
}

}  // namespace
}  // namespace crsp
