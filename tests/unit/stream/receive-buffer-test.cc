// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/receive-buffer.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "model/base/random.h"
#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

constexpr std::size_t kWindow = 8 * kMaxReceiveGaps + 16;

std::vector<std::byte> ReadUpTo(ReceiveBuffer& buffer, std::size_t length) {
    std::vector<std::byte> out(length);
    out.resize(buffer.Read(out));
    return out;
}

TEST(ReceiveBuffer, PutsBytesBackIntoOrder) {
    ReceiveBuffer buffer(kWindow);
    EXPECT_EQ(buffer.Insert(100, Pattern(100, 100)), 100u);
    EXPECT_EQ(buffer.Readable(), 0u);
    EXPECT_TRUE(ReadUpTo(buffer, 50).empty());
    EXPECT_EQ(buffer.Insert(0, Pattern(100)), 100u);
    EXPECT_EQ(buffer.Readable(), 200u);
    EXPECT_FALSE(buffer.CompleteTo(201));
    EXPECT_TRUE(buffer.CompleteTo(200));
    EXPECT_EQ(ReadUpTo(buffer, 1000), Pattern(200));
    EXPECT_TRUE(buffer.CompleteTo(200));
}

TEST(ReceiveBuffer, KeepsTheFirstVersionOfBytesThatComeTwice) {
    ReceiveBuffer buffer(kWindow);
    buffer.Insert(10, Pattern(10, 10));
    const std::vector<std::byte> other(40, std::byte{0xee});
    EXPECT_EQ(buffer.Insert(0, other), 30u);
    auto expected = other;
    std::copy_n(Pattern(10, 10).begin(), 10, expected.begin() + 10);
    EXPECT_EQ(ReadUpTo(buffer, 100), expected);
    EXPECT_EQ(buffer.Insert(0, Pattern(40)), 0u);
}

TEST(ReceiveBuffer, RefusesOneIslandTooManyButNeverWhatJoinsOne) {
    ReceiveBuffer buffer(kWindow);
    for (std::uint64_t i = 0; i < kMaxReceiveGaps; ++i) {
        ASSERT_FALSE(buffer.Refuses({8 * i + 4, 8 * i + 5}));
        buffer.Insert(8 * i + 4, Pattern(1, 8 * i + 4));
    }
    const std::uint64_t beyond = 8 * kMaxReceiveGaps + 4;
    EXPECT_TRUE(buffer.Refuses({beyond, beyond + 1}));
    EXPECT_TRUE(buffer.Refuses({2, 3}));
    EXPECT_FALSE(buffer.Refuses({5, 6})) << "touches an island from behind";
    EXPECT_FALSE(buffer.Refuses({3, 4})) << "touches an island from before";
    EXPECT_FALSE(buffer.Refuses({3, beyond})) << "covers them all";
    EXPECT_FALSE(buffer.Refuses({0, 1})) << "is the next byte to read";
    EXPECT_FALSE(buffer.Refuses({7, 7})) << "is empty";
}

TEST(ReceiveBuffer, B4_AnHonestSenderGetsOnWithAllIslandsTaken) {
    ReceiveBuffer buffer(kWindow);
    std::uint64_t beyond = 2;
    for (; !buffer.Refuses({beyond, beyond + 1}); beyond += 2) {
        buffer.Insert(beyond, Pattern(1, beyond));
    }
    std::uint64_t at = 0;
    for (; at < kWindow; ++at) {
        if (buffer.Refuses({at, at + 1})) break;
        buffer.Insert(at, Pattern(1, at));
    }
    EXPECT_EQ(at, kWindow);
    EXPECT_EQ(ReadUpTo(buffer, kWindow), Pattern(kWindow));
}

// CRSP §5.8.
TEST(ReceiveBuffer, AReaderIsTakenPastASkippedRangeAndNotBeforeItStandsThere) {
    ReceiveBuffer buffer(kWindow);
    buffer.Insert(0, Pattern(10));
    buffer.Insert(30, Pattern(10, 30));
    buffer.Skip({10, 30});
    EXPECT_EQ(buffer.Readable(), 40u);
    EXPECT_EQ(buffer.PassSkipped(), Range{});
    EXPECT_EQ(ReadUpTo(buffer, 100), Pattern(10)) << "a read ends where something was skipped";
    EXPECT_TRUE(ReadUpTo(buffer, 100).empty());
    EXPECT_EQ(buffer.PassSkipped(), (Range{10, 30}));
    EXPECT_EQ(buffer.PassSkipped(), Range{});
    EXPECT_EQ(ReadUpTo(buffer, 100), Pattern(10, 30));
    EXPECT_EQ(buffer.ReadOffset(), 40u);
}

TEST(ReceiveBuffer, ASkipDropsAPartAndSparesTheWhole) {
    ReceiveBuffer buffer(kWindow);
    buffer.Insert(5, Pattern(5, 5));
    buffer.Skip({0, 20});
    buffer.Insert(0, Pattern(20));  // late: the range has been given up
    EXPECT_EQ(buffer.PassSkipped(), (Range{0, 20}));
    EXPECT_EQ(buffer.Readable(), 0u);
    buffer.Insert(20, Pattern(10, 20));
    buffer.Skip({20, 30});  // all of it is here
    EXPECT_EQ(buffer.PassSkipped(), Range{});
    EXPECT_EQ(ReadUpTo(buffer, 100), Pattern(10, 20));
    buffer.Skip({10, 30});  // behind the reader
    EXPECT_EQ(buffer.Readable(), 0u);
    EXPECT_EQ(buffer.ArrivedEnd(), 30u);
}

TEST(ReceiveBuffer, RefusesOneSkipTooManyExceptAtTheReader) {
    ReceiveBuffer buffer(kWindow);
    for (std::uint64_t i = 0; i < kMaxReceiveGaps; ++i) {
        const Range range{2 * i + 2, 2 * i + 3};
        EXPECT_FALSE(buffer.RefusesSkip(range));
        buffer.Skip(range);
    }
    EXPECT_TRUE(buffer.RefusesSkip({2 * kMaxReceiveGaps + 2, 2 * kMaxReceiveGaps + 3}));
    EXPECT_TRUE(buffer.RefusesSkip({3, 4})) << "although it would join two";
    EXPECT_FALSE(buffer.RefusesSkip({0, 2}));
}

TEST(ReceiveBuffer, BytesCanBeTakenInAnyOrderEachOnce) {
    ReceiveBuffer buffer(kWindow);
    std::vector<std::byte> out(8);
    EXPECT_FALSE(buffer.HasUntaken());
    buffer.Insert(20, Pattern(10, 20));
    EXPECT_TRUE(buffer.HasUntaken());
    EXPECT_EQ(buffer.Take(out), (Range{20, 28}));
    EXPECT_EQ(out, Pattern(8, 20));
    EXPECT_EQ(buffer.Take(out), (Range{28, 30}));
    EXPECT_FALSE(buffer.HasUntaken());
    EXPECT_TRUE(buffer.Take(out).Empty());
    EXPECT_EQ(buffer.ReadOffset(), 0u) << "what is missing in front still may come";
    buffer.Insert(15, Pattern(10, 15));
    EXPECT_EQ(buffer.Take(out), (Range{15, 20}));
    buffer.Insert(0, Pattern(15));
    EXPECT_EQ(buffer.Take(out), (Range{0, 8}));
    EXPECT_EQ(buffer.ReadOffset(), 8u);
    EXPECT_EQ(buffer.Take(out), (Range{8, 15}));
    EXPECT_EQ(buffer.ReadOffset(), 30u);
    EXPECT_FALSE(buffer.HasUntaken());
}

TEST(ReceiveBuffer, AReaderWithoutOrderHearsOfASkippedRangeOnceAndWhole) {
    ReceiveBuffer buffer(kWindow);
    std::vector<std::byte> out(100);
    buffer.Insert(10, Pattern(5, 10));
    EXPECT_EQ(buffer.Take(out), (Range{10, 15}));
    buffer.Insert(15, Pattern(2, 15));
    buffer.Skip({10, 20});
    EXPECT_TRUE(buffer.HasUntaken());
    EXPECT_EQ(buffer.TakeSkipped(), (Range{10, 20}));
    EXPECT_EQ(buffer.TakeSkipped(), Range{});
    EXPECT_TRUE(buffer.Take(out).Empty());
    EXPECT_FALSE(buffer.HasUntaken());
    buffer.Insert(0, Pattern(10));
    EXPECT_EQ(buffer.Take(out), (Range{0, 10}));
    EXPECT_EQ(buffer.ReadOffset(), 20u);
}

TEST(ReceiveBuffer, B4_TakesNoMoreMemoryThanTheWindowWhateverTheFrames) {
    ReceiveBuffer buffer(5000);
    for (std::uint64_t base = 0; base < 200'000; base += 2500) {
        buffer.Insert(base + 4999, Pattern(1, base + 4999));
        buffer.Insert(base, Pattern(2500, base));
        ASSERT_EQ(ReadUpTo(buffer, 2500), Pattern(2500, base));
        ASSERT_LE(buffer.Capacity(), 5000u);
    }
    buffer.Release();
    EXPECT_EQ(buffer.Capacity(), 0u);
}

TEST(ReceiveBuffer, GrowsOnlyAsBytesArrive) {
    ReceiveBuffer buffer(1 << 20);
    EXPECT_EQ(buffer.Capacity(), 0u);
    buffer.Insert(0, Pattern(1200));
    EXPECT_LE(buffer.Capacity(), 2048u);
}

/// The model: each byte of the window, or nothing.
class ReceiveBufferModel {
  public:
    explicit ReceiveBufferModel(std::uint64_t seed) : m_random(seed) {}

    void Run() {
        while (m_read < kTotal) {
            const std::uint64_t begin =
                m_read > 300 ? m_read - 300 + m_random.Below(900) : m_random.Below(900);
            Offer(begin, m_random.Below(200));
            if (m_random.Chance(0.3)) ReadSome();
            if (testing::Test::HasFatalFailure()) return;
        }
    }

  private:
    static constexpr std::uint64_t kTotal = 20'000;

    void Offer(std::uint64_t begin, std::uint64_t length) {
        const auto version = static_cast<std::byte>(m_random.Below(256));
        const std::vector<std::byte> data(static_cast<std::size_t>(length), version);
        std::size_t expected = 0;
        for (std::uint64_t i = begin; i < begin + length; ++i) {
            if (i >= m_model.size()) m_model.resize(static_cast<std::size_t>(i) + 1);
            if (i < m_read || m_model[static_cast<std::size_t>(i)]) continue;
            m_model[static_cast<std::size_t>(i)] = version;
            ++expected;
        }
        ASSERT_FALSE(m_buffer.Refuses({begin, begin + length}));
        ASSERT_EQ(m_buffer.Insert(begin, data), expected);
    }

    void ReadSome() {
        const auto got = ReadUpTo(m_buffer, static_cast<std::size_t>(m_random.Below(300)) + 1);
        for (const auto byte : got) ASSERT_EQ(byte, m_model[static_cast<std::size_t>(m_read++)]);
        const bool more = m_read < m_model.size() && m_model[static_cast<std::size_t>(m_read)];
        ASSERT_EQ(m_buffer.Readable() > 0, more);
    }

    Random m_random;
    ReceiveBuffer m_buffer{1500};
    std::vector<std::optional<std::byte>> m_model;
    std::uint64_t m_read = 0;
};

TEST(ReceiveBuffer, AgreesWithASimpleModelUnderReorderingAndOverlap) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        ReceiveBufferModel(seed).Run();
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace crsp::test
