// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/send-buffer.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "model/base/random.h"
#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

TEST(SendBuffer, SendsLostRangesBeforeNewBytesLowestFirst) {
    SendBuffer buffer(4096);
    buffer.Write(Pattern(1000));
    for (std::uint64_t at = 0; at < 500; at += 100) buffer.OnSent({at, at + 100}, false);
    buffer.OnLost({300, 400}, false);
    buffer.OnLost({100, 200}, false);
    ASSERT_TRUE(buffer.HasRepeat());
    EXPECT_EQ(buffer.NextRepeat()->range, (Range{100, 200}));
    EXPECT_TRUE(buffer.NextRepeat()->repeat);
    buffer.OnSent({100, 200}, false);
    EXPECT_EQ(buffer.NextRepeat()->range, (Range{300, 400}));
    buffer.OnSent({300, 400}, false);
    EXPECT_FALSE(buffer.HasRepeat());
    EXPECT_EQ(buffer.NextNew(200)->range, (Range{500, 700}));
    EXPECT_FALSE(buffer.NextNew(200)->repeat);
}

TEST(SendBuffer, NeverRepeatsWhatWasAcknowledged) {
    SendBuffer buffer(4096);
    buffer.Write(Pattern(300));
    buffer.OnSent({0, 300}, false);
    buffer.OnAcked({100, 200}, false);
    buffer.OnLost({0, 300}, false);
    EXPECT_EQ(buffer.NextRepeat()->range, (Range{0, 100}));
    buffer.OnAcked({0, 100}, false);
    EXPECT_EQ(buffer.NextRepeat()->range, (Range{200, 300}));
    buffer.OnAcked({200, 300}, false);
    EXPECT_FALSE(buffer.HasRepeat());
}

TEST(SendBuffer, TakesOnlyWhatFitsAndTellsOnceWhenAnEighthIsFree) {
    SendBuffer buffer(800);
    EXPECT_EQ(buffer.Write(Pattern(1000)), 800u);
    EXPECT_FALSE(buffer.TakeWritable());
    buffer.OnSent({0, 800}, false);
    buffer.OnAcked({0, 99}, false);
    EXPECT_FALSE(buffer.TakeWritable());
    buffer.OnAcked({99, 100}, false);
    EXPECT_TRUE(buffer.TakeWritable());
    EXPECT_FALSE(buffer.TakeWritable());
    EXPECT_EQ(buffer.Write(Pattern(1000)), 100u);
    EXPECT_LE(buffer.Capacity(), 800u);
}

TEST(SendBuffer, AWriteTakenWholeAsksForNoWakeUp) {
    SendBuffer buffer(800);
    EXPECT_EQ(buffer.Write(Pattern(800)), 800u);
    buffer.OnSent({0, 800}, false);
    buffer.OnAcked({0, 800}, false);
    EXPECT_FALSE(buffer.TakeWritable());
}

TEST(SendBuffer, FinGoesWithTheLastByteOrAlone) {
    SendBuffer buffer(800);
    buffer.Write(Pattern(100));
    buffer.Finish();
    EXPECT_FALSE(buffer.NextNew(99)->fin);
    EXPECT_TRUE(buffer.NextNew(100)->fin);
    EXPECT_FALSE(buffer.HasRepeat());
    buffer.OnSent({0, 100}, false);
    ASSERT_TRUE(buffer.HasRepeat());
    EXPECT_EQ(buffer.NextRepeat()->range, (Range{100, 100}));
    EXPECT_TRUE(buffer.NextRepeat()->fin);
    EXPECT_FALSE(buffer.AllSent());
    buffer.OnSent({100, 100}, true);
    EXPECT_TRUE(buffer.AllSent());
    EXPECT_FALSE(buffer.HasRepeat());
}

TEST(SendBuffer, ALostFinIsRepeatedUntilAcknowledged) {
    SendBuffer buffer(800);
    buffer.Finish();
    buffer.OnSent({0, 0}, true);
    buffer.OnLost({0, 0}, true);
    ASSERT_TRUE(buffer.HasRepeat());
    EXPECT_TRUE(buffer.NextRepeat()->fin);
    buffer.OnSent({0, 0}, true);
    EXPECT_FALSE(buffer.AllAcked());
    buffer.OnAcked({0, 0}, true);
    EXPECT_TRUE(buffer.AllAcked());
    buffer.OnLost({0, 0}, true);
    EXPECT_FALSE(buffer.HasRepeat());
}

// CRSP §5.8.
TEST(SendBuffer, WhatIsGivenUpCountsAsAcknowledgedAndIsNeverRepeated) {
    SendBuffer buffer(1000);
    buffer.Write(std::vector<std::byte>(600));
    buffer.OnSent({0, 300}, false);
    buffer.OnLost({100, 300}, false);
    EXPECT_FALSE(buffer.Acked({100, 200}));
    buffer.GiveUp({100, 200});
    EXPECT_TRUE(buffer.Acked({100, 200}));
    EXPECT_FALSE(buffer.Acked({99, 200}));
    EXPECT_FALSE(buffer.Acked({100, 201}));
    EXPECT_EQ(buffer.NextRepeat().value().range, (Range{200, 300}));
    buffer.OnLost({0, 300}, false);
    EXPECT_EQ(buffer.NextRepeat().value().range, (Range{0, 100}));
    EXPECT_EQ(buffer.Front(), 0u);
    EXPECT_EQ(buffer.Free(), 400u);
    buffer.OnAcked({0, 100}, false);
    EXPECT_EQ(buffer.Front(), 200u);
    EXPECT_EQ(buffer.Free(), 600u) << "its memory is free";
    EXPECT_TRUE(buffer.Acked({0, 200})) << "what is in front of everything is acknowledged";
}

TEST(SendBuffer, GivingUpTakesOnlyWhatWasSent) {
    SendBuffer buffer(1000);
    buffer.Write(std::vector<std::byte>(600));
    buffer.OnSent({0, 100}, false);
    buffer.GiveUp({0, 600});
    EXPECT_EQ(buffer.Front(), 100u);
    EXPECT_EQ(buffer.NextNew(1000).value().range, (Range{100, 600}));
}

TEST(SendBuffer, SkippedBytesAreNeverSent) {
    SendBuffer buffer(1000);
    buffer.Write(std::vector<std::byte>(600));
    buffer.OnSent({0, 100}, false);
    buffer.SkipNew(200);
    EXPECT_EQ(buffer.SentOffset(), 300u);
    EXPECT_EQ(buffer.NextNew(1000).value().range, (Range{300, 600}));
    EXPECT_FALSE(buffer.HasRepeat());
    EXPECT_TRUE(buffer.Acked({100, 300}));
    EXPECT_FALSE(buffer.Acked({0, 300}));
    buffer.OnAcked({0, 100}, false);
    EXPECT_EQ(buffer.Front(), 300u);
    EXPECT_FALSE(buffer.AllAcked());
}

TEST(SendBuffer, ManySmallWritesLeaveAsOneRange) {
    SendBuffer buffer(8192);
    for (std::uint64_t i = 0; i < 5000; ++i) buffer.Write(Pattern(1, i));
    const auto chunk = buffer.NextNew(10'000);
    ASSERT_EQ(chunk->range, (Range{0, 5000}));
    std::vector<std::byte> bytes(5000);
    buffer.Fill(0, bytes);
    EXPECT_EQ(bytes, Pattern(5000));
}

TEST(SendBuffer, AbandonGivesMemoryBackAndSendsNothing) {
    SendBuffer buffer(800);
    buffer.Write(Pattern(100));
    buffer.Finish();
    buffer.OnSent({0, 60}, false);
    buffer.OnLost({0, 60}, false);
    buffer.Abandon();
    EXPECT_EQ(buffer.Capacity(), 0u);
    EXPECT_FALSE(buffer.HasRepeat());
    EXPECT_FALSE(buffer.HasNew());
    EXPECT_EQ(buffer.SentOffset(), 60u);
}

/// The model: a string, what of it the peer has, and what is in flight.
class SendBufferModel {
  public:
    explicit SendBufferModel(std::uint64_t seed) : m_random(seed) {}

    void Run() {
        while (!m_buffer.AllAcked() || m_arrived < kTotal) {
            ASSERT_LT(++m_steps, 200'000u) << "no progress";
            WriteSome();
            SendSome();
            SettleSome();
            if (testing::Test::HasFatalFailure()) return;
        }
        EXPECT_LE(m_buffer.Capacity(), kLimit);
        EXPECT_EQ(m_firstSent, kTotal);
    }

  private:
    static constexpr std::size_t kLimit = 3000;
    static constexpr std::uint64_t kTotal = 40'000;

    struct Sent {
        Range range;
        bool fin;
    };

    void WriteSome() {
        if (m_buffer.Finished()) return;
        const auto wanted = std::min<std::uint64_t>(m_random.Below(900), kTotal - m_written);
        m_written += m_buffer.Write(Pattern(static_cast<std::size_t>(wanted), m_written));
        if (m_written == kTotal) m_buffer.Finish();
    }

    void SendSome() {
        const bool repeat = m_buffer.HasRepeat();
        auto chunk = repeat ? m_buffer.NextRepeat() : m_buffer.NextNew(m_random.Below(700));
        if (!chunk) return;
        const auto length = std::min<std::uint64_t>(chunk->range.Length(), m_random.Below(400) + 1);
        const bool whole = length == chunk->range.Length();
        const Sent sent{{chunk->range.begin, chunk->range.begin + length}, chunk->fin && whole};
        std::vector<std::byte> bytes(static_cast<std::size_t>(length));
        m_buffer.Fill(sent.range.begin, bytes);
        ASSERT_EQ(bytes, Pattern(bytes.size(), sent.range.begin));
        ASSERT_EQ(repeat || length == 0, sent.range.end <= m_firstSent);
        if (!repeat) m_firstSent += length;
        ASSERT_TRUE(!sent.fin || sent.range.end == kTotal);
        m_buffer.OnSent(sent.range, sent.fin);
        m_flight.push_back(sent);
    }

    /// Acknowledges or loses packets in any order; some lost ones are acknowledged later after all.
    void SettleSome() {
        if (m_flight.empty() || m_random.Chance(0.4)) return;
        const auto index = static_cast<std::ptrdiff_t>(m_random.Below(m_flight.size()));
        const Sent sent = m_flight[static_cast<std::size_t>(index)];
        if (m_random.Chance(0.3)) {
            m_buffer.OnLost(sent.range, sent.fin);
            if (m_random.Chance(0.7)) m_flight.erase(m_flight.begin() + index);
            return;
        }
        m_flight.erase(m_flight.begin() + index);
        m_buffer.OnAcked(sent.range, sent.fin);
        m_acked.Add(sent.range);
        m_arrived = m_acked.TotalLength();
    }

    Random m_random;
    SendBuffer m_buffer{kLimit};
    std::vector<Sent> m_flight;
    RangeSet m_acked;
    std::uint64_t m_written = 0;
    std::uint64_t m_firstSent = 0;
    std::uint64_t m_arrived = 0;
    std::uint64_t m_steps = 0;
};

TEST(SendBuffer, AgreesWithASimpleModelUnderLossAndReordering) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        SendBufferModel(seed).Run();
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace crsp::test
