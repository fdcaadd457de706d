// SPDX-License-Identifier: BSD-3-Clause
// The cases of draft-ietf-ccwg-bbr, appendix "BBR Example Test Cases", in its order; each test
// bears the title of its case.

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "model/recovery/rate.h"
#include "tests/unit/recovery/bbr-fixture.h"

namespace crsp {
namespace {

class BbrAppendix : public BbrPathTest {
  protected:
    static constexpr std::uint64_t kRate = 1'250'000;
    static constexpr std::uint64_t kMinPipe = 4 * BulkFlow::kBytes;

    /// A queue of a third of the product: a probe loses packets, and inflight_longterm is set.
    void StartShallow() { Start({.queue = kBdp / 3}); }
    bool ReachLongtermBound() {
        return m_network->RunUntil(
            [&] {
                return m_bbr->GetPhase() == Phase::kProbeCruise &&
                       m_bbr->InflightLongterm() != kUnbounded;
            },
            kPatience);
    }
};

TEST_F(BbrAppendix, ExitingStartupOnBandwidthPlateau) {
    Start();
    int mostRounds = 0;
    ASSERT_TRUE(m_network->RunUntil(
        [&] {
            mostRounds = std::max(mostRounds, m_bbr->Pipe().Count());
            return m_bbr->GetPhase() != Phase::kStartup;
        },
        seconds(3)));
    EXPECT_NEAR(static_cast<double>(m_bbr->MaxBandwidth()), kRate, 0.02 * kRate);
    EXPECT_EQ(mostRounds, 3);
    EXPECT_TRUE(m_bbr->Pipe().Now());
    EXPECT_TRUE(m_bbr->Pipe().Ever());
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kDrain);
    EXPECT_EQ(m_flow->Dropped(), 0u) << "no loss helped";
}

TEST_F(BbrAppendix, ExitingStartupOnLossWhenApplicationLimited) {
    Start();
    SetApplicationRate(kRate / 2);
    m_network->RunFor(seconds(2));
    ASSERT_EQ(m_bbr->GetPhase(), Phase::kStartup);
    DropEvery(5);  // ten ranges of the 52 packets of a round
    const std::uint64_t before = m_bbr->Rounds();
    ASSERT_TRUE(Leave(Phase::kStartup, seconds(1)));
    EXPECT_EQ(m_bbr->Cycles(), 1u) << "Drain and PROBE_DOWN end at once: so little is in flight";
    EXPECT_LE(m_bbr->Rounds() - before, 3u) << "one until the loss shows, one that is lossy";
    EXPECT_TRUE(m_bbr->Pipe().Now());
    EXPECT_TRUE(m_bbr->Pipe().Ever());
    EXPECT_EQ(m_bbr->Pipe().Count(), 0) << "no plateau helped";
    EXPECT_GE(m_bbr->InflightLongterm(), EstimatedBdp());
    EXPECT_NE(m_bbr->InflightLongterm(), kUnbounded);
}

TEST_F(BbrAppendix, StartupGoesOnWithFewerThanSixLostRanges) {
    Start();
    SetApplicationRate(kRate / 2);
    m_network->RunFor(seconds(1));
    DropEvery(13);  // four ranges of a round: more than 2 %, but too few
    m_network->RunFor(seconds(3));
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kStartup);
}

TEST_F(BbrAppendix, ExitingDrainBasedOnInflight) {
    Start();
    ASSERT_TRUE(Reach(Phase::kDrain));
    EXPECT_NEAR(Gain(), 50, 0.1);
    const std::uint64_t begun = m_bbr->Rounds();
    std::uint64_t least = kUnbounded;
    ASSERT_TRUE(m_network->RunUntil(
        [&] {
            if (m_bbr->GetPhase() != Phase::kDrain) return true;
            least = std::min(least, m_flow->InFlight());
            return false;
        },
        seconds(3)));
    EXPECT_GT(least + 2 * BulkFlow::kBytes, EstimatedBdp()) << "not before";
    EXPECT_LE(m_flow->InFlight(), EstimatedBdp() + 2 * BulkFlow::kBytes);
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeCruise) << "PROBE_DOWN asks for the same";
    EXPECT_LE(m_bbr->Rounds() - begun, 3u);
}

TEST_F(BbrAppendix, ExitingDrainBasedOnTime) {
    Start();
    ASSERT_TRUE(Reach(Phase::kDrain));
    // Ten percent less would still drain in time; half leaves in flight what is in flight.
    m_network->SetRate(kRate / 2);
    const std::uint64_t begun = m_bbr->Rounds();
    ASSERT_TRUE(Leave(Phase::kDrain, seconds(5)));
    EXPECT_GT(m_flow->InFlight(), EstimatedBdp() + 10 * BulkFlow::kBytes);
    EXPECT_EQ(m_bbr->Rounds() - begun, 4u) << "more than three";
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeDown);
}

TEST_F(BbrAppendix, ExitingProbeUpOnBandwidthPlateau) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    const std::uint64_t begun = m_bbr->Rounds();
    EXPECT_NEAR(Gain(), 125, 0.1);
    ASSERT_TRUE(Leave(Phase::kProbeUp, seconds(5)));
    EXPECT_TRUE(m_bbr->Pipe().Now());
    EXPECT_EQ(m_bbr->Pipe().Count(), 3);
    EXPECT_GE(m_bbr->Rounds() - begun, 3u);
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeDown);
    EXPECT_EQ(m_flow->Dropped(), 0u);
}

TEST_F(BbrAppendix, ExitingProbeUpOnLossWhenApplicationLimited) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    SetApplicationRate(kRate / 2);
    m_network->RunFor(milliseconds(500));
    ASSERT_EQ(m_bbr->GetPhase(), Phase::kProbeUp);
    DropEvery(10);
    const std::uint64_t cycles = m_bbr->Cycles();
    ASSERT_TRUE(Leave(Phase::kProbeUp, milliseconds(500)));
    EXPECT_EQ(m_bbr->Cycles(), cycles + 1) << "PROBE_DOWN, which has nothing to drain";
    EXPECT_FALSE(m_bbr->Pipe().Now()) << "no plateau helped";
    EXPECT_EQ(m_bbr->InflightLongterm(), kUnbounded)
        << "HandleInflightTooHigh() sets no bound from packets that were application-limited";
}

TEST_F(BbrAppendix, NeverExitingProbeUpWhenApplicationLimitedWithNoLoss) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    SetApplicationRate(kRate / 2);
    for (int i = 1; i <= 10; ++i) {
        // A slightly shorter path each time: no ProbeRTT is due.
        m_network->SetRoundTrip(milliseconds(100 - i));
        EXPECT_EQ(PhasesWithin(seconds(3)), std::set{Phase::kProbeUp}) << i;
    }
}

TEST_F(BbrAppendix, NeverExitingStartupWhenApplicationLimitedWithNoLoss) {
    Start();
    SetApplicationRate(kRate / 2);
    for (int i = 1; i <= 10; ++i) {
        m_network->SetRoundTrip(milliseconds(100 - i));
        EXPECT_EQ(PhasesWithin(seconds(3)), std::set{Phase::kStartup}) << i;
    }
}

TEST_F(BbrAppendix, ExitingProbeDownOnInflight) {
    StartShallow();
    ASSERT_TRUE(ReachLongtermBound());
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    ASSERT_TRUE(Reach(Phase::kProbeDown));
    EXPECT_NEAR(Gain(), 90, 0.1);
    ASSERT_TRUE(Leave(Phase::kProbeDown, seconds(2)));
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeCruise);
    const std::uint64_t withHeadroom = Percent(m_bbr->InflightLongterm(), 85);
    const std::uint64_t bdp = BytesIn(m_bbr->MaxBandwidth(), *m_bbr->MinRtt());
    EXPECT_LE(m_flow->InFlight(), std::min(withHeadroom, bdp) + BulkFlow::kBytes);
    EXPECT_NEAR(Gain(), 100, 0.1);
}

TEST_F(BbrAppendix, ExitingProbeDownAfterMaxTime) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    m_network->RunFor(seconds(1));
    ShortenPath();
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    ASSERT_TRUE(Reach(Phase::kProbeDown));
    const TimePoint begun = m_network->Now();
    m_network->SetRate(kRate * 85 / 100);
    ASSERT_TRUE(Leave(Phase::kProbeDown, seconds(5)));
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeRefill) << "no cruising";
    EXPECT_GT(m_network->Now() - begun, Duration{seconds(2)});
    EXPECT_LT(m_network->Now() - begun, Duration{milliseconds(3100)});
}

TEST_F(BbrAppendix, EnteringAndExitingProbeRtt) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    const TimePoint cruising = m_network->Now();
    ASSERT_TRUE(Reach(Phase::kProbeRtt, seconds(6))) << "nothing shorter for 5 s";
    EXPECT_GT(m_network->Now() - cruising, Duration{seconds(3)});
    const TimePoint begun = m_network->Now();
    EXPECT_LE(m_flow->Controller().CongestionWindow(), EstimatedBdp() / 2);
    ASSERT_TRUE(
        m_network->RunUntil([&] { return m_flow->InFlight() <= EstimatedBdp() / 2; }, seconds(1)));
    const TimePoint low = m_network->Now();
    ASSERT_TRUE(Leave(Phase::kProbeRtt, seconds(2)));
    EXPECT_GE(m_network->Now() - low, Duration{milliseconds(200)});
    EXPECT_LE(m_network->Now() - begun, Duration{milliseconds(500)});
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeCruise);
    m_network->RunFor(milliseconds(200));
    EXPECT_GE(Utilisation(seconds(1)), 0.97);
}

TEST_F(BbrAppendix, SkippingProbeRttDueToApplicationLimitedSending) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    SetApplicationRate(0);
    m_network->RunFor(seconds(6));
    ASSERT_EQ(m_flow->InFlight(), 0u);
    SetApplicationRate(std::nullopt);
    EXPECT_EQ(PhasesWithin(milliseconds(4900)).count(Phase::kProbeRtt), 0u);
    EXPECT_TRUE(Reach(Phase::kProbeRtt, seconds(1))) << "five seconds after the idle time";
}

TEST_F(BbrAppendix, AchievingExpectedStartupBandwidthOnALinkWithAggregation) {
    Start({.queue = 4 * kBdp, .ackSlot = milliseconds(30)});
    std::uint64_t mostExtra = 0;
    std::uint64_t mostWindow = 0;
    ASSERT_TRUE(m_network->RunUntil(
        [&] {
            mostExtra = std::max(mostExtra, m_bbr->ExtraAcked());
            mostWindow = std::max(mostWindow, m_bbr->CongestionWindow());
            return m_bbr->GetPhase() != Phase::kStartup;
        },
        seconds(4)));
    EXPECT_GE(mostExtra, BytesIn(kRate, milliseconds(20))) << "most of a batch";
    EXPECT_GT(mostWindow, 2 * kBdp);
    EXPECT_GE(m_bbr->MaxBandwidth(), Percent(kRate, 95));
    EXPECT_LE(m_bbr->MaxBandwidth(), Percent(kRate, 130)) << "no batch passes for a rate";
}

TEST_F(BbrAppendix, AchievingExpectedCruiseBandwidthOnALinkWithAggregation) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    const std::uint64_t before = m_bbr->ExtraAcked();
    m_network->SetAckSlot(milliseconds(60));
    m_network->RunFor(milliseconds(500));
    EXPECT_GE(m_bbr->ExtraAcked(), before + BytesIn(kRate, milliseconds(30)));
    ASSERT_EQ(m_bbr->GetPhase(), Phase::kProbeCruise);
    EXPECT_GE(m_bbr->CongestionWindow(), 2 * EstimatedBdp() + m_bbr->ExtraAcked() - 2400);
    EXPECT_GE(Utilisation(seconds(1)), 0.97);
    m_network->SetAckSlot(Duration{});
    m_network->RunFor(milliseconds(500));
    EXPECT_GE(m_bbr->ExtraAcked(), BytesIn(kRate, milliseconds(30))) << "still in the window";
    m_network->RunFor(seconds(10));
    EXPECT_LT(m_bbr->ExtraAcked(), BytesIn(kRate, milliseconds(30))) << "it is over";
}

TEST_F(BbrAppendix, CorrectlyManagingSubPacketBdps) {
    constexpr std::uint64_t kSlow = 8000;  // 64 kbit/s: a packet takes 150 ms
    Start({.rate = kSlow, .queue = 24'000, .roundTrip = milliseconds(10)});
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    std::uint64_t least = kUnbounded;
    std::uint64_t most = 0;
    m_network->RunUntil(
        [&] {
            least = std::min(least, m_bbr->CongestionWindow());
            most = std::max(most, m_flow->PacingRate());
            return false;
        },
        seconds(60));
    EXPECT_EQ(least, kMinPipe);
    EXPECT_LE(most, Percent(kSlow, 130));
    EXPECT_NEAR(static_cast<double>(m_bbr->MaxBandwidth()), kSlow, 0.05 * kSlow);
    EXPECT_GE(Utilisation(seconds(60)), 0.93);
}

TEST_F(BbrAppendix, IncreasingBandwidthTenfoldAndEnsuringFullBandwidthIsReached) {
    StartShallow();
    ASSERT_TRUE(ReachLongtermBound());
    m_network->SetRate(10 * kRate);
    m_network->SetQueue(10 * kBdp);
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    const std::uint64_t begun = m_bbr->Rounds();
    ASSERT_TRUE(m_network->RunUntil(
        [&] { return m_bbr->MaxBandwidth() >= Percent(10 * kRate, 90); }, seconds(20)));
    EXPECT_LE(m_bbr->Rounds() - begun, 20u);
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeUp);
}

TEST_F(BbrAppendix, TheStepOfInflightLongtermDoublesEachRoundOfAProbe) {
    StartShallow();
    ASSERT_TRUE(ReachLongtermBound());
    m_network->SetRate(10 * kRate);
    m_network->SetQueue(10 * kBdp);
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    std::vector<double> steps;
    for (int round = 0; round < 8; ++round) {
        const std::uint64_t bound = m_bbr->InflightLongterm();
        const std::uint64_t count = m_bbr->Rounds();
        ASSERT_TRUE(m_network->RunUntil([&] { return m_bbr->Rounds() > count; }, seconds(1)));
        steps.push_back(static_cast<double>(m_bbr->InflightLongterm() - bound) / BulkFlow::kBytes);
    }
    // Two rounds until the window has reached the bound.
    EXPECT_NEAR(steps[2], 2, 1);
    for (std::size_t i = 3; i < steps.size(); ++i) EXPECT_NEAR(steps[i] / steps[i - 1], 2, 0.3);
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeUp);
}

TEST_F(BbrAppendix, DecreasingBandwidthTenfoldAndEnsuringMaxBandwidthAdaptsDown) {
    Start({.rate = 10 * kRate, .queue = 10 * kBdp});
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    m_network->SetRate(kRate);
    m_network->SetQueue(kBdp);
    ASSERT_TRUE(
        m_network->RunUntil([&] { return m_bbr->BandwidthShortterm() <= 3 * kRate; }, seconds(5)));
    EXPECT_GE(m_bbr->MaxBandwidth(), 9 * kRate) << "the filter still remembers";
    const std::uint64_t cycles = m_bbr->Cycles();
    ASSERT_TRUE(m_network->RunUntil([&] { return m_bbr->MaxBandwidth() <= Percent(kRate, 105); },
                                    seconds(20)));
    EXPECT_LE(m_bbr->Cycles() - cycles, 3u);
}

TEST_F(BbrAppendix, HandlingTokenBucketPolicers) {
    Start({.rate = 10 * kRate, .queue = 10 * kBdp});
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    m_network->SetPolicer(kRate, 200'000);
    ASSERT_TRUE(m_network->RunUntil(
        [&] {
            return m_bbr->InflightShortterm() != kUnbounded &&
                   m_bbr->BandwidthShortterm() != kUnbounded;
        },
        seconds(2)));
    m_network->RunFor(seconds(20));
    const std::uint64_t sent = m_flow->Sent();
    const std::uint64_t dropped = m_flow->Dropped();
    EXPECT_GE(Utilisation(seconds(20)) * 10, 0.8) << "of what the policer lets through";
    EXPECT_LE(m_bbr->MaxBandwidth(), 2 * kRate) << "a full bucket passes at once";
    EXPECT_LE(static_cast<double>(m_flow->Dropped() - dropped),
              0.05 * static_cast<double>(m_flow->Sent() - sent));
}

/// What HandleSpuriousLossDetection() has to give back.
struct Bounds {
    explicit Bounds(const Bbr& bbr)
        : bandwidth(bbr.BandwidthShortterm()),
          inflightShort(bbr.InflightShortterm()),
          inflightLong(bbr.InflightLongterm()) {}
    bool operator==(const Bounds&) const = default;
    std::uint64_t bandwidth, inflightShort, inflightLong;
};

TEST_F(BbrAppendix, HandlingSpuriousFastRecovery) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    const Bounds before(*m_bbr);
    const PacketNumber first = m_flow->Detection().NextPacketNumber();
    m_network->SetFilter([first](PacketNumber number) {
        const bool late = number >= first && number < first + 8;
        return BulkNetwork::Fate{.heldBack = late ? milliseconds(20) : Duration{}};
    });
    ASSERT_TRUE(Leave(Phase::kProbeUp, seconds(1)));
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeDown);
    EXPECT_NE(m_bbr->InflightLongterm(), kUnbounded);
    const std::uint64_t window = m_bbr->CongestionWindow();
    ASSERT_TRUE(m_network->RunUntil([&] { return m_flow->SpuriousEvents() > 0; }, seconds(1)));
    EXPECT_EQ(Bounds(*m_bbr), before);
    EXPECT_GE(m_bbr->CongestionWindow(), window);
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeRefill);
    EXPECT_EQ(m_flow->Dropped(), 0u);
    EXPECT_TRUE(Reach(Phase::kProbeUp, milliseconds(500)));
}

TEST_F(BbrAppendix, HandlingSpuriousFastRecoveryInStartup) {
    Start();
    SetApplicationRate(kRate / 2);
    m_network->RunFor(seconds(1));
    const PacketNumber first = m_flow->Detection().NextPacketNumber();
    m_network->SetFilter([first](PacketNumber number) {
        const bool late = number >= first && number < first + 40 && number % 5 == 0;
        return BulkNetwork::Fate{.heldBack = late ? milliseconds(250) : Duration{}};
    });
    ASSERT_TRUE(Leave(Phase::kStartup, seconds(1)));
    EXPECT_TRUE(m_bbr->Pipe().Ever());
    ASSERT_TRUE(m_network->RunUntil([&] { return m_flow->SpuriousEvents() > 0; }, seconds(1)));
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kStartup);
    EXPECT_FALSE(m_bbr->Pipe().Ever());
    EXPECT_EQ(m_bbr->InflightLongterm(), kUnbounded);
}

TEST_F(BbrAppendix, HandlingSpuriousRtoRecovery) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    const Bounds before(*m_bbr);
    // All that is sent is late by 300 ms until a probe gets through.
    m_network->SetFilter([this](PacketNumber) {
        return BulkNetwork::Fate{.heldBack =
                                     m_flow->Probes() == 0 ? milliseconds(300) : Duration{}};
    });
    ASSERT_TRUE(m_network->RunUntil([&] { return m_flow->Probes() > 0; }, seconds(1)));
    ASSERT_TRUE(Leave(Phase::kProbeUp, seconds(1)));
    EXPECT_NE(m_bbr->InflightLongterm(), kUnbounded);
    ASSERT_TRUE(m_network->RunUntil([&] { return m_flow->SpuriousEvents() > 0; }, seconds(2)));
    EXPECT_EQ(Bounds(*m_bbr), before);
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeRefill);
    EXPECT_EQ(m_flow->Dropped(), 0u);
    EXPECT_TRUE(Reach(Phase::kProbeUp, seconds(1)));
}

TEST_F(BbrAppendix, EnteringAndExitingProbeRttDuringStartup) {
    Start();
    SetApplicationRate(kRate / 10);
    ASSERT_TRUE(Reach(Phase::kProbeRtt, seconds(6)));
    ASSERT_FALSE(m_bbr->Pipe().Ever());
    ASSERT_TRUE(Leave(Phase::kProbeRtt, seconds(1)));
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kStartup);
    SetApplicationRate(std::nullopt);
    ASSERT_TRUE(Reach(Phase::kDrain, seconds(2)));
    EXPECT_NEAR(static_cast<double>(m_bbr->MaxBandwidth()), kRate, 0.02 * kRate);
}

TEST_F(BbrAppendix, HandlingLossDuringProbeUpAfterInflightLongtermIsSet) {
    StartShallow();
    ASSERT_TRUE(ReachLongtermBound());
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    const std::uint64_t bound = m_bbr->InflightLongterm();
    DropEvery(5);
    ASSERT_TRUE(Leave(Phase::kProbeUp, seconds(1)));
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeDown);
    EXPECT_FALSE(m_bbr->Pipe().Now());
    EXPECT_LT(m_bbr->InflightLongterm(), bound);
    EXPECT_GE(m_bbr->InflightLongterm(), Percent(std::min(EstimatedBdp(), bound), 70));
}

TEST_F(BbrAppendix, HandlingApplicationLimitedSendingDuringProbeRefill) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    m_network->RunFor(seconds(1));
    ShortenPath();
    ASSERT_TRUE(Reach(Phase::kProbeRefill));
    const std::uint64_t bandwidth = m_bbr->MaxBandwidth();
    SetApplicationRate(kRate / 5);
    m_network->RunFor(milliseconds(1));
    ASSERT_TRUE(m_network->RunUntil(
        [&] {
            EXPECT_EQ(m_bbr->MaxBandwidth(), bandwidth);
            return m_bbr->GetPhase() != Phase::kProbeRefill;
        },
        seconds(1)));
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeUp);
    m_network->RunFor(seconds(1));
    EXPECT_EQ(m_bbr->MaxBandwidth(), bandwidth);
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeUp);
    SetApplicationRate(std::nullopt);
    ASSERT_TRUE(Reach(Phase::kProbeDown, seconds(2)));
    EXPECT_NEAR(static_cast<double>(m_bbr->MaxBandwidth()), kRate, 0.02 * kRate);
    EXPECT_GE(Utilisation(seconds(2)), 0.95);
}

}  // namespace
}  // namespace crsp
