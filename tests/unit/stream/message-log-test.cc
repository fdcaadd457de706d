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
    EXPECT_EQ(log.NextDeadline(), At(10));
    EXPECT_EQ(log.DropLate(At(9), buffer), 0u);
    buffer.OnAcked({100, 200}, false);
    EXPECT_EQ(log.DropLate(At(20), buffer), 100u);
    EXPECT_EQ(Told(), (std::vector<Range>{{0, 100}}));
    EXPECT_EQ(log.NextDeadline(), At(30));
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

}  // namespace
}  // namespace crsp
