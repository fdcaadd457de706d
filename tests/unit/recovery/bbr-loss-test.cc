// SPDX-License-Identifier: BSD-3-Clause
// What loss does to the model of BBR (model/recovery/bbr-loss.cc).

#include <gtest/gtest.h>

#include "model/recovery/rate.h"
#include "tests/unit/recovery/bbr-fixture.h"
#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

class BbrLossTest : public BbrPathTest {
  protected:
    static constexpr std::uint64_t kRate = 1'250'000;

    bool WaitForShorttermBound() {
        return m_network->RunUntil([&] { return m_bbr->BandwidthShortterm() != kUnbounded; },
                                   milliseconds(500));
    }
    /// Holds back `count` packets from now on so long that they count as lost.
    void Delay(std::uint64_t count) {
        const PacketNumber first = m_flow->Detection().NextPacketNumber();
        m_network->SetFilter([first, count](PacketNumber number) {
            const bool late = number >= first && number < first + count;
            return BulkNetwork::Fate{.heldBack = late ? milliseconds(20) : Duration{}};
        });
    }
    /// One packet of the middle of the flow, lost now.
    void LoseOne(bool persistent) {
        SentPacket packet = DataPacket(1'000'000, m_network->Now());
        packet.delivery.inFlight = m_flow->InFlight();
        const SentPacket* packets[] = {&packet};
        m_bbr->OnLost({.now = m_network->Now(),
                       .packets = packets,
                       .lostBytes = kPacketBytes,
                       .lastSentAt = m_network->Now(),
                       .bytesInFlight = 24'000,
                       .persistentCongestion = persistent,
                       .totalLost = kPacketBytes});
    }
};

TEST_F(BbrLossTest, CruisingALossBoundsBandwidthAndInflightBySevenTenthsARound) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    m_network->RunFor(milliseconds(300));
    const std::uint64_t window = m_bbr->CongestionWindow();
    DropEvery(4);
    ASSERT_TRUE(WaitForShorttermBound());
    EXPECT_GE(m_bbr->BandwidthShortterm(), Percent(m_bbr->MaxBandwidth(), 70));
    EXPECT_LT(m_bbr->BandwidthShortterm(), m_bbr->MaxBandwidth());
    EXPECT_GE(m_bbr->InflightShortterm(), Percent(window, 70) - 2);
    EXPECT_LT(m_bbr->InflightShortterm(), window);
    EXPECT_EQ(m_bbr->CongestionWindow(), m_bbr->InflightShortterm());
    EXPECT_EQ(m_bbr->Bandwidth(), m_bbr->BandwidthShortterm());
    EXPECT_EQ(m_bbr->InflightLongterm(), kUnbounded) << "not probing";
}

TEST_F(BbrLossTest, TheShortTermBoundsFollowRoundByRoundDownToWhatIsDelivered) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    m_network->RunFor(milliseconds(300));
    m_network->SetRate(kRate / 4);
    m_network->SetQueue(kBdp / 4);
    ASSERT_TRUE(WaitForShorttermBound());
    std::uint64_t bound = m_bbr->BandwidthShortterm();
    EXPECT_GE(bound, kRate * 69 / 100);
    m_network->RunFor(seconds(1));
    EXPECT_LE(m_bbr->BandwidthShortterm(), kRate / 2);
    EXPECT_GE(m_bbr->BandwidthShortterm(), kRate * 24 / 100) << "not below what arrives";
}

TEST_F(BbrLossTest, RefillingForgetsTheShortTermBounds) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    DropEvery(4);
    ASSERT_TRUE(WaitForShorttermBound());
    DropNothing();
    ASSERT_TRUE(Reach(Phase::kProbeRefill));
    EXPECT_EQ(m_bbr->BandwidthShortterm(), kUnbounded);
    EXPECT_EQ(m_bbr->InflightShortterm(), kUnbounded);
}

TEST_F(BbrLossTest, AProbeThatOverflowsTheQueueBoundsInflightByWhatFits) {
    Start({.queue = kBdp / 3});
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    ASSERT_TRUE(Reach(Phase::kProbeDown));
    EXPECT_NEAR(static_cast<double>(m_bbr->InflightLongterm()), kBdp * 4.0 / 3, kBdp / 20.0);
}

TEST_F(BbrLossTest, StartupThatOverflowsTheQueueEndsInTwoRounds) {
    Start({.queue = kBdp / 10});
    ASSERT_TRUE(m_network->RunUntil([&] { return m_flow->Dropped() > 0; }, seconds(2)));
    const std::uint64_t rounds = m_bbr->Rounds();
    ASSERT_TRUE(Leave(Phase::kStartup, seconds(1)));
    EXPECT_LE(m_bbr->Rounds() - rounds, 3u) << "one until it shows, one in recovery";
    EXPECT_NE(m_bbr->InflightLongterm(), kUnbounded);
}

TEST_F(BbrLossTest, AFewLossesDoNotEndAProbe) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    const PacketNumber next = m_flow->Detection().NextPacketNumber();
    m_network->SetFilter(
        [next](PacketNumber number) { return BulkNetwork::Fate{.dropped = number == next + 5}; });
    m_network->RunFor(milliseconds(250));
    EXPECT_EQ(m_flow->Dropped(), 1u);
    EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeUp) << "less than 2 % of what is in flight";
}

TEST_F(BbrLossTest, WhatARealLossTookASpuriousOneDoesNotGiveBack) {
    Start({.queue = kBdp / 3});
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    ASSERT_NE(m_bbr->InflightLongterm(), kUnbounded);
    m_network->RunFor(milliseconds(500));
    const std::uint64_t longterm = m_bbr->InflightLongterm();
    const std::uint64_t shortterm = m_bbr->BandwidthShortterm();
    Delay(8);
    ASSERT_TRUE(m_network->RunUntil([&] { return m_flow->SpuriousEvents() > 0; }, seconds(1)));
    EXPECT_EQ(m_bbr->BandwidthShortterm(), shortterm);
    EXPECT_EQ(m_bbr->InflightLongterm(), longterm);
}

TEST_F(BbrLossTest, PersistentCongestionLeavesRoomForOneDatagramUntilTheNextAck) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    const std::uint64_t window = m_bbr->CongestionWindow();
    LoseOne(true);
    EXPECT_EQ(m_bbr->CongestionWindow(), 24'000 + kPacketBytes);
    m_bbr->OnSpuriousLoss({m_network->Now(), m_network->Now()});
    EXPECT_EQ(m_bbr->CongestionWindow(), window) << "OnEnterRTO() saved it";
}

TEST_F(BbrLossTest, LeavingRecoveryRestoresTheWindow) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    m_network->RunFor(milliseconds(300));
    const std::uint64_t window = m_bbr->CongestionWindow();
    LoseOne(true);
    ASSERT_LT(m_bbr->CongestionWindow(), window);
    m_network->RunFor(milliseconds(350));  // what is sent now has been acknowledged
    EXPECT_GE(m_bbr->CongestionWindow(), Percent(window, 70)) << "but for what the loss says";
}

TEST_F(BbrLossTest, ABlackoutOfSecondsIsFollowedByTheOldRateAgain) {
    Start();
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    DropEvery(1);
    m_network->RunFor(seconds(3));
    DropNothing();
    m_network->RunFor(seconds(5));
    EXPECT_GE(Utilisation(seconds(5)), 0.9);
}

TEST_F(BbrLossTest, RandomLossBindsTheDraftButNotItsVariantThatJudgesLoss) {
    Start({.queue = kBdp, .loss = 0.05});
    m_network->RunFor(seconds(10));
    EXPECT_LT(Utilisation(seconds(20)), 0.9);
    Start({.queue = kBdp, .loss = 0.05}, BbrVariant::kLossJudged);
    m_network->RunFor(seconds(10));
    EXPECT_GE(Utilisation(seconds(20)), 0.9);
    EXPECT_NEAR(static_cast<double>(m_bbr->Judge().Floor()), 50'000, 15'000);
}

/// Reports that the newest packet and those before it were marked.
void MarkNow(Bbr& bbr, const BulkNetwork& network, std::uint64_t inFlight) {
    SentPacket newest = DataPacket(0, network.Now());
    newest.delivery.inFlight = inFlight;
    bbr.OnEcnCe({.now = network.Now(), .newest = &newest, .marked = 1, .bytesInFlight = inFlight});
}

// draft-ietf-ccwg-bbr §3.7: a mark MUST be treated as congestion; in both variants.
TEST_F(BbrLossTest, CruisingAMarkBoundsTheModelWithinARoundTrip) {
    for (const auto variant : {BbrVariant::kDraft, BbrVariant::kLossJudged}) {
        Start({.queue = 4 * kBdp}, variant);
        ASSERT_TRUE(Reach(Phase::kProbeCruise));
        m_network->RunFor(milliseconds(300));
        ASSERT_EQ(m_bbr->BandwidthShortterm(), kUnbounded);
        MarkNow(*m_bbr, *m_network, m_flow->InFlight());
        ASSERT_TRUE(WaitForShorttermBound());
        EXPECT_LE(m_bbr->BandwidthShortterm(), m_bbr->MaxBandwidth());
        EXPECT_LT(m_bbr->InflightShortterm(), kUnbounded);
        const std::uint64_t bound = m_bbr->InflightShortterm();
        m_bbr->OnSpuriousLoss({.now = m_network->Now(), .beganAt = m_network->Now()});
        EXPECT_EQ(m_bbr->InflightShortterm(), bound) << "a mark is not taken back";
    }
}

TEST_F(BbrLossTest, AMarkEndsAProbeUpwards) {
    for (const auto variant : {BbrVariant::kDraft, BbrVariant::kLossJudged}) {
        Start({.queue = 4 * kBdp}, variant);
        ASSERT_TRUE(Reach(Phase::kProbeUp));
        MarkNow(*m_bbr, *m_network, kBdp);
        EXPECT_EQ(m_bbr->GetPhase(), Phase::kProbeDown);
        EXPECT_LT(m_bbr->InflightLongterm(), kUnbounded);
    }
}

TEST_F(BbrLossTest, AMarkEndsStartupWithinARoundTrip) {
    for (const auto variant : {BbrVariant::kDraft, BbrVariant::kLossJudged}) {
        Start({.rate = 125'000'000, .queue = 400 * kBdp}, variant);
        m_network->RunFor(milliseconds(250));
        ASSERT_EQ(m_bbr->GetPhase(), Phase::kStartup);
        MarkNow(*m_bbr, *m_network, m_flow->InFlight());
        EXPECT_TRUE(Leave(Phase::kStartup, milliseconds(250)));
    }
}

}  // namespace
}  // namespace crsp
