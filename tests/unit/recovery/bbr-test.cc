// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/bbr.h"

#include <gtest/gtest.h>

#include "model/recovery/new-reno.h"
#include "model/recovery/rate.h"
#include "tests/unit/recovery/bbr-fixture.h"
#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

class BbrTest : public BbrPathTest {};

TEST_F(BbrTest, BeginsWithTheInitialWindowPacedByTheRoundTrip) {
    const Bbr bbr(BulkFlow::kBytes, BbrVariant::kDraft, 1);
    EXPECT_EQ(bbr.CongestionWindow(), NewReno::InitialWindow(BulkFlow::kBytes));
    EXPECT_EQ(bbr.State(), "startup");
    RttEstimator rtt;
    EXPECT_EQ(bbr.PacingRate(rtt), 12'000'000 / 100 * 277u) << "as if the path took 1 ms";
    rtt.OnSample(At(0), milliseconds(100), Duration{});
    EXPECT_EQ(bbr.PacingRate(rtt), 120'000 / 100 * 277u);
}

TEST_F(BbrTest, CruisesOnePercentBelowTheBandwidthWithTwiceTheProduct) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    m_network->RunFor(milliseconds(500));
    ASSERT_EQ(m_bbr->State(), "probe_bw_cruise");
    EXPECT_EQ(m_flow->PacingRate(), Percent(m_bbr->Bandwidth(), 99));
    EXPECT_EQ(m_bbr->CongestionWindow(), 2 * EstimatedBdp() + m_bbr->ExtraAcked());
    EXPECT_GE(Utilisation(seconds(1)), 0.97);
    EXPECT_LE(m_network->Path().roundTrip, *m_bbr->MinRtt());
    EXPECT_LE(*m_bbr->MinRtt(), Duration{milliseconds(102)});
}

TEST_F(BbrTest, AProbeRaisesTheWindowTooByAQuarterAndTwoPackets) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    m_network->RunFor(milliseconds(200));
    ASSERT_EQ(m_bbr->State(), "probe_bw_up");
    EXPECT_LE(m_bbr->CongestionWindow(),
              Percent(EstimatedBdp(), 225) + m_bbr->ExtraAcked() + 2 * BulkFlow::kBytes);
    EXPECT_GT(m_bbr->CongestionWindow(), Percent(EstimatedBdp(), 210));
}

TEST_F(BbrTest, KeepsTheLinkBusyOverMinutesWithoutLoss) {
    Start();
    m_network->RunFor(seconds(5));
    EXPECT_GE(Utilisation(seconds(60)), 0.94) << "ProbeRTT takes its share";
    EXPECT_EQ(m_flow->Dropped(), 0u);
}

TEST_F(BbrTest, AfterIdleTimeItPacesAtTheBandwidthWhateverItDidBefore) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    ASSERT_TRUE(Reach(Phase::kProbeDown));
    SetApplicationRate(0);
    m_network->RunFor(seconds(1));
    ASSERT_EQ(m_flow->InFlight(), 0u);
    const std::uint64_t window = m_bbr->CongestionWindow();
    SetApplicationRate(std::nullopt);
    EXPECT_NEAR(Gain(), 100, 0.1);
    EXPECT_GE(m_bbr->CongestionWindow(), window);
}

TEST_F(BbrTest, NothingInFlightIsNoIdleTimeWhileTheApplicationHasMore) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    ASSERT_TRUE(Reach(Phase::kProbeDown));
    ASSERT_NEAR(Gain(), 90, 0.1);
    m_bbr->OnPacketSent(m_network->Now(), BulkFlow::kBytes, BulkFlow::kBytes);
    EXPECT_NEAR(Gain(), 90, 0.1) << "between two paced packets of a slow path";
}

TEST_F(BbrTest, TheRoundTripIsThatOfTheAckAtHand) {
    Bbr bbr(BulkFlow::kBytes, BbrVariant::kDraft, 1);
    RttEstimator rtt;
    rtt.OnSample(At(0), milliseconds(40), Duration{});  // of an earlier ACK
    const SentPacket packet = DataPacket(0, At(0));
    const SentPacket* packets[] = {&packet};
    AckEvent event{.now = At(60), .packets = packets, .ackedBytes = 1200, .rtt = &rtt};
    event.rate = RateSample{.totalDelivered = 1200, .rtt = milliseconds(60)};
    bbr.OnAck(event);
    EXPECT_EQ(bbr.MinRtt(), Duration{milliseconds(60)});
}

TEST_F(BbrTest, TheSeedDecidesWhenItProbes) {
    const auto firstProbe = [this](std::uint64_t seed) {
        m_network.emplace(BulkPath{.queue = 4 * kBdp});
        auto bbr = std::make_unique<Bbr>(BulkFlow::kBytes, BbrVariant::kDraft, seed);
        m_bbr = bbr.get();
        m_flow = &m_network->Add(std::move(bbr));
        EXPECT_TRUE(Reach(Phase::kProbeRefill));
        return m_network->Now();
    };
    const TimePoint first = firstProbe(1);
    EXPECT_EQ(firstProbe(1), first);
    EXPECT_NE(firstProbe(2), first);
}

TEST_F(BbrTest, TheWindowNeverFallsBelowFourPackets) {
    Start({.rate = 20'000, .queue = 6000, .roundTrip = milliseconds(20), .loss = 0.3});
    std::uint64_t least = kUnbounded;
    m_network->RunUntil(
        [&] {
            if (m_bbr->Rounds() > 0) least = std::min(least, m_bbr->CongestionWindow());
            return false;
        },
        seconds(20));
    EXPECT_GE(least, BulkFlow::kBytes) << "one, after persistent congestion";
    EXPECT_GT(m_flow->Received(), 50'000u);
}

/// Feeds samples one by one, each of a round of its own.
class BbrSamples {
  public:
    void Ack(std::uint64_t rate, bool appLimited) {
        SentPacket packet = DataPacket(m_next, m_now);
        m_now += milliseconds(100);
        m_rtt.OnSample(m_now, milliseconds(100), Duration{});
        const std::uint64_t prior = m_delivered;
        m_delivered += kPacketBytes;
        const SentPacket* packets[] = {&packet};
        m_bbr.OnAck({.now = m_now,
                     .packets = packets,
                     .ackedBytes = kPacketBytes,
                     .bytesInFlightBefore = kPacketBytes,
                     .rtt = &m_rtt,
                     .appLimited = appLimited,
                     .rate = RateSample{.rate = rate,
                                        .delivered = kPacketBytes,
                                        .interval = milliseconds(100),
                                        .priorDelivered = prior,
                                        .inFlightAtSend = kPacketBytes,
                                        .totalDelivered = m_delivered,
                                        .rtt = milliseconds(100),
                                        .appLimited = appLimited}});
        ++m_next;
    }
    const Bbr& Controller() const { return m_bbr; }

  private:
    Bbr m_bbr{kPacketBytes, BbrVariant::kDraft, 1};
    RttEstimator m_rtt;
    TimePoint m_now = At(0);
    PacketNumber m_next = 0;
    std::uint64_t m_delivered = 0;
};

TEST_F(BbrTest, ASampleLimitedByTheApplicationCountsOnlyIfItIsTheLargest) {
    BbrSamples samples;
    for (int i = 0; i < 8; ++i) samples.Ack(1'000'000, false);
    ASSERT_NE(samples.Controller().GetPhase(), Phase::kStartup);
    for (int i = 0; i < 4; ++i) samples.Ack(1'000'000, false);  // the first cycle ends
    for (int i = 0; i < 100; ++i) samples.Ack(10'000, true);
    EXPECT_EQ(samples.Controller().MaxBandwidth(), 1'000'000u);
    samples.Ack(1'500'000, true);
    EXPECT_EQ(samples.Controller().MaxBandwidth(), 1'500'000u) << "the path carries it";
}

}  // namespace
}  // namespace crsp
