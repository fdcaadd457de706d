// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/message-log.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/wire/frame-codec.h"

namespace crsp {
namespace {

TimePoint At(int ms) {
    return TimePoint{} + milliseconds(ms);
}

/// Three messages of 100 bytes, due at 10, 20 and 30 ms, of which `sent` bytes went out.
struct MessageLogTest : ::testing::Test {
    void Begin(std::uint64_t sent) {
        for (std::uint64_t i = 0; i < 3; ++i) {
            buffer.Write(std::vector<std::byte>(100));
            log.Add({100 * i, 100 * (i + 1)}, At(10 * static_cast<int>(i + 1)));
        }
        if (sent > 0) buffer.OnSent({0, sent}, false);
    }
    std::vector<Range> Told() {
        std::vector<std::byte> bytes(1200);
        PacketBuilder out(bytes);
        EXPECT_TRUE(log.WriteSkips(2, buffer.SentOffset(), out));
        std::vector<Range> ranges;
        for (const auto& sent : out.Frames().View()) {
            ranges.push_back(
                {std::get<SentDataSkipped>(sent).begin, std::get<SentDataSkipped>(sent).end});
        }
        return ranges;
    }
    /// As SendStream does when credit is no limit.
    void Move(std::uint64_t to) {
        const Range range{buffer.SentOffset(), to};
        buffer.SkipNew(range.Length());
        log.OnSkipped(range);
    }

    SendBuffer buffer{1000};
    MessageLog log;
};

TEST_F(MessageLogTest, GivesUpOnlyWhatIsLateAndNotAcknowledged) {
    Begin(300);
    EXPECT_EQ(log.NextTimeout(), At(10));
    EXPECT_EQ(log.DropLate(At(9), buffer), 0u);
    buffer.OnAcked({100, 200}, false);
    EXPECT_EQ(log.DropLate(At(20), buffer), 100u);
    EXPECT_EQ(Told(), (std::vector<Range>{{0, 100}}));
    EXPECT_EQ(log.NextTimeout(), At(30));
    buffer.OnLost({0, 300}, false);
    EXPECT_EQ(buffer.NextRepeat().value().range, (Range{200, 300}));
}

TEST_F(MessageLogTest, EachMessageThatWasSentIsToldByItself) {
    Begin(200);
    EXPECT_EQ(log.DropLate(At(20), buffer), 200u);
    EXPECT_EQ(Told(), (std::vector<Range>{{0, 100}, {100, 200}}));
    EXPECT_TRUE(Told().empty()) << "told once";
}

TEST_F(MessageLogTest, MessagesNeverSentAreToldTogetherOnceTheSenderIsPastThem) {
    Begin(0);
    EXPECT_EQ(log.DropLate(At(30), buffer), 300u);
    EXPECT_EQ(log.LateEnd(), 300u);
    EXPECT_TRUE(Told().empty());
    Move(150);  // as far as credit goes
    EXPECT_EQ(Told(), (std::vector<Range>{{0, 150}}));
    Move(300);
    EXPECT_EQ(Told(), (std::vector<Range>{{0, 300}}));
    log.OnFrameAcked(SentDataSkipped{2, 0, 150});
    EXPECT_FALSE(log.Settled()) << "only part of it was told";
    log.OnFrameAcked(SentDataSkipped{2, 0, 300});
    EXPECT_TRUE(log.Settled());
}

TEST_F(MessageLogTest, ALostFrameIsRepeatedUntilItIsAcknowledged) {
    Begin(100);
    log.DropLate(At(10), buffer);
    EXPECT_EQ(Told().size(), 1u);
    log.OnFrameLost(SentDataSkipped{2, 0, 100});
    EXPECT_TRUE(log.HasSkip(buffer.SentOffset()));
    EXPECT_EQ(Told(), (std::vector<Range>{{0, 100}}));
    log.OnFrameAcked(SentDataSkipped{2, 0, 100});
    log.OnFrameLost(SentDataSkipped{2, 0, 100});
    EXPECT_TRUE(Told().empty());
}

TEST_F(MessageLogTest, DeadlinesNeverDecrease) {
    log.Add({0, 100}, At(50));
    log.Add({100, 200}, At(10));
    buffer.Write(std::vector<std::byte>(200));
    EXPECT_EQ(log.DropLate(At(49), buffer), 0u);
    EXPECT_EQ(log.DropLate(At(50), buffer), 200u);
}

TEST_F(MessageLogTest, AcknowledgedMessagesMakeRoom) {
    for (std::uint64_t i = 0; i < kMaxMessages; ++i) log.Add({i, i + 1}, At(10));
    EXPECT_TRUE(log.Full());
    buffer.Write(std::vector<std::byte>(1));
    buffer.OnSent({0, 1}, false);
    buffer.OnAcked({0, 1}, false);
    log.OnAcked(buffer);
    EXPECT_FALSE(log.Full());
}

TEST_F(MessageLogTest, AMessageIsRepeatedOnceItsAckIsOverdue) {
    Begin(300);
    log.OnSent({0, 100}, At(5));
    log.OnSent({100, 200}, At(7));
    EXPECT_EQ(log.NextTimeout(), At(5));
    log.RepeatOverdue(At(4), buffer);
    EXPECT_FALSE(buffer.HasRepeat());
    log.RepeatOverdue(At(5), buffer);
    EXPECT_EQ(buffer.NextRepeat().value().range, (Range{0, 100}));
    EXPECT_EQ(log.NextTimeout(), At(7));
    buffer.OnSent({0, 100}, false);
    log.RepeatOverdue(At(6), buffer);
    EXPECT_FALSE(buffer.HasRepeat()) << "not again before its next ACK is overdue";
    buffer.OnAcked({100, 200}, false);
    log.RepeatOverdue(At(7), buffer);
    EXPECT_FALSE(buffer.HasRepeat()) << "the second has been acknowledged";
    EXPECT_EQ(log.NextTimeout(), At(10));
}

TEST_F(MessageLogTest, ARepeatThatWouldComeTooLateIsNotPlanned) {
    Begin(300);
    log.OnSent({0, 100}, At(10));
    EXPECT_EQ(log.NextTimeout(), At(10));
    log.RepeatOverdue(At(10), buffer);
    EXPECT_FALSE(buffer.HasRepeat());
    log.OnSent({100, 200}, At(19));
    log.RepeatOverdue(At(19), buffer);
    EXPECT_EQ(buffer.NextRepeat().value().range, (Range{100, 200}));
}

TEST_F(MessageLogTest, OnlyWhatWasSentAndNotAcknowledgedIsRepeated) {
    Begin(250);
    log.OnSent({0, 250}, At(5));
    buffer.OnAcked({220, 230}, false);
    log.RepeatOverdue(At(5), buffer);
    EXPECT_EQ(buffer.NextRepeat().value().range, (Range{0, 220}));
    buffer.OnSent({0, 220}, false);
    EXPECT_EQ(buffer.NextRepeat().value().range, (Range{230, 250}));
}

TEST_F(MessageLogTest, AMessageIsRepeatedEarlyThreeTimesAtMost) {
    buffer.Write(std::vector<std::byte>(100));
    log.Add({0, 100}, At(1000));
    buffer.OnSent({0, 100}, false);
    int repeats = 0;
    for (int ms = 0; ms < 900; ms += 10) {
        log.OnSent({0, 100}, At(ms + 5));
        log.RepeatOverdue(At(ms + 5), buffer);
        repeats += buffer.HasRepeat() ? 1 : 0;
        buffer.OnSent({0, 100}, false);
    }
    EXPECT_EQ(repeats, kMaxEarlyRepeats);
}

/// The round trip has doubled: every ACK is overdue, and nothing is lost.
TEST_F(MessageLogTest, InTheLongRunHalfOfTheMessagesAreRepeatedEarlyAtMost) {
    SendBuffer large(200'000);
    std::uint64_t repeats = 0;
    constexpr std::uint64_t kCount = 1000;
    for (std::uint64_t i = 0; i < kCount; ++i) {
        const Range range{100 * i, 100 * (i + 1)};
        const int now = 10 * static_cast<int>(i);
        large.Write(std::vector<std::byte>(100));
        log.Add(range, At(now + 1000));
        large.OnSent(range, false);
        log.OnSent(range, At(now + 5));
        log.RepeatOverdue(At(now + 5), large);
        repeats += large.HasRepeat() ? 1 : 0;
        large.OnAcked(range, false);
        log.OnAcked(large);
    }
    EXPECT_EQ(repeats, kCount / kMessagesPerEarlyRepeat + kMaxEarlyRepeatBurst - 1);
}

}  // namespace
}  // namespace crsp
