// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/loss-detection.h"

#include <gtest/gtest.h>

#include "model/base/random.h"
#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

using Packets = std::vector<PacketNumber>;

class LossDetectionTest : public ::testing::Test {
  protected:
    void Send(std::int64_t ms) {
        m_detection.OnPacketSent(DataPacket(m_detection.NextPacketNumber(), At(ms)));
    }
    void SendAckOnly(std::int64_t ms) {
        m_detection.OnPacketSent(AckOnlyPacket(m_detection.NextPacketNumber(), At(ms)));
    }
    void SendMany(int count, std::int64_t ms) {
        for (int i = 0; i < count; ++i) Send(ms);
    }
    AckOutcome Ack(std::int64_t ms, std::initializer_list<Range> ranges,
                   Duration delay = Duration{}) {
        const ReceivedAck ack(ranges, delay);
        return m_detection.OnAckReceived(At(ms), ack.Frame(), false).value();
    }
    void ExpectViolation(std::initializer_list<Range> ranges) {
        const ReceivedAck ack(ranges);
        const auto outcome = m_detection.OnAckReceived(At(1000), ack.Frame(), false);
        ASSERT_FALSE(outcome.has_value());
        EXPECT_EQ(outcome.error().code, TransportErrorCode::kProtocolViolation);
    }
    /// A first packet, acknowledged after 100 ms: smoothed 100, variance 50, PTO 300 ms.
    void FirstSample() {
        Send(0);
        Ack(100, {{0, 1}});
    }

    LossDetection m_detection;
};

TEST_F(LossDetectionTest, CountsBytesAndPacketsInFlight) {
    Send(0);
    SendAckOnly(0);
    Send(1);
    EXPECT_EQ(m_detection.BytesInFlight(), 2 * kPacketBytes);
    EXPECT_EQ(m_detection.AckElicitingInFlight(), 2u);
    Ack(50, {{0, 2}});
    EXPECT_EQ(m_detection.BytesInFlight(), kPacketBytes);
    EXPECT_EQ(m_detection.AckElicitingInFlight(), 1u);
    EXPECT_EQ(m_detection.LargestAcked(), 1u);
}

TEST_F(LossDetectionTest, AckHandsOverWhatIsNewInAscendingOrder) {
    SendMany(10, 0);
    const auto first = Ack(100, {{2, 4}, {5, 6}, {7, 9}});
    EXPECT_EQ(Numbers(first.acked), (Packets{2, 3, 5, 7, 8}));
    ASSERT_TRUE(first.ack);
    EXPECT_EQ(first.ack->ackedBytes, 5 * kPacketBytes);
    EXPECT_EQ(first.ack->bytesInFlightBefore, 10 * kPacketBytes);
    EXPECT_EQ(first.ack->bytesInFlight, m_detection.BytesInFlight());
    const auto again = Ack(101, {{2, 4}, {5, 6}, {7, 9}});
    EXPECT_TRUE(again.acked.empty());
    EXPECT_FALSE(again.ack);
    EXPECT_FALSE(again.rttUpdated);
}

TEST_F(LossDetectionTest, AckEventSaysWhetherTheSenderWasAppLimited) {
    SendMany(2, 0);
    const ReceivedAck first({{0, 1}});
    EXPECT_TRUE(m_detection.OnAckReceived(At(1), first.Frame(), true)->ack->appLimited);
    const ReceivedAck second({{1, 2}});
    EXPECT_FALSE(m_detection.OnAckReceived(At(1), second.Frame(), false)->ack->appLimited);
}

TEST_F(LossDetectionTest, SamplesTheRttFromTheLargestNewlyAcknowledged) {
    Send(0);
    Send(40);
    EXPECT_TRUE(Ack(100, {{0, 2}}).rttUpdated);
    EXPECT_EQ(m_detection.Rtt().Latest(), milliseconds(60));
}

TEST_F(LossDetectionTest, TakesNoSampleWhenTheLargestIsNotNew) {
    SendMany(2, 0);
    Ack(50, {{1, 2}});
    EXPECT_FALSE(Ack(500, {{0, 2}}).rttUpdated);
    EXPECT_EQ(m_detection.Rtt().Latest(), milliseconds(50));
}

TEST_F(LossDetectionTest, TakesNoSampleFromPacketsThatAskForNoAck) {
    SendAckOnly(0);
    const auto outcome = Ack(400, {{0, 1}});
    EXPECT_EQ(outcome.acked.size(), 1u);
    EXPECT_FALSE(outcome.rttUpdated);
    EXPECT_FALSE(outcome.ack) << "congestion control has no part in it";
    EXPECT_FALSE(m_detection.Rtt().HasSample());
}

TEST_F(LossDetectionTest, BelievesTheAckDelayOnlyUpToThePeersLimit) {
    m_detection.SetPeerMaxAckDelay(milliseconds(25));
    FirstSample();
    Send(100);
    Ack(100 + 180, {{1, 2}}, milliseconds(70));
    // 180 - 25 = 155: 7/8 * 100 + 1/8 * 155.
    EXPECT_EQ(m_detection.Rtt().Smoothed(), microseconds(106875));
}

TEST_F(LossDetectionTest, AnAckThatWasLostAndIsRepeatedDoesNotMakeThePathLonger) {
    m_detection.SetPeerMaxAckDelay(milliseconds(25));
    FirstSample();
    Send(100);
    m_detection.OnTimeout(*m_detection.NextTimeout());
    Ack(2200, {{1, 2}}, milliseconds(2000));
    EXPECT_EQ(m_detection.Rtt().Latest(), milliseconds(125));
    EXPECT_EQ(m_detection.Rtt().Smoothed(), milliseconds(100));
    Send(3000);
    m_detection.OnTimeout(*m_detection.NextTimeout());
    Ack(3500, {{2, 3}}, milliseconds(480));
    EXPECT_EQ(m_detection.Rtt().Latest(), milliseconds(500)) << "no path becomes shorter so";
}

TEST_F(LossDetectionTest, HandshakeGivesTheFirstSample) {
    m_detection.SeedRtt(At(0), milliseconds(30));
    EXPECT_EQ(m_detection.Rtt().Smoothed(), milliseconds(30));
}

TEST_F(LossDetectionTest, AckOfAPacketNeverSentIsRefusedAndChangesNothing) {
    ExpectViolation({{0, 1}});
    SendMany(3, 0);
    ExpectViolation({{3, 4}});
    ExpectViolation({{0, 2}, {1'000'000, 1'000'001}});
    EXPECT_EQ(m_detection.BytesInFlight(), 3 * kPacketBytes);
    EXPECT_EQ(m_detection.LargestAcked(), std::nullopt);
    EXPECT_FALSE(m_detection.Rtt().HasSample());
    EXPECT_EQ(Numbers(Ack(10, {{0, 3}}).acked), (Packets{0, 1, 2}));
}

TEST_F(LossDetectionTest, AckOfASkippedNumberIsRefusedAndChangesNothing) {
    Send(0);
    m_detection.OnPacketSent(DataPacket(2, At(0)));
    ExpectViolation({{0, 3}});
    ExpectViolation({{0, 2}});
    EXPECT_EQ(m_detection.BytesInFlight(), 2 * kPacketBytes);
    EXPECT_EQ(Numbers(Ack(10, {{0, 1}, {2, 3}}).acked), (Packets{0, 2}));
}

TEST_F(LossDetectionTest, AckOfPacketsLongForgottenIsHarmless) {
    for (int i = 0; i < 300; ++i) {
        Send(i);
        Ack(i + 1, {{static_cast<PacketNumber>(i), static_cast<PacketNumber>(i) + 1}});
    }
    EXPECT_TRUE(Ack(400, {{0, 300}}).acked.empty());
    EXPECT_EQ(m_detection.BytesInFlight(), 0u);
}

TEST_F(LossDetectionTest, ThirdLaterAckMakesAPacketLost) {
    FirstSample();
    SendMany(5, 200);
    EXPECT_TRUE(Ack(300, {{2, 4}}).lost.empty());
    const auto outcome = Ack(300, {{4, 5}});
    ASSERT_EQ(Numbers(outcome.lost), (Packets{1}));
    EXPECT_EQ(outcome.lost[0]->lossTrigger, LossTrigger::kReorderingThreshold);
    ASSERT_TRUE(outcome.loss);
    EXPECT_EQ(outcome.loss->lostBytes, kPacketBytes);
    EXPECT_EQ(outcome.loss->lastSentAt, At(200));
    EXPECT_FALSE(outcome.loss->persistentCongestion);
    EXPECT_EQ(outcome.loss->bytesInFlight, kPacketBytes) << "packet 5";
    EXPECT_EQ(m_detection.BytesInFlight(), kPacketBytes);
    EXPECT_EQ(m_detection.PacketsLost(), 1u);
}

TEST_F(LossDetectionTest, LostPacketsAreHandedOverOnce) {
    FirstSample();
    SendMany(6, 200);
    EXPECT_EQ(Numbers(Ack(300, {{4, 5}}).lost), (Packets{1}));
    EXPECT_EQ(Numbers(Ack(301, {{6, 7}}).lost), (Packets{2, 3}));
    EXPECT_TRUE(Ack(302, {{5, 6}}).lost.empty());
}

TEST_F(LossDetectionTest, LaterAckStartsTheTimeThreshold) {
    FirstSample();
    Send(200);
    Send(210);
    Ack(310, {{2, 3}});
    // 9/8 of 100 ms after packet 1 was sent.
    EXPECT_EQ(m_detection.NextTimeout(), At(200) + microseconds(112500));
    EXPECT_EQ(m_detection.OnTimeout(At(312)).kind, TimeoutOutcome::Kind::kNone);
    const auto outcome = m_detection.OnTimeout(At(200) + microseconds(112500));
    EXPECT_EQ(outcome.kind, TimeoutOutcome::Kind::kLoss);
    ASSERT_EQ(Numbers(outcome.lost), (Packets{1}));
    EXPECT_EQ(outcome.lost[0]->lossTrigger, LossTrigger::kTimeThreshold);
    EXPECT_EQ(outcome.loss->lostBytes, kPacketBytes);
    EXPECT_EQ(m_detection.PtoCount(), 0u) << "not a probe timeout";
    EXPECT_EQ(m_detection.NextTimeout(), std::nullopt);
    EXPECT_EQ(m_detection.BytesInFlight(), 0u);
}

TEST_F(LossDetectionTest, AckThatComesAfterTheTimeThresholdShowsTheLossAtOnce) {
    FirstSample();
    Send(200);
    Send(290);
    const auto outcome = Ack(390, {{2, 3}});
    ASSERT_EQ(Numbers(outcome.lost), (Packets{1}));
    EXPECT_EQ(outcome.lost[0]->lossTrigger, LossTrigger::kTimeThreshold);
}

TEST_F(LossDetectionTest, PacketSentAfterTheLargestAckedIsNeverLost) {
    FirstSample();
    Send(200);
    SendMany(5, 200);
    Ack(300, {{1, 2}});
    EXPECT_TRUE(m_detection.OnTimeout(At(400)).lost.empty());
    EXPECT_EQ(m_detection.AckElicitingInFlight(), 5u);
}

TEST_F(LossDetectionTest, LateAckOfALostPacketIsCountedAsSpurious) {
    FirstSample();
    SendMany(4, 200);
    Ack(300, {{2, 5}});
    const auto outcome = Ack(305, {{1, 5}});
    EXPECT_EQ(Numbers(outcome.spurious), (Packets{1}));
    EXPECT_TRUE(outcome.acked.empty());
    EXPECT_FALSE(outcome.ack);
    EXPECT_EQ(m_detection.PacketsSpuriouslyLost(), 1u);
    EXPECT_EQ(m_detection.BytesInFlight(), 0u);
    EXPECT_TRUE(Ack(306, {{1, 5}}).spurious.empty()) << "once";
}

TEST_F(LossDetectionTest, APathThatChangesTheOrderIsWaitedFor) {
    FirstSample();
    SendMany(20, 200);  // 1 to 20
    EXPECT_EQ(Numbers(Ack(300, {{2, 21}}).lost), (Packets{1}));
    Ack(305, {{1, 21}});  // 19 behind, 5 ms late
    SendMany(20, 400);    // 21 to 40
    EXPECT_TRUE(Ack(500, {{22, 40}}).lost.empty()) << "18 ahead";
    EXPECT_EQ(Numbers(Ack(505, {{21, 40}}).acked), (Packets{21}));
    EXPECT_EQ(m_detection.PacketsSpuriouslyLost(), 1u);
    SendMany(30, 600);  // 41 to 70
    EXPECT_EQ(Numbers(Ack(700, {{42, 70}}).lost), (Packets{40, 41})) << "further than any before";
}

TEST_F(LossDetectionTest, CongestionEventWithoutARealLossIsTold) {
    FirstSample();
    SendMany(6, 200);
    ASSERT_TRUE(Ack(300, {{3, 7}}).loss) << "1 and 2 are lost";
    EXPECT_FALSE(Ack(305, {{2, 7}}).spuriousLoss);
    const auto outcome = Ack(306, {{1, 7}});
    ASSERT_TRUE(outcome.spuriousLoss);
    EXPECT_EQ(outcome.spuriousLoss->beganAt, At(300));
    EXPECT_EQ(outcome.spuriousLoss->now, At(306));
}

TEST_F(LossDetectionTest, SpuriousAndNewPacketsComeApartInOneAck) {
    FirstSample();
    SendMany(5, 200);
    Ack(300, {{2, 5}});
    const auto outcome = Ack(305, {{1, 6}});
    EXPECT_EQ(Numbers(outcome.spurious), (Packets{1}));
    EXPECT_EQ(Numbers(outcome.acked), (Packets{5}));
    EXPECT_EQ(outcome.ack->ackedBytes, kPacketBytes);
}

TEST_F(LossDetectionTest, LostPacketsAreForgottenAfterThreeProbeTimeouts) {
    FirstSample();
    SendMany(4, 200);
    Ack(300, {{2, 5}});
    ASSERT_NE(m_detection.Packets().Find(1), nullptr);
    Send(5000);
    Ack(5100, {{5, 6}});
    EXPECT_EQ(m_detection.Packets().Find(1), nullptr);
    EXPECT_TRUE(Ack(5101, {{1, 6}}).spurious.empty());
}

TEST_F(LossDetectionTest, NoTimerRunsWithoutAckElicitingPacketsInFlight) {
    EXPECT_EQ(m_detection.NextTimeout(), std::nullopt);
    SendAckOnly(0);
    EXPECT_EQ(m_detection.NextTimeout(), std::nullopt);
    Send(10);
    EXPECT_TRUE(m_detection.NextTimeout());
    Ack(20, {{1, 2}});
    m_detection.OnTimeout(At(5000));
    EXPECT_EQ(m_detection.NextTimeout(), std::nullopt);
}

TEST_F(LossDetectionTest, ProbeTimeoutRunsFromTheLastAckElicitingPacket) {
    m_detection.SetPeerMaxAckDelay(milliseconds(25));
    FirstSample();
    Send(200);
    Send(250);
    SendAckOnly(270);
    EXPECT_EQ(m_detection.NextTimeout(), At(250 + 100 + 4 * 50 + 25));
    const auto outcome = m_detection.OnTimeout(At(575));
    EXPECT_EQ(outcome.kind, TimeoutOutcome::Kind::kProbe);
    EXPECT_EQ(Numbers(outcome.probes), (Packets{1, 2}));
    EXPECT_TRUE(outcome.lost.empty());
    EXPECT_EQ(m_detection.BytesInFlight(), 2 * kPacketBytes) << "a probe timeout is no loss";
}

TEST_F(LossDetectionTest, ProbesRepeatTheOldestAckElicitingPackets) {
    FirstSample();
    SendMany(2, 200);
    SendAckOnly(200);
    SendMany(3, 200);
    Ack(290, {{2, 3}});
    const auto loss = m_detection.OnTimeout(*m_detection.NextTimeout());
    EXPECT_EQ(Numbers(loss.lost), (Packets{1}));
    const auto probe = m_detection.OnTimeout(*m_detection.NextTimeout());
    ASSERT_EQ(probe.kind, TimeoutOutcome::Kind::kProbe);
    EXPECT_EQ(Numbers(probe.probes), (Packets{4, 5})) << "1 lost, 2 acknowledged, 3 only an ACK";
}

// CRSP §6.4.
TEST_F(LossDetectionTest, BackoffStaysShortForFiveSecondsAndBelowASecondThen) {
    m_detection.SeedRtt(At(0), milliseconds(20));
    Send(1000);
    std::vector<Duration> gaps;
    TimePoint last = At(1000);
    TimePoint firstProbe{};
    for (int i = 0; i < 60; ++i) {
        const TimePoint due = m_detection.NextTimeout().value();
        gaps.push_back(due - last);
        last = due;
        if (i == 0) firstProbe = due;
        const auto kind = m_detection.OnTimeout(due).kind;
        const bool blackout = due - firstProbe >= kFullProbes;
        EXPECT_EQ(kind, blackout ? TimeoutOutcome::Kind::kPing : TimeoutOutcome::Kind::kProbe);
        m_detection.OnPacketSent(DataPacket(m_detection.NextPacketNumber(), due));
        const bool young = due - firstProbe < kEarlyPtoBackoff;
        EXPECT_LE(m_detection.PtoInterval(),
                  young ? kMaxEarlyPtoBackoffInterval : kMaxPtoBackoffInterval);
    }
    EXPECT_EQ(gaps[0], milliseconds(60));
    EXPECT_EQ(gaps[1], milliseconds(120));
    EXPECT_EQ(gaps[2], kMaxEarlyPtoBackoffInterval);
    EXPECT_EQ(gaps.back(), kMaxPtoBackoffInterval);
    EXPECT_EQ(m_detection.PtoCount(), 60u);
}

TEST_F(LossDetectionTest, ABlackoutEndsWithTheFirstAckAndTheNextOneIsYoungAgain) {
    m_detection.SeedRtt(At(0), milliseconds(20));
    Send(1000);
    while (m_detection.OnTimeout(*m_detection.NextTimeout()).kind != TimeoutOutcome::Kind::kPing) {
        ASSERT_LT(m_detection.PtoCount(), 100u);
    }
    const auto healed = *m_detection.NextTimeout();
    const ReceivedAck ack({{0, 1}});
    ASSERT_TRUE(m_detection.OnAckReceived(healed, ack.Frame(), false));
    m_detection.OnPacketSent(DataPacket(m_detection.NextPacketNumber(), healed));
    EXPECT_EQ(m_detection.OnTimeout(*m_detection.NextTimeout()).kind, TimeoutOutcome::Kind::kProbe);
}

TEST_F(LossDetectionTest, ProbeTimeoutBeyondTheCapStaysAsItIs) {
    m_detection.SeedRtt(At(0), seconds(2));
    Send(0);
    EXPECT_EQ(m_detection.PtoInterval(), seconds(6));
    m_detection.OnTimeout(At(6000));
    EXPECT_EQ(m_detection.PtoInterval(), seconds(6));
}

TEST_F(LossDetectionTest, NewAckEndsTheBackoffAndARepeatedOneDoesNot) {
    FirstSample();
    SendMany(2, 1000);
    m_detection.OnTimeout(*m_detection.NextTimeout());
    m_detection.OnTimeout(*m_detection.NextTimeout());
    Ack(2500, {{0, 1}});
    EXPECT_EQ(m_detection.PtoCount(), 2u);
    Ack(2500, {{1, 2}});
    EXPECT_EQ(m_detection.PtoCount(), 0u);
}

TEST_F(LossDetectionTest, UnsentProbeLeavesTheNextTimeoutAhead) {
    FirstSample();
    Send(1000);
    const TimePoint late = At(9000);
    m_detection.OnTimeout(late);
    EXPECT_EQ(m_detection.NextTimeout(), late + milliseconds(300));
}

TEST_F(LossDetectionTest, TimeoutBeforeItIsDueDoesNothing) {
    FirstSample();
    Send(1000);
    EXPECT_EQ(m_detection.OnTimeout(At(1299)).kind, TimeoutOutcome::Kind::kNone);
    EXPECT_EQ(m_detection.PtoCount(), 0u);
}

TEST_F(LossDetectionTest, SpanBeyondThreeProbeTimeoutsIsPersistentCongestion) {
    // The example of RFC 9002 §7.6.3 with our numbers: PTO 300 ms, so the span must pass 900 ms.
    FirstSample();
    Send(200);
    Send(600);
    Send(1101);
    Send(1500);
    // The sample of 100 ms brings the PTO down to 250 ms, so 750 ms are enough here.
    const auto outcome = Ack(1600, {{4, 5}});
    EXPECT_EQ(Numbers(outcome.lost), (Packets{1, 2, 3}));
    EXPECT_TRUE(outcome.loss->persistentCongestion);
}

TEST_F(LossDetectionTest, ShorterSpanIsNot) {
    FirstSample();
    Send(200);
    Send(949);
    Send(1500);
    // Variance 37.5 ms: the PTO is 250 ms and its threefold 750 ms, which 749 ms do not exceed.
    const auto outcome = Ack(1600, {{3, 4}});
    EXPECT_EQ(Numbers(outcome.lost), (Packets{1, 2}));
    EXPECT_FALSE(outcome.loss->persistentCongestion);
}

TEST_F(LossDetectionTest, PeersAckDelayLengthensTheSpan) {
    m_detection.SetPeerMaxAckDelay(milliseconds(25));
    FirstSample();
    Send(200);
    Send(200 + 825);
    Send(1500);
    EXPECT_FALSE(Ack(1600, {{3, 4}}).loss->persistentCongestion);
}

TEST_F(LossDetectionTest, AckInBetweenRulesOutPersistentCongestion) {
    FirstSample();
    Send(200);
    Send(650);
    Send(1200);
    Send(1500);
    const auto outcome = Ack(1600, {{2, 3}, {4, 5}});
    EXPECT_EQ(Numbers(outcome.lost), (Packets{1, 3}));
    EXPECT_FALSE(outcome.loss->persistentCongestion);
}

TEST_F(LossDetectionTest, EarlierAckInBetweenRulesItOutToo) {
    FirstSample();
    Send(200);
    Send(201);
    Send(1200);
    Send(1500);
    Ack(301, {{2, 3}});
    EXPECT_EQ(Numbers(m_detection.OnTimeout(At(400)).lost), (Packets{1}));
    EXPECT_FALSE(Ack(1600, {{4, 5}}).loss->persistentCongestion);
}

TEST_F(LossDetectionTest, PacketsSentBeforeTheFirstSampleDoNotCount) {
    Send(0);
    Send(5000);
    Send(9000);
    const auto outcome = Ack(9100, {{2, 3}});
    EXPECT_EQ(Numbers(outcome.lost), (Packets{0, 1}));
    EXPECT_FALSE(outcome.loss->persistentCongestion);
}

TEST_F(LossDetectionTest, PacketsThatAskForNoAckDoNotSpanPersistentCongestion) {
    FirstSample();
    SendAckOnly(200);
    Send(1200);
    SendAckOnly(2400);
    Send(2500);
    const auto outcome = Ack(2600, {{4, 5}});
    EXPECT_EQ(Numbers(outcome.lost), (Packets{1, 2, 3}));
    EXPECT_EQ(outcome.loss->lostBytes, kPacketBytes);
    EXPECT_FALSE(outcome.loss->persistentCongestion);
}

TEST_F(LossDetectionTest, SpanThatIsLostInTwoStepsCounts) {
    FirstSample();
    Send(200);
    Send(1000);
    Send(1520);
    Send(1525);
    // Packet 3 is inside the time threshold of the ACK of packet 4, and 2 and 1 are not.
    const auto first = Ack(1625, {{4, 5}});
    EXPECT_EQ(Numbers(first.lost), (Packets{1, 2}));
    EXPECT_TRUE(first.loss->persistentCongestion);
    const auto second = m_detection.OnTimeout(*m_detection.NextTimeout());
    EXPECT_EQ(Numbers(second.lost), (Packets{3}));
    EXPECT_FALSE(second.loss->persistentCongestion) << "one episode counts once";
}

TEST_F(LossDetectionTest, SpanThatEndsInALaterStepCounts) {
    FirstSample();
    Send(200);
    Send(1520);
    Send(1525);
    EXPECT_FALSE(Ack(1625, {{3, 4}}).loss->persistentCongestion);
    EXPECT_TRUE(m_detection.OnTimeout(At(1633)).loss->persistentCongestion);
}

TEST_F(LossDetectionTest, SpuriousLossDoesNotBeginASpan) {
    FirstSample();
    Send(200);
    Send(1520);
    Send(1525);
    EXPECT_EQ(Numbers(Ack(1625, {{3, 4}}).lost), (Packets{1}));
    EXPECT_EQ(Numbers(Ack(1626, {{1, 2}, {3, 4}}).spurious), (Packets{1}));
    // It came so late that half a round trip more is waited for the next.
    EXPECT_TRUE(m_detection.OnTimeout(At(1669)).lost.empty());
    const auto outcome = m_detection.OnTimeout(At(1670));
    EXPECT_EQ(Numbers(outcome.lost), (Packets{2}));
    EXPECT_FALSE(outcome.loss->persistentCongestion);
}

TEST_F(LossDetectionTest, LossesAloneOfAcksReachNoCongestionControl) {
    FirstSample();
    SendAckOnly(200);
    SendMany(3, 200);
    const auto outcome = Ack(300, {{2, 5}});
    EXPECT_EQ(Numbers(outcome.lost), (Packets{1}));
    EXPECT_FALSE(outcome.loss);
}

TEST_F(LossDetectionTest, BytesInFlightReturnToZeroWhateverIsLost) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        LossDetection detection;
        Random random(seed);
        std::uint64_t acked = 0;
        std::uint64_t lost = 0;
        for (std::int64_t ms = 0; ms < 3000; ++ms) {
            const PacketNumber next = detection.NextPacketNumber();
            detection.OnPacketSent(random.Chance(0.2) ? AckOnlyPacket(next, At(ms))
                                                      : DataPacket(next, At(ms)));
            lost += detection.OnTimeout(At(ms)).lost.size();
            if (!random.Chance(0.3)) continue;
            const PacketNumber largest = next - random.Below(std::min<PacketNumber>(next + 1, 40));
            const ReceivedAck ack(
                {{largest - random.Below(std::min<PacketNumber>(largest, 5) + 1), largest + 1}});
            const auto outcome = detection.OnAckReceived(At(ms), ack.Frame(), false).value();
            acked += outcome.acked.size();
            lost += outcome.lost.size();
        }
        const ReceivedAck rest({{detection.NextPacketNumber() - 1, detection.NextPacketNumber()}});
        const auto last = detection.OnAckReceived(At(4000), rest.Frame(), false).value();
        acked += last.acked.size();
        lost += last.lost.size();
        lost += detection.OnTimeout(At(9000)).lost.size();
        EXPECT_EQ(acked + lost, 3000u) << "seed " << seed;
        EXPECT_EQ(detection.PacketsLost(), lost) << "seed " << seed;
        EXPECT_EQ(detection.BytesInFlight(), 0u) << "seed " << seed;
        EXPECT_EQ(detection.AckElicitingInFlight(), 0u) << "seed " << seed;
        EXPECT_EQ(detection.NextTimeout(), std::nullopt) << "seed " << seed;
    }
}

// RFC 9000 §9.4: what was lost with the old path says nothing about the new one.
TEST(LossDetectionPath, AChangeGivesUpWhatIsOutstandingAndForgetsIt) {
    LossDetection recovery;
    for (PacketNumber n = 0; n < 4; ++n) recovery.OnPacketSent(DataPacket(n, At(0)));
    const ReceivedAck first({{0, 1}});
    ASSERT_TRUE(recovery.OnAckReceived(At(50), first.Frame(), false));
    EXPECT_EQ(Numbers(recovery.OnPathChanged(At(60))), (std::vector<PacketNumber>{1, 2, 3}));
    EXPECT_EQ(recovery.BytesInFlight(), 0u);
    EXPECT_FALSE(recovery.NextTimeout());
    EXPECT_EQ(recovery.PacketsLost(), 3u);
    const ReceivedAck late({{0, 4}});
    const auto outcome = recovery.OnAckReceived(At(70), late.Frame(), false);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->acked.empty());
    EXPECT_TRUE(outcome->spurious.empty());
    EXPECT_FALSE(outcome->loss);
    EXPECT_EQ(recovery.Rtt().Latest(), milliseconds(50));
}

TEST(LossDetectionPath, AResetStartsTheRoundTripAnew) {
    LossDetection recovery;
    recovery.SeedRtt(At(0), milliseconds(10));
    recovery.ResetPath(At(5), milliseconds(80));
    EXPECT_EQ(recovery.Rtt().Min(), milliseconds(80));
    EXPECT_EQ(recovery.Rtt().Smoothed(), milliseconds(80));
    recovery.ResetPath(At(6), std::nullopt);
    EXPECT_FALSE(recovery.Rtt().HasSample());
}

TEST(LossDetectionPath, AnAckOfAPacketSentElsewhereMakesNothingLost) {
    LossDetection recovery;
    recovery.SeedRtt(At(0), milliseconds(10));
    for (PacketNumber n = 0; n < 5; ++n) recovery.OnPacketSent(DataPacket(n, At(0)));
    SentPacket challenge = AckOnlyPacket(5, At(100));
    challenge.elsewhere = true;
    recovery.OnPacketSent(challenge);
    const ReceivedAck ack({{5, 6}});
    const auto outcome = recovery.OnAckReceived(At(300), ack.Frame(), false);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->lost.empty());
    EXPECT_FALSE(outcome->rttUpdated);
    EXPECT_EQ(recovery.BytesInFlight(), 5u * kPacketBytes);
}

}  // namespace
}  // namespace crsp
