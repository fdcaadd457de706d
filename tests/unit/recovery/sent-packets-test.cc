// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/sent-packets.h"

#include <gtest/gtest.h>

#include <map>

#include "model/base/random.h"
#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

using State = SentPacket::State;

std::vector<PacketNumber> Open(const SentPackets& packets, Range range) {
    std::vector<PacketNumber> numbers;
    packets.ForEachOpen(range, [&](const SentPacket& p) { numbers.push_back(p.number); });
    return numbers;
}

void PushMany(SentPackets& packets, PacketNumber end) {
    while (packets.NextNumber() < end) packets.Push(DataPacket(packets.NextNumber(), At(0)));
}

TEST(SentPackets, RemembersWhatWasSentUntilItIsResolved) {
    SentPackets packets;
    SentPacket packet = DataPacket(0, At(3));
    packet.frames.Push(SentMaxData{77});
    packets.Push(packet);
    const SentPacket* found = packets.Find(0);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->sentAt, At(3));
    ASSERT_EQ(found->frames.View().size(), 1u);
    EXPECT_EQ(std::get<SentMaxData>(found->frames.View()[0]).maximum, 77u);
    packets.MarkAcked(0);
    packets.PopResolved(At(3));
    EXPECT_EQ(packets.Find(0), nullptr);
    EXPECT_EQ(packets.Size(), 0u);
    EXPECT_EQ(packets.NextNumber(), 1u);
}

TEST(SentPackets, FindsNothingThatWasNotSent) {
    SentPackets packets(1000);
    EXPECT_EQ(packets.Find(0), nullptr);
    EXPECT_EQ(packets.Find(1000), nullptr);
    PushMany(packets, 1003);
    EXPECT_EQ(packets.Find(999), nullptr);
    EXPECT_EQ(packets.Find(1003), nullptr);
    EXPECT_EQ(packets.Find(1003 + 64), nullptr);
    EXPECT_EQ(packets.Find(1002)->number, 1002u);
}

TEST(SentPackets, VisitsOpenPacketsInAscendingOrderWithinTheRange) {
    SentPackets packets;
    PushMany(packets, 200);
    for (PacketNumber n = 0; n < 200; ++n) {
        if (n % 50 != 7) packets.MarkAcked(n);
    }
    packets.MarkLost(57, At(1), LossTrigger::kTimeThreshold);
    EXPECT_EQ(Open(packets, {0, 200}), (std::vector<PacketNumber>{7, 57, 107, 157}));
    EXPECT_EQ(Open(packets, {8, 157}), (std::vector<PacketNumber>{57, 107}));
    EXPECT_EQ(Open(packets, {107, 108}), (std::vector<PacketNumber>{107}));
    EXPECT_EQ(Open(packets, {158, 5000}), (std::vector<PacketNumber>{}));
    EXPECT_EQ(packets.FirstOutstanding(), 7u);
    packets.MarkAcked(7);
    EXPECT_EQ(packets.FirstOutstanding(), 107u);
}

TEST(SentPackets, LostPacketsStayOnRecordUntilTheyAreOld) {
    SentPackets packets;
    PushMany(packets, 3);
    packets.MarkLost(0, At(10), LossTrigger::kReorderingThreshold);
    packets.MarkLost(1, At(20), LossTrigger::kTimeThreshold);
    EXPECT_EQ(packets.FirstOutstanding(), 2u);
    packets.PopResolved(At(9));
    ASSERT_NE(packets.Find(0), nullptr);
    EXPECT_EQ(packets.Find(0)->state, State::kLost);
    packets.PopResolved(At(10));
    EXPECT_EQ(packets.FrontNumber(), 1u);
    EXPECT_EQ(packets.Find(1)->lossTrigger, LossTrigger::kTimeThreshold);
    EXPECT_EQ(packets.Find(1)->lostAt, At(20));
}

TEST(SentPackets, SkippedNumbersAreNoPacketsAndAreRemembered) {
    SentPackets packets;
    packets.Push(DataPacket(0, At(0)));
    packets.Push(DataPacket(3, At(0)));
    EXPECT_EQ(packets.Find(1)->state, State::kSkipped);
    EXPECT_EQ(Open(packets, {0, 4}), (std::vector<PacketNumber>{0, 3}));
    EXPECT_TRUE(packets.AnySkipped({2, 10}));
    EXPECT_TRUE(packets.AnySkipped({0, 2}));
    EXPECT_FALSE(packets.AnySkipped({0, 1}));
    EXPECT_FALSE(packets.AnySkipped({3, 4}));
    EXPECT_FALSE(packets.AnySkipped({2, 2}));
    packets.MarkAcked(0);
    packets.PopResolved(At(0));
    EXPECT_EQ(packets.FrontNumber(), 3u);
    EXPECT_EQ(packets.FirstOutstanding(), 3u);
    EXPECT_TRUE(packets.AnySkipped({1, 2})) << "also after the record has gone";
}

TEST(SentPackets, SkippedNumberDoesNotInheritThePlaceOfALostPacket) {
    SentPackets packets;
    packets.Push(DataPacket(0, At(0)));
    packets.MarkLost(0, At(1), LossTrigger::kTimeThreshold);
    packets.PopResolved(At(1));
    // One round of the ring later.
    while (packets.NextNumber() < packets.Capacity()) {
        packets.Push(DataPacket(packets.NextNumber(), At(2)));
        packets.MarkAcked(packets.NextNumber() - 1);
        packets.PopResolved(At(1));
    }
    packets.Push(DataPacket(packets.Capacity() + 1, At(3)));
    EXPECT_EQ(Open(packets, {0, 1000}), (std::vector<PacketNumber>{packets.Capacity() + 1}));
}

TEST(SentPackets, MemoryOfSkippedNumbersIsBounded) {
    SentPackets packets;
    for (PacketNumber n = 1; n <= 2 * kMaxSkippedRanges + 1; n += 2) {
        packets.Push(DataPacket(n, At(0)));
    }
    EXPECT_FALSE(packets.AnySkipped({0, 1}));
    EXPECT_TRUE(packets.AnySkipped({2, 3}));
}

TEST(SentPackets, SteadyWindowWrapsWithoutGrowing) {
    SentPackets packets(~std::uint64_t{0} >> 3);
    for (int i = 0; i < 60; ++i) packets.Push(DataPacket(packets.NextNumber(), At(0)));
    const std::size_t capacity = packets.Capacity();
    for (int i = 0; i < 10'000; ++i) {
        packets.MarkAcked(packets.FirstOutstanding());
        packets.PopResolved(At(0));
        packets.Push(DataPacket(packets.NextNumber(), At(i)));
        ASSERT_EQ(packets.Find(packets.NextNumber() - 1)->sentAt, At(i));
    }
    EXPECT_EQ(packets.Size(), 60u);
    EXPECT_EQ(packets.Capacity(), capacity);
}

TEST(SentPackets, GrowingKeepsEveryRecord) {
    SentPackets packets(37);
    PushMany(packets, 80);
    packets.MarkAcked(50);
    PushMany(packets, 900);
    EXPECT_EQ(Open(packets, {0, 1000}).size(), 900u - 37 - 1);
    for (PacketNumber n = 37; n < 900; ++n) ASSERT_EQ(packets.Find(n)->number, n);
    EXPECT_EQ(packets.Find(50)->state, State::kAcked);
}

TEST(SentPackets, FullLeavesRoomForProbesAndThenIsExhausted) {
    SentPackets packets;
    while (!packets.Full()) packets.Push(DataPacket(packets.NextNumber(), At(0)));
    EXPECT_EQ(packets.Size(), kMaxTrackedPackets - kReservedRecords);
    EXPECT_FALSE(packets.Exhausted());
    while (!packets.Exhausted()) packets.Push(DataPacket(packets.NextNumber(), At(0)));
    EXPECT_GT(packets.Size(), kMaxTrackedPackets - 2 * kMaxSkip);
    EXPECT_LE(packets.Capacity(), kMaxTrackedPackets);
    packets.MarkAcked(0);
    packets.PopResolved(At(0));
    EXPECT_TRUE(packets.Full());
    for (PacketNumber n = 1; n <= kReservedRecords; ++n) packets.MarkAcked(n);
    packets.PopResolved(At(0));
    EXPECT_FALSE(packets.Full());
}

TEST(SentPackets, ExhaustedStillHasRoomToClose) {
    SentPackets packets;
    while (!packets.Exhausted()) packets.Push(DataPacket(packets.NextNumber(), At(0)));
    for (std::uint64_t i = 0; i < kMaxSkip; ++i) {
        packets.Push(AckOnlyPacket(packets.NextNumber(), At(0)));
    }
    EXPECT_EQ(packets.Size(), kMaxTrackedPackets);
    EXPECT_EQ(packets.Capacity(), kMaxTrackedPackets);
    EXPECT_EQ(packets.Find(0)->number, 0u) << "nothing was overwritten";
}

TEST(SentPackets, LostOnesMakeRoomWhenItIsFull) {
    SentPackets packets;
    while (!packets.Full()) packets.Push(DataPacket(packets.NextNumber(), At(100)));
    packets.MarkLost(0, At(100), LossTrigger::kTimeThreshold);
    packets.MarkLost(1, At(100), LossTrigger::kTimeThreshold);
    packets.PopResolved(At(0));
    EXPECT_FALSE(packets.Full());
    EXPECT_NE(packets.Find(1), nullptr) << "no more than needed";
}

TEST(SentPackets, AcknowledgementsAloneNeverFillIt) {
    SentPackets packets;
    for (std::size_t i = 0; i < 3 * kMaxTrackedPackets; ++i) {
        packets.Push(AckOnlyPacket(packets.NextNumber(), At(0)));
    }
    EXPECT_EQ(packets.Capacity(), 64u);
    EXPECT_FALSE(packets.Full());
}

TEST(SentPackets, AProbeOfThePathIsRememberedHoweverManyFollowIt) {
    SentPackets packets;
    SentPacket probe = DataPacket(0, At(0));
    probe.inFlight = false;
    probe.mtuProbe = true;
    packets.Push(probe);
    PushMany(packets, 1000);
    ASSERT_NE(packets.Find(0), nullptr);
    EXPECT_EQ(packets.FirstOutstanding(), 0u);
}

/// The same operations on a std::map, which has every property but speed.
class Model {
  public:
    void Push(PacketNumber number) {
        while (m_next < number) m_states[m_next++] = State::kSkipped;
        m_states[m_next++] = State::kOutstanding;
    }
    void Set(PacketNumber number, State state) { m_states[number] = state; }
    void Pop() {
        while (!m_states.empty() && !IsOpen(m_states.begin()->second)) {
            m_states.erase(m_states.begin());
        }
    }
    std::vector<PacketNumber> Open(Range range) const {
        std::vector<PacketNumber> numbers;
        for (auto it = m_states.lower_bound(range.begin);
             it != m_states.end() && it->first < range.end; ++it) {
            if (IsOpen(it->second)) numbers.push_back(it->first);
        }
        return numbers;
    }
    PacketNumber FirstOutstanding() const {
        for (const auto& [number, state] : m_states) {
            if (state == State::kOutstanding) return number;
        }
        return m_next;
    }
    std::size_t Size() const { return m_states.size(); }
    PacketNumber Next() const { return m_next; }

  private:
    static bool IsOpen(State state) {
        return state == State::kOutstanding || state == State::kLost;
    }

    std::map<PacketNumber, State> m_states;
    PacketNumber m_next = 0;
};

void RandomStep(Random& random, SentPackets& packets, Model& model) {
    const std::uint64_t choice = random.Below(8);
    if (choice < 4) {
        const PacketNumber number = model.Next() + (random.Chance(0.05) ? random.Below(5) : 0);
        packets.Push(DataPacket(number, At(0)));
        model.Push(number);
        return;
    }
    const PacketNumber low = packets.FrontNumber();
    const auto open = model.Open({low + random.Below(packets.Size() + 1), model.Next()});
    if (open.empty()) return;
    const PacketNumber number = open.front();
    if (choice < 7) {
        packets.MarkAcked(number);
        model.Set(number, State::kAcked);
    } else if (packets.Find(number)->state == State::kOutstanding) {
        packets.MarkLost(number, At(1), LossTrigger::kTimeThreshold);
        model.Set(number, State::kLost);
    }
    packets.PopResolved(At(0));
    model.Pop();
}

TEST(SentPackets, AgreesWithAMapOverRandomOperations) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Random random(seed);
        SentPackets packets;
        Model model;
        for (int step = 0; step < 3000; ++step) {
            RandomStep(random, packets, model);
            const Range range{random.Below(model.Next() + 1), random.Below(model.Next() + 70)};
            ASSERT_EQ(Open(packets, range), model.Open(range))
                << "seed " << seed << " step " << step;
            ASSERT_EQ(packets.FirstOutstanding(), model.FirstOutstanding())
                << "seed " << seed << " step " << step;
            // A skipped or acknowledged front may wait for the next PopResolved.
            ASSERT_GE(packets.Size(), model.Open({0, model.Next()}).size());
        }
    }
}

}  // namespace
}  // namespace crsp
