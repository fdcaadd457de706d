// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/ecn-validator.h"

#include <gtest/gtest.h>

#include <deque>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

/// A sender that gives every packet the mark that is asked for, from number 0.
class EcnValidatorTest : public ::testing::Test {
  protected:
    void Send(int count) {
        for (int i = 0; i < count; ++i) {
            SentPacket packet = DataPacket(m_packets.size(), At(0));
            packet.marked = m_validator.Mark() == Ecn::kEct0;
            m_validator.OnPacketSent();
            m_packets.push_back(packet);
        }
    }
    std::vector<const SentPacket*> Refs(PacketNumber begin, PacketNumber end) const {
        std::vector<const SentPacket*> refs;
        for (; begin < end; ++begin) refs.push_back(&m_packets[begin]);
        return refs;
    }
    static AckFrame Frame(PacketNumber largest, std::optional<EcnCounts> counts) {
        AckFrame frame;
        frame.largest = frame.firstRange = largest;
        frame.ecn = counts;
        return frame;
    }
    /// An ACK of all up to before `end`, of which those from `begin` are news.
    std::uint64_t Ack(PacketNumber begin, PacketNumber end, std::optional<EcnCounts> counts) {
        const AckFrame frame = Frame(end - 1, counts);
        return m_validator.OnAck(frame, Refs(begin, end), {});
    }
    void Lose(PacketNumber begin, PacketNumber end) { m_validator.OnLost(Refs(begin, end)); }
    static EcnCounts Counts(std::uint64_t ect0, std::uint64_t ce = 0) {
        return {.ect0 = ect0, .ect1 = 0, .ce = ce};
    }
    void BecomeCapable() {
        Send(1);
        Ack(0, 1, Counts(1));
        ASSERT_EQ(m_validator.State(), EcnState::kCapable);
    }

    EcnValidator m_validator{true};
    std::deque<SentPacket> m_packets;
};

TEST(EcnValidator, SwitchedOffItMarksNothingEver) {
    EcnValidator off(false);
    EXPECT_EQ(off.Mark(), Ecn::kNotEct);
    off.OnPathChanged(5);
    EXPECT_EQ(off.State(), EcnState::kOff);
    EXPECT_EQ(off.Mark(), Ecn::kNotEct);
}

TEST_F(EcnValidatorTest, TheTestIsTenPacketsLong) {
    Send(9);
    EXPECT_EQ(m_validator.State(), EcnState::kTesting);
    EXPECT_EQ(m_validator.Mark(), Ecn::kEct0);
    Send(1);
    EXPECT_EQ(m_validator.State(), EcnState::kUnknown);
    EXPECT_EQ(m_validator.Mark(), Ecn::kNotEct);
    Send(5);
    EXPECT_EQ(m_validator.MarkedSent(), 10u);
    EXPECT_EQ(Ack(0, 1, Counts(1)), 0u);
    EXPECT_EQ(m_validator.State(), EcnState::kCapable);
    EXPECT_EQ(m_validator.Mark(), Ecn::kEct0);
}

TEST_F(EcnValidatorTest, AnAckOfUnmarkedPacketsAloneProvesNothing) {
    Send(12);
    EXPECT_EQ(Ack(10, 12, std::nullopt), 0u);
    EXPECT_EQ(m_validator.State(), EcnState::kUnknown);
}

TEST_F(EcnValidatorTest, ReportsEachMarkOnce) {
    BecomeCapable();
    Send(20);
    EXPECT_EQ(Ack(1, 11, Counts(9, 2)), 2u);
    EXPECT_EQ(Ack(11, 16, Counts(14, 2)), 0u);
    EXPECT_EQ(Ack(16, 21, Counts(16, 5)), 3u);
    EXPECT_EQ(m_validator.CeReported(), 5u);
    EXPECT_EQ(m_validator.State(), EcnState::kCapable);
}

// RFC 9000 §13.4.2.1, one for each of its conditions.
TEST_F(EcnValidatorTest, FailsWithoutCountsForAMarkedPacket) {
    Send(3);
    Ack(0, 3, std::nullopt);
    EXPECT_EQ(m_validator.State(), EcnState::kFailed);
    EXPECT_EQ(m_validator.Mark(), Ecn::kNotEct);
}

TEST_F(EcnValidatorTest, FailsIfFewerArrivedMarkedThanWereAcknowledged) {
    BecomeCapable();
    Send(3);
    EXPECT_EQ(Ack(1, 4, Counts(2, 1)), 0u);
    EXPECT_EQ(m_validator.State(), EcnState::kFailed);
}

TEST_F(EcnValidatorTest, FailsForMoreThanWereSentAndForECT1) {
    EcnValidator other = m_validator;
    Send(3);
    Ack(0, 3, Counts(4));
    EXPECT_EQ(m_validator.State(), EcnState::kFailed);
    m_validator = other;
    m_packets.clear();
    Send(3);
    Ack(0, 3, EcnCounts{.ect0 = 3, .ect1 = 1, .ce = 0});
    EXPECT_EQ(m_validator.State(), EcnState::kFailed);
}

TEST_F(EcnValidatorTest, FailsIfACountGoesBack) {
    BecomeCapable();
    Send(4);
    Ack(1, 4, Counts(2, 2));
    ASSERT_EQ(m_validator.State(), EcnState::kCapable);
    EXPECT_EQ(Ack(4, 5, Counts(4, 1)), 0u);
    EXPECT_EQ(m_validator.State(), EcnState::kFailed);
}

TEST_F(EcnValidatorTest, AnAckThatWasOvertakenIsNotHeldAgainstThePath) {
    BecomeCapable();
    Send(10);
    Ack(6, 11, Counts(11));
    EXPECT_EQ(Ack(1, 6, Counts(6)), 0u);
    EXPECT_EQ(m_validator.State(), EcnState::kCapable);
}

/// Our ACKs leave out old ranges now and then: what they had is in the counts already.
TEST_F(EcnValidatorTest, RangesReportedLateWereCountedBefore) {
    BecomeCapable();
    Send(20);
    Ack(11, 16, Counts(16));
    const AckFrame late = Frame(16, Counts(17));
    auto news = Refs(1, 11);
    news.push_back(&m_packets[16]);
    m_validator.OnAck(late, news, {});
    EXPECT_EQ(m_validator.State(), EcnState::kCapable);
}

TEST_F(EcnValidatorTest, ALatePacketCountsAsAcknowledged) {
    Send(10);
    Lose(0, 9);
    const AckFrame frame = Frame(9, Counts(1));
    m_validator.OnAck(frame, Refs(9, 10), Refs(0, 9));
    EXPECT_EQ(m_validator.State(), EcnState::kFailed);
}

// RFC 9000 appendix A.4.
TEST_F(EcnValidatorTest, FailsIfAllMarkedPacketsAreLost) {
    Send(12);
    Lose(0, 9);
    EXPECT_EQ(m_validator.State(), EcnState::kUnknown);
    Lose(9, 10);
    EXPECT_EQ(m_validator.State(), EcnState::kFailed);
}

TEST_F(EcnValidatorTest, OneThatArrivedShowsThatThePathCarriesThem) {
    Send(12);
    Ack(0, 1, Counts(1));
    Send(10);
    Lose(1, 22);
    EXPECT_EQ(m_validator.State(), EcnState::kCapable);
}

TEST_F(EcnValidatorTest, FailsIfAllArriveMarkedCe) {
    Send(10);
    EXPECT_EQ(Ack(0, 9, Counts(0, 9)), 9u);
    EXPECT_EQ(Ack(9, 10, Counts(0, 10)), 0u);
    EXPECT_EQ(m_validator.State(), EcnState::kFailed);
}

TEST_F(EcnValidatorTest, WhileNothingComesThroughProbesOfATestGoUnmarked) {
    Send(2);
    m_validator.OnProbeTimeout(1, 2);
    EXPECT_EQ(m_validator.Mark(), Ecn::kNotEct);
    Send(2);
    Lose(0, 2);
    Ack(2, 4, std::nullopt);
    EXPECT_EQ(m_validator.State(), EcnState::kTesting);
    EXPECT_EQ(m_validator.Mark(), Ecn::kEct0) << "two lost packets are no proof";
    Send(8);
    EXPECT_EQ(m_validator.State(), EcnState::kUnknown);
    Lose(4, 12);
    EXPECT_EQ(m_validator.State(), EcnState::kFailed);
}

TEST_F(EcnValidatorTest, ThreeProbeTimeoutsBeginAnotherTest) {
    BecomeCapable();
    Send(20);
    m_validator.OnProbeTimeout(2, 21);
    EXPECT_EQ(m_validator.State(), EcnState::kCapable);
    m_validator.OnProbeTimeout(3, 21);
    EXPECT_EQ(m_validator.State(), EcnState::kTesting);
    EXPECT_EQ(m_validator.Mark(), Ecn::kNotEct);
    Send(1);
    Ack(21, 22, Counts(1));
    Lose(1, 21);
    EXPECT_EQ(m_validator.State(), EcnState::kTesting) << "those were of the time before";
    Send(10);
    Lose(22, 32);
    EXPECT_EQ(m_validator.State(), EcnState::kFailed);
}

TEST_F(EcnValidatorTest, AfterABlackoutTheTestSucceeds) {
    BecomeCapable();
    m_validator.OnProbeTimeout(3, 1);
    Send(1);
    Ack(1, 2, Counts(1));
    Send(1);
    Ack(2, 3, Counts(2));
    EXPECT_EQ(m_validator.State(), EcnState::kCapable);
}

TEST_F(EcnValidatorTest, ANewPathIsTestedAnewFromItsFirstCounts) {
    Send(3);
    Ack(0, 3, std::nullopt);
    ASSERT_EQ(m_validator.State(), EcnState::kFailed);
    m_validator.OnPathChanged(3);
    EXPECT_EQ(m_validator.State(), EcnState::kTesting);
    Send(5);
    EXPECT_EQ(Ack(3, 5, Counts(2)), 0u);
    EXPECT_EQ(m_validator.State(), EcnState::kCapable);
}

TEST_F(EcnValidatorTest, MarksOfTheOldPathAreNoCongestionOfTheNewOne) {
    BecomeCapable();
    Send(10);
    m_validator.OnPathChanged(11);
    Send(5);
    EXPECT_EQ(Ack(11, 12, Counts(6, 6)), 0u);
    EXPECT_EQ(m_validator.State(), EcnState::kCapable);
    EXPECT_EQ(Ack(12, 13, Counts(6, 7)), 1u);
    Ack(13, 15, Counts(6, 7));
    EXPECT_EQ(m_validator.State(), EcnState::kFailed) << "the new path bleaches";
}

}  // namespace
}  // namespace crsp
