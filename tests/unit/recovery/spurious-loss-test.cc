// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/spurious-loss.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

/// Packet n goes out at n milliseconds.
class SpuriousLossTest : public ::testing::Test {
  protected:
    SpuriousLossTest() {
        for (PacketNumber n = 0; n < 100; ++n) m_packets.push_back(DataPacket(n, SentAt(n)));
    }
    static TimePoint SentAt(PacketNumber number) { return At(static_cast<std::int64_t>(number)); }

    std::vector<const SentPacket*> Refs(std::initializer_list<PacketNumber> numbers) const {
        std::vector<const SentPacket*> refs;
        for (const PacketNumber n : numbers) refs.push_back(&m_packets[n]);
        return refs;
    }
    void Lose(std::int64_t nowMs, std::initializer_list<PacketNumber> numbers,
              bool persistent = false) {
        const auto refs = Refs(numbers);
        LossEvent event;
        event.now = At(nowMs);
        event.packets = refs;
        event.lastSentAt = refs.back()->sentAt;
        event.persistentCongestion = persistent;
        m_detector.OnLost(event);
    }
    std::optional<SpuriousLossEvent> AckLate(std::initializer_list<PacketNumber> numbers) {
        const auto refs = Refs(numbers);
        return m_detector.OnSpurious(At(1000), refs);
    }

    std::vector<SentPacket> m_packets;
    SpuriousLossDetector m_detector;
};

TEST_F(SpuriousLossTest, AllLossesOfAnEventMustHaveBeenSpurious) {
    Lose(20, {5, 6});
    Lose(21, {9});
    EXPECT_FALSE(AckLate({5}));
    EXPECT_FALSE(AckLate({9}));
    const auto event = AckLate({6});
    ASSERT_TRUE(event);
    EXPECT_EQ(event->beganAt, At(20));
    EXPECT_EQ(event->now, At(1000));
}

TEST_F(SpuriousLossTest, ALossOfWhatWasSentDuringRecoveryBeginsAnotherEvent) {
    Lose(20, {5});
    Lose(40, {21});
    EXPECT_FALSE(AckLate({5})) << "the window was reduced for 21 too";
    EXPECT_TRUE(AckLate({21}));
}

TEST_F(SpuriousLossTest, AnEventIsTakenBackOnce) {
    Lose(20, {5});
    EXPECT_TRUE(AckLate({5}));
    EXPECT_FALSE(AckLate({5}));
    Lose(40, {6});
    EXPECT_TRUE(AckLate({6})) << "6 was sent before the event that was none";
}

TEST_F(SpuriousLossTest, PersistentCongestionIsNeverTakenBack) {
    Lose(20, {5});
    Lose(50, {6, 9}, true);
    EXPECT_FALSE(AckLate({5, 6, 9}));
    Lose(60, {10});
    EXPECT_TRUE(AckLate({10}));
}

TEST_F(SpuriousLossTest, PacketsNotInFlightDoNotCount) {
    m_packets[6] = AckOnlyPacket(6, SentAt(6));
    Lose(20, {5, 6});
    EXPECT_FALSE(AckLate({6}));
    EXPECT_TRUE(AckLate({5}));
}

}  // namespace
}  // namespace crsp
