// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/delivery-rate.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

/// A path of 50 ms; the packets get numbers in the order of sending.
class DeliveryRateTest : public ::testing::Test {
  protected:
    static constexpr Duration kRoundTrip = milliseconds(50);

    void Send(TimePoint now) {
        m_inFlight += kPacketBytes;
        m_packets.push_back({m_rate.OnSent(now, kPacketBytes, m_inFlight), now});
    }
    void Ack(TimePoint now, std::size_t number) {
        m_inFlight -= kPacketBytes;
        const auto& [snapshot, sentAt] = m_packets[number];
        m_rate.OnAcked(now, snapshot, sentAt, kPacketBytes);
    }
    RateSample Take(TimePoint now) { return m_rate.Take(now, kRoundTrip).value_or(RateSample{}); }

    struct Packet {
        DeliverySnapshot snapshot;
        TimePoint sentAt;
    };
    DeliveryRate m_rate;
    std::vector<Packet> m_packets;
    std::uint64_t m_inFlight = 0;
};

TEST_F(DeliveryRateTest, PacedSendsGiveTheirRate) {
    RateSample sample;
    for (std::size_t i = 0; i < 200; ++i) {  // one each millisecond
        Send(At(static_cast<std::int64_t>(i)));
        if (i < 50) continue;
        Ack(At(static_cast<std::int64_t>(i)), i - 50);
        sample = Take(At(static_cast<std::int64_t>(i)));
    }
    EXPECT_EQ(sample.rate, 1'200'000u);
    EXPECT_EQ(sample.rtt, kRoundTrip);
    EXPECT_EQ(sample.inFlightAtSend, 51 * kPacketBytes) << "itself included";
    EXPECT_EQ(sample.priorDelivered, sample.totalDelivered - sample.delivered);
    EXPECT_FALSE(sample.appLimited);
}

TEST_F(DeliveryRateTest, CompressedAcksAreCappedByTheSendInterval) {
    for (std::int64_t i = 0; i < 100; ++i) Send(At(i));
    // All ACKs come within a millisecond after a silence: far faster than anything was sent.
    for (std::size_t i = 0; i < 50; ++i) Ack(At(149), i);
    Take(At(149));
    for (std::size_t i = 50; i < 100; ++i) Ack(At(150), i);
    const RateSample sample = Take(At(150));
    EXPECT_EQ(sample.interval, Duration{milliseconds(150)});
    EXPECT_LE(sample.rate, 1'200'000u);
    EXPECT_GT(sample.rate, 700'000u);
}

TEST_F(DeliveryRateTest, ABurstIsCappedByTheAckInterval) {
    for (int i = 0; i < 100; ++i) Send(At(0));
    RateSample sample;
    for (std::size_t i = 0; i < 100; ++i) {
        Ack(At(50 + static_cast<std::int64_t>(i)), i);
        sample = Take(At(50 + static_cast<std::int64_t>(i)));
    }
    EXPECT_EQ(sample.interval, Duration{milliseconds(149)});
    EXPECT_EQ(sample.rate, 100 * kPacketBytes * 1000 / 149);
}

TEST_F(DeliveryRateTest, AnIntervalBelowTheShortestRoundTripMeasuresNothing) {
    Send(At(0));
    Ack(At(20), 0);
    const RateSample sample = Take(At(20));
    EXPECT_EQ(sample.rate, 0u);
    EXPECT_EQ(sample.delivered, kPacketBytes);
}

TEST_F(DeliveryRateTest, NothingAcknowledgedGivesNoSample) {
    Send(At(0));
    EXPECT_FALSE(m_rate.Take(At(10), kRoundTrip).has_value());
    Ack(At(50), 0);
    EXPECT_TRUE(m_rate.Take(At(50), kRoundTrip).has_value());
    EXPECT_FALSE(m_rate.Take(At(60), kRoundTrip).has_value()) << "each is taken once";
}

TEST_F(DeliveryRateTest, IdleTimeDoesNotCount) {
    Send(At(0));
    Ack(At(50), 0);
    Take(At(50));
    for (int i = 0; i < 10; ++i) Send(At(10'000));
    for (std::size_t i = 1; i <= 10; ++i) Ack(At(10'050), i);
    EXPECT_EQ(Take(At(10'050)).rate, 10 * kPacketBytes * 20u);
}

TEST_F(DeliveryRateTest, TheBubbleOfAnApplicationLimitMarksUntilItIsDelivered) {
    Send(At(0));
    Send(At(1));
    m_rate.OnAppLimited(m_inFlight);
    Send(At(2));  // marked: the bubble lies before it
    Ack(At(50), 0);
    EXPECT_FALSE(Take(At(50)).appLimited) << "sent before the limit";
    EXPECT_TRUE(m_rate.AppLimited());
    Ack(At(51), 1);
    Take(At(51));
    EXPECT_TRUE(m_rate.AppLimited());
    Ack(At(52), 2);
    EXPECT_TRUE(Take(At(52)).appLimited);
    EXPECT_FALSE(m_rate.AppLimited()) << "all that was in flight then has been delivered";
    Send(At(53));
    Ack(At(103), 3);
    EXPECT_FALSE(Take(At(103)).appLimited);
}

TEST_F(DeliveryRateTest, AnApplicationLimitBeforeAnythingWasSentCounts) {
    m_rate.OnAppLimited(0);
    Send(At(0));
    Ack(At(50), 0);
    EXPECT_TRUE(Take(At(50)).appLimited);
}

TEST_F(DeliveryRateTest, LossIsCountedFromTheSendingOfThePacket) {
    for (std::int64_t i = 0; i < 4; ++i) Send(At(i));
    m_rate.OnLost(kPacketBytes);
    Send(At(10));
    m_rate.OnLost(kPacketBytes);
    Ack(At(53), 3);
    EXPECT_EQ(Take(At(53)).lost, 2 * kPacketBytes);
    Ack(At(60), 4);
    EXPECT_EQ(Take(At(60)).lost, kPacketBytes) << "one of them was lost before it was sent";
    EXPECT_EQ(m_rate.Lost(), 2 * kPacketBytes);
}

TEST_F(DeliveryRateTest, ASpuriousLossIsDeliveredAndNotLost) {
    for (std::int64_t i = 0; i < 4; ++i) Send(At(i));
    m_rate.OnLost(kPacketBytes);
    m_rate.OnSpuriousLoss(At(52), kPacketBytes);
    EXPECT_EQ(m_rate.Lost(), 0u);
    EXPECT_EQ(m_rate.Delivered(), kPacketBytes);
    Ack(At(53), 3);
    const RateSample sample = Take(At(53));
    EXPECT_EQ(sample.lost, 0u);
    EXPECT_EQ(sample.delivered, 2 * kPacketBytes);
}

TEST_F(DeliveryRateTest, TheNewestPacketOfAnAckMakesTheSample) {
    for (std::int64_t i = 0; i < 3; ++i) Send(At(10 * i));
    Ack(At(75), 0);
    Ack(At(75), 1);
    Ack(At(75), 2);
    EXPECT_EQ(Take(At(75)).rtt, Duration{milliseconds(55)});
}

}  // namespace
}  // namespace crsp
