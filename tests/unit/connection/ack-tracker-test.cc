// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/ack-tracker.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "model/wire/frame-codec.h"

namespace crsp {
namespace {

constexpr Duration kMaxDelay = milliseconds(25);

constexpr TimePoint At(int ms) {
    return TimePoint{} + milliseconds(ms);
}

/// The ACK that `tracker` writes now, as it goes over the wire.
struct Written {
    Written(AckTracker& tracker, TimePoint now) : builder(bytes) {
        tracker.WriteFrames(now, builder);
        if (builder.Empty()) return;
        ByteReader in(builder.Payload());
        frame = std::get<AckFrame>(DecodeFrame(in).value());
        frame->ForEachRange([this](Range range) { ranges.push_back(range); });
    }

    std::array<std::byte, 1200> bytes{};
    PacketBuilder builder;
    std::optional<AckFrame> frame;
    std::vector<Range> ranges;  ///< newest first
};

TEST(AckTracker, NothingReceivedNothingOwed) {
    AckTracker tracker(kMaxDelay);
    EXPECT_FALSE(tracker.Due());
    EXPECT_FALSE(tracker.Deadline());
    EXPECT_FALSE(Written(tracker, At(0)).frame);
}

TEST(AckTracker, OnePacketIsAcknowledgedWithinTheMaximumDelay) {
    AckTracker tracker(kMaxDelay);
    tracker.OnPacketReceived(At(0), 0, true);
    EXPECT_FALSE(tracker.Due());
    EXPECT_EQ(tracker.Deadline(), At(25));
    tracker.OnDeadline();
    EXPECT_TRUE(tracker.Due());
    EXPECT_FALSE(tracker.Deadline()) << "a timer that stays due would never let the host rest";
    const Written ack(tracker, At(25));
    ASSERT_TRUE(ack.frame);
    EXPECT_EQ(ack.frame->largest, 0u);
    EXPECT_EQ(ack.frame->ackDelay, milliseconds(25));
    EXPECT_FALSE(tracker.Deadline());
    EXPECT_FALSE(tracker.Due());
}

TEST(AckTracker, EverySecondPacketIsAcknowledgedAtOnce) {
    AckTracker tracker(kMaxDelay);
    for (PacketNumber number = 0; number < 10; number += 2) {
        tracker.OnPacketReceived(At(0), number, true);
        EXPECT_FALSE(tracker.Due());
        tracker.OnPacketReceived(At(0), number + 1, true);
        EXPECT_TRUE(tracker.Due());
        EXPECT_EQ(Written(tracker, At(0)).frame->largest, number + 1);
    }
}

/// One that has received the packets of a startup, each second acknowledged at once.
AckTracker PastStartup(Duration roundTrip, PacketNumber& number) {
    AckTracker tracker(kMaxDelay);
    tracker.SetRoundTrip(roundTrip);
    while (number < 256) {
        tracker.OnPacketReceived(At(0), number++, true);
        EXPECT_EQ(tracker.Due(), number % 2 == 0 && number < 256) << number;
        if (number % 2 == 0) Written(tracker, At(0));
    }
    return tracker;
}

TEST(AckTracker, InOrderThereAreNoMoreThan64AcksInARoundTrip) {
    PacketNumber number = 0;
    AckTracker tracker = PastStartup(milliseconds(640), number);
    std::vector<int> ackedAt;
    for (int ms = 0; ms < 100; ++ms) {
        if (tracker.Deadline() && *tracker.Deadline() <= At(ms)) tracker.OnDeadline();
        tracker.OnPacketReceived(At(ms), number++, true);
        if (!tracker.Due()) continue;
        EXPECT_EQ(Written(tracker, At(ms)).frame->largest, number - 1);
        ackedAt.push_back(ms);
    }
    EXPECT_EQ(ackedAt, (std::vector<int>{10, 20, 30, 40, 50, 60, 70, 80, 90}));
}

TEST(AckTracker, WhatIsOutOfOrderDoesNotWait) {
    PacketNumber number = 0;
    AckTracker tracker = PastStartup(seconds(10), number);
    tracker.OnPacketReceived(At(0), number, true);
    tracker.OnPacketReceived(At(0), number + 1, true);
    EXPECT_FALSE(tracker.Due());
    tracker.OnPacketReceived(At(0), number + 3, true);
    EXPECT_TRUE(tracker.Due());
}

TEST(AckTracker, NoMoreThan32PacketsWait) {
    PacketNumber number = 0;
    AckTracker tracker = PastStartup(seconds(10), number);
    for (int i = 0; i < 31; ++i) {
        tracker.OnPacketReceived(At(0), number++, true);
        EXPECT_FALSE(tracker.Due());
    }
    tracker.OnPacketReceived(At(0), number, true);
    EXPECT_TRUE(tracker.Due());
}

TEST(AckTracker, PacketsThatAskForNothingAreNotAcknowledgedAlone) {
    AckTracker tracker(kMaxDelay);
    for (PacketNumber number = 0; number < 10; ++number) {
        tracker.OnPacketReceived(At(0), number, false);
    }
    EXPECT_FALSE(tracker.Due());
    EXPECT_FALSE(Written(tracker, At(0)).frame);
    tracker.OnPacketReceived(At(0), 10, true);
    const Written ack(tracker, At(1));
    EXPECT_EQ(ack.ranges, (std::vector<Range>{{0, 11}}));
}

TEST(AckTracker, AGapIsReportedAtOnce) {
    AckTracker tracker(kMaxDelay);
    tracker.OnPacketReceived(At(0), 0, true);
    Written(tracker, At(0));
    tracker.OnPacketReceived(At(1), 2, true);
    EXPECT_TRUE(tracker.Due());
    EXPECT_EQ(Written(tracker, At(1)).ranges, (std::vector<Range>{{2, 3}, {0, 1}}));
}

TEST(AckTracker, AFirstPacketThatIsNotNumberZeroIsAGap) {
    AckTracker tracker(kMaxDelay);
    tracker.OnPacketReceived(At(0), 1, true);
    EXPECT_TRUE(tracker.Due());
}

TEST(AckTracker, APacketThatFillsAGapIsReportedAtOnce) {
    AckTracker tracker(kMaxDelay);
    for (const PacketNumber number : {0, 2}) tracker.OnPacketReceived(At(0), number, true);
    Written(tracker, At(0));
    tracker.OnPacketReceived(At(5), 1, true);
    EXPECT_TRUE(tracker.Due());
    const Written ack(tracker, At(5));
    EXPECT_EQ(ack.ranges, (std::vector<Range>{{0, 3}}));
    EXPECT_EQ(ack.frame->ackDelay, milliseconds(5)) << "counts from the largest, not the newest";
}

TEST(AckTracker, EachNumberIsAcceptedOnce) {
    AckTracker tracker(kMaxDelay);
    EXPECT_FALSE(tracker.IsDuplicate(5));
    tracker.OnPacketReceived(At(0), 5, true);
    EXPECT_TRUE(tracker.IsDuplicate(5));
    EXPECT_FALSE(tracker.IsDuplicate(4));
    EXPECT_FALSE(tracker.IsDuplicate(6));
}

TEST(AckTracker, B13_WhatWasRefusedIsNotTakenAgainAndNotAcknowledged) {
    AckTracker tracker(kMaxDelay);
    tracker.OnPacketRefused(5);
    EXPECT_TRUE(tracker.IsDuplicate(5));
    EXPECT_FALSE(tracker.IsDuplicate(6));
    EXPECT_TRUE(tracker.IsNewest(5)) << "it did not come, as far as the peer is to know";
    for (PacketNumber i = 0; i <= kMaxRefusedRanges; ++i) tracker.OnPacketRefused(10 + 2 * i);
    EXPECT_FALSE(tracker.IsDuplicate(5)) << "bounded";
}

TEST(AckTracker, RemembersABoundedNumberOfRangesAndTreatsOlderAsSeen) {
    AckTracker tracker(kMaxDelay);
    for (PacketNumber i = 0; i <= kMaxTrackedRanges; ++i) {
        tracker.OnPacketReceived(At(0), 10 * i, true);
    }
    EXPECT_TRUE(tracker.IsDuplicate(0));
    EXPECT_TRUE(tracker.IsDuplicate(5)) << "too old to tell";
    EXPECT_FALSE(tracker.IsDuplicate(11));
}

TEST(AckTracker, MostAcksReportTheNewestAndEveryEighthAllThatFit) {
    AckTracker tracker(kMaxDelay);
    std::size_t full = 0;
    for (PacketNumber i = 0; i < kMaxTrackedRanges; ++i) {
        tracker.OnPacketReceived(At(0), 2 * i, true);
        const auto ranges = Written(tracker, At(0)).ranges;
        ASSERT_EQ(ranges.front(), (Range{2 * i, 2 * i + 1}));
        ASSERT_GE(ranges.size(), std::min<std::size_t>(i + 1, 32));
        if (ranges.size() == kMaxAckRanges) ++full;
    }
    EXPECT_NEAR(static_cast<double>(full), (kMaxTrackedRanges - kMaxAckRanges) / 8, 1);
}

TEST(AckTracker, WhatThePeerHasSeenReportedIsNotReportedAgain) {
    AckTracker tracker(kMaxDelay);
    for (const PacketNumber number : {0, 2, 4}) tracker.OnPacketReceived(At(0), number, true);
    EXPECT_EQ(Written(tracker, At(0)).ranges.size(), 3u);
    tracker.OnFrameAcked(SentAck{4});
    tracker.OnPacketReceived(At(1), 5, true);
    EXPECT_EQ(Written(tracker, At(1)).ranges, (std::vector<Range>{{4, 6}}));
}

TEST(AckTracker, ALatePacketBelowThatIsStillReported) {
    AckTracker tracker(kMaxDelay);
    for (const PacketNumber number : {0, 5}) tracker.OnPacketReceived(At(0), number, true);
    Written(tracker, At(0));
    tracker.OnFrameAcked(SentAck{5});
    tracker.OnPacketReceived(At(1), 3, true);
    EXPECT_EQ(Written(tracker, At(1)).ranges, (std::vector<Range>{{5, 6}, {3, 4}}));
}

TEST(AckTracker, AnAckThatDoesNotFitStaysOwed) {
    AckTracker tracker(kMaxDelay);
    tracker.OnPacketReceived(At(0), 0, true);
    tracker.OnPacketReceived(At(0), 1, true);
    std::array<std::byte, 4> little{};
    PacketBuilder builder(little);
    EXPECT_FALSE(tracker.WriteFrames(At(0), builder));
    EXPECT_TRUE(tracker.Due());
    EXPECT_TRUE(Written(tracker, At(0)).frame);
}

TEST(AckTracker, AMarkedPacketIsAcknowledgedAtOnce) {
    AckTracker tracker(kMaxDelay);
    tracker.OnPacketReceived(At(0), 0, true, Ecn::kEct0);
    EXPECT_FALSE(tracker.Due());
    Written(tracker, At(0));
    tracker.OnPacketReceived(At(1), 1, true, Ecn::kCe);
    EXPECT_TRUE(tracker.Due());
    const Written ack(tracker, At(1));
    EXPECT_EQ(ack.frame->ecn, (EcnCounts{.ect0 = 1, .ect1 = 0, .ce = 1}));
    tracker.OnPacketReceived(At(2), 2, false, Ecn::kCe);
    EXPECT_FALSE(tracker.Due()) << "what asks for no ACK gets none for its mark";
}

TEST(AckTracker, CountsAreToldOnceThereAreAny) {
    AckTracker tracker(kMaxDelay);
    tracker.OnPacketReceived(At(0), 0, true);
    EXPECT_FALSE(Written(tracker, At(0)).frame->ecn);
    tracker.OnPacketReceived(At(1), 1, true, Ecn::kEct1);
    EXPECT_EQ(Written(tracker, At(1)).frame->ecn, (EcnCounts{.ect0 = 0, .ect1 = 1, .ce = 0}));
    tracker.OnPacketReceived(At(2), 2, true);
    EXPECT_EQ(Written(tracker, At(2)).frame->ecn, (EcnCounts{.ect0 = 0, .ect1 = 1, .ce = 0}));
    EXPECT_EQ(tracker.FramesSent(), 3u);
    EXPECT_EQ(tracker.RangesSent(), 3u);
}

}  // namespace
}  // namespace crsp
