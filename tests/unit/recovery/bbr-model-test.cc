// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/bbr-model.h"

#include <gtest/gtest.h>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

RateSample Delivered(std::uint64_t prior, std::uint64_t total, std::uint64_t volume = 0) {
    return {.delivered = volume, .priorDelivered = prior, .totalDelivered = total};
}

TEST(RoundCounter, ARoundEndsWithAPacketSentAfterItBegan) {
    RoundCounter rounds;
    rounds.OnSample(Delivered(0, 1000));
    EXPECT_TRUE(rounds.Started());
    rounds.OnSample(Delivered(0, 2000));
    EXPECT_FALSE(rounds.Started());
    rounds.OnSample(Delivered(999, 3000));
    EXPECT_FALSE(rounds.Started());
    rounds.OnSample(Delivered(1000, 4000));
    EXPECT_TRUE(rounds.Started());
    EXPECT_EQ(rounds.Count(), 2u);
}

TEST(RoundCounter, RestartMakesTheRoundLonger) {
    RoundCounter rounds;
    rounds.OnSample(Delivered(0, 1000));
    rounds.Restart(5000);
    rounds.OnSample(Delivered(1000, 6000));
    EXPECT_FALSE(rounds.Started());
    rounds.OnSample(Delivered(5000, 7000));
    EXPECT_TRUE(rounds.Started());
}

/// Samples once a second from an instant far from the origin of the clock.
class MinRttFilterTest : public ::testing::Test {
  protected:
    void Sample(int atSecond, int rttMs, Duration tolerance = Duration{}) {
        m_filter.OnSample(At(1'000'000 + 1000 * atSecond), milliseconds(rttMs), tolerance);
    }
    std::int64_t Min() const { return m_filter.Get().value() / milliseconds(1); }
    MinRttFilter m_filter;
};

TEST_F(MinRttFilterTest, TheFirstSampleIsTheMinimumAndMakesNoProbeDue) {
    EXPECT_FALSE(m_filter.Get().has_value());
    Sample(0, 80);
    EXPECT_EQ(Min(), 80);
    EXPECT_FALSE(m_filter.ProbeDue());
}

TEST_F(MinRttFilterTest, AProbeIsDueAfterFiveSecondsWithoutASmallerSample) {
    Sample(0, 50);
    for (int second = 1; second <= 5; ++second) {
        Sample(second, 50);
        EXPECT_FALSE(m_filter.ProbeDue());
    }
    Sample(6, 50);
    EXPECT_TRUE(m_filter.ProbeDue()) << "equal samples do not postpone it";
}

TEST_F(MinRttFilterTest, ASmallerSamplePostponesTheProbe) {
    Sample(0, 50);
    Sample(4, 49);
    Sample(8, 60);
    EXPECT_FALSE(m_filter.ProbeDue());
    Sample(10, 60);
    EXPECT_TRUE(m_filter.ProbeDue());
}

TEST_F(MinRttFilterTest, AProbeDoneSchedulesTheNext) {
    Sample(0, 50);
    Sample(6, 50);
    ASSERT_TRUE(m_filter.ProbeDue());
    m_filter.OnProbed(At(1'007'000));
    Sample(12, 60);
    EXPECT_FALSE(m_filter.ProbeDue());
    Sample(13, 60);
    EXPECT_TRUE(m_filter.ProbeDue());
}

TEST_F(MinRttFilterTest, AMinimumIsForgottenAfterTenSeconds) {
    Sample(0, 50);
    for (int second = 1; second <= 10; ++second) Sample(second, 80);
    EXPECT_EQ(Min(), 50);
    Sample(11, 80);
    EXPECT_EQ(Min(), 80) << "the path has become longer";
}

TEST_F(MinRttFilterTest, WithinTheToleranceASampleConfirms) {
    Sample(0, 50, milliseconds(5));
    for (int second = 1; second <= 30; ++second) {
        Sample(second, 54, milliseconds(5));
        EXPECT_FALSE(m_filter.ProbeDue());
    }
    EXPECT_EQ(Min(), 50);
    for (int second = 31; second <= 42; ++second) Sample(second, 55, milliseconds(5));
    EXPECT_EQ(Min(), 55);
}

class AckAggregationTest : public ::testing::Test {
  protected:
    static constexpr std::uint64_t kBandwidth = 1'200'000;  ///< a packet each millisecond

    void Ack(std::int64_t ms, std::uint64_t packets, std::uint64_t round,
             std::uint64_t limit = kUnbounded) {
        m_aggregation.OnAck(At(ms), packets * kPacketBytes, kBandwidth, limit, round, 10);
    }
    std::uint64_t Packets() const { return m_aggregation.Extra() / kPacketBytes; }
    AckAggregation m_aggregation;
};

TEST_F(AckAggregationTest, EvenAcksAreOnePacketAheadAtMost) {
    for (int ms = 1000; ms < 1100; ++ms) Ack(ms, 1, 1);
    EXPECT_EQ(Packets(), 1u);
}

TEST_F(AckAggregationTest, ABatchCountsByWhatExceedsTheRate) {
    Ack(1000, 20, 1);
    EXPECT_EQ(Packets(), 20u);
    Ack(1010, 20, 1);  // ten of them were due
    EXPECT_EQ(Packets(), 30u);
}

TEST_F(AckAggregationTest, AnEpisodeEndsWhenTheAcksFallBehind) {
    Ack(1000, 20, 1);
    for (int batch = 1; batch < 10; ++batch) Ack(1000 + 20 * batch, 20, 1);
    EXPECT_EQ(Packets(), 20u) << "does not add up over batches at the rate";
}

TEST_F(AckAggregationTest, IsForgottenAfterTheWindowOfRounds) {
    Ack(1000, 20, 1);
    for (int round = 2; round <= 11; ++round)
        Ack(1000 + 100 * round, 1, static_cast<unsigned>(round));
    EXPECT_EQ(Packets(), 20u);
    Ack(2300, 1, 12);
    EXPECT_EQ(Packets(), 1u);
}

TEST_F(AckAggregationTest, IsAtMostTheLimit) {
    Ack(1000, 20, 1, 5 * kPacketBytes);
    EXPECT_EQ(Packets(), 5u);
}

TEST_F(AckAggregationTest, ARestartBeginsAnew) {
    Ack(1000, 20, 1);
    m_aggregation.Restart(At(1001));
    Ack(1002, 21, 1);
    EXPECT_EQ(Packets(), 21u) << "not 39";
}

TEST(MaxBandwidth, RemembersThisCycleAndTheOneBefore) {
    MaxBandwidth max;
    max.Update(100);
    max.Update(90);
    EXPECT_EQ(max.Get(), 100u);
    max.Advance();
    max.Update(50);
    EXPECT_EQ(max.Get(), 100u);
    max.Advance();
    EXPECT_EQ(max.Get(), 50u);
}

TEST(MaxBandwidth, ACycleWithoutASampleForgetsNothing) {
    MaxBandwidth max;
    max.Update(100);
    for (int i = 0; i < 5; ++i) max.Advance();
    EXPECT_EQ(max.Get(), 100u);
}

TEST(MaxBandwidth, YieldsAShareOfBothCycles) {
    MaxBandwidth max;
    max.Update(100);
    max.Advance();
    max.Update(50);
    max.Yield(80);
    EXPECT_EQ(max.Get(), 80u);
    max.Advance();
    EXPECT_EQ(max.Get(), 40u);
}

TEST(LatestDelivery, IsTheLargestOfARound) {
    LatestDelivery latest;
    EXPECT_TRUE(latest.OnSample(Delivered(0, 1000, 100), 10));
    latest.Advance(Delivered(0, 1000, 100), 10);
    EXPECT_FALSE(latest.OnSample(Delivered(500, 2000, 300), 30));
    latest.Advance(Delivered(500, 2000, 300), 30);
    EXPECT_EQ(latest.Rate(), 30u);
    EXPECT_EQ(latest.Volume(), 300u);
    EXPECT_TRUE(latest.OnSample(Delivered(1000, 3000, 200), 20));
    EXPECT_EQ(latest.Rate(), 30u) << "still the round that ends here";
    latest.Advance(Delivered(1000, 3000, 200), 20);
    EXPECT_EQ(latest.Rate(), 20u);
    EXPECT_EQ(latest.Volume(), 200u);
}

TEST(LatestDelivery, ALossBeginsARound) {
    LatestDelivery latest;
    latest.OnSample(Delivered(0, 1000), 10);
    latest.StartRound(5000);
    EXPECT_FALSE(latest.OnSample(Delivered(1000, 6000), 10));
    EXPECT_TRUE(latest.OnSample(Delivered(5000, 8000), 10));
}

}  // namespace
}  // namespace crsp
