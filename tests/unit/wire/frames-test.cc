// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/frames.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace crsp {
namespace {

TEST(Frames, NamesAreThoseOfQlog) {
    const std::pair<Frame, std::string_view> table[] = {
        {PaddingFrame{}, "padding"},
        {PingFrame{}, "ping"},
        {AckFrame{}, "ack"},
        {ResetStreamFrame{}, "reset_stream"},
        {StopSendingFrame{}, "stop_sending"},
        {StreamFrame{}, "stream"},
        {DatagramFrame{}, "datagram"},
        {MaxDataFrame{}, "max_data"},
        {MaxStreamDataFrame{}, "max_stream_data"},
        {MaxStreamsFrame{}, "max_streams"},
        {DataBlockedFrame{}, "data_blocked"},
        {StreamDataBlockedFrame{}, "stream_data_blocked"},
        {PathChallengeFrame{}, "path_challenge"},
        {PathResponseFrame{}, "path_response"},
        {DataSkippedFrame{}, "data_skipped"},
        {ImmediateAckFrame{}, "immediate_ack"},
        {RepairFrame{}, "repair"},
        {DataRecoveredFrame{}, "data_recovered"},
        {ConnectionCloseFrame{}, "connection_close"},
    };
    EXPECT_EQ(std::size(table), std::variant_size_v<Frame>);
    for (const auto& [frame, name] : table) EXPECT_EQ(FrameName(frame), name);
}

// RFC 9002 §2.
TEST(Frames, AllButPaddingAckAndCloseAskForAnAck) {
    EXPECT_FALSE(IsAckEliciting(PaddingFrame{}));
    EXPECT_FALSE(IsAckEliciting(AckFrame{}));
    EXPECT_FALSE(IsAckEliciting(ConnectionCloseFrame{}));
    EXPECT_TRUE(IsAckEliciting(PingFrame{}));
    EXPECT_TRUE(IsAckEliciting(StreamFrame{}));
    EXPECT_TRUE(IsAckEliciting(DatagramFrame{}));
    EXPECT_TRUE(IsAckEliciting(ResetStreamFrame{}));
    EXPECT_TRUE(IsAckEliciting(StopSendingFrame{}));
    EXPECT_TRUE(IsAckEliciting(MaxDataFrame{}));
    EXPECT_TRUE(IsAckEliciting(MaxStreamDataFrame{}));
    EXPECT_TRUE(IsAckEliciting(MaxStreamsFrame{}));
    EXPECT_TRUE(IsAckEliciting(DataBlockedFrame{}));
    EXPECT_TRUE(IsAckEliciting(StreamDataBlockedFrame{}));
    EXPECT_TRUE(IsAckEliciting(DataSkippedFrame{}));
    EXPECT_TRUE(IsAckEliciting(ImmediateAckFrame{}));
    EXPECT_TRUE(IsAckEliciting(RepairFrame{}));
    EXPECT_TRUE(IsAckEliciting(DataRecoveredFrame{}));
}

// RFC 9000 §9.1.
TEST(Frames, OnlyPathFramesAndPaddingAreProbing) {
    EXPECT_TRUE(IsProbing(PathChallengeFrame{}));
    EXPECT_TRUE(IsProbing(PathResponseFrame{}));
    EXPECT_TRUE(IsProbing(PaddingFrame{}));
    EXPECT_FALSE(IsProbing(PingFrame{}));
    EXPECT_FALSE(IsProbing(AckFrame{}));
    EXPECT_FALSE(IsProbing(StreamFrame{}));
}

// RFC 9000 §19.3.1: largest 100, first range 9 (91 to 100), gap 4 and length 2 (84 to 86).
TEST(AckFrame, VisitsItsRangesFromTheLargestDown) {
    const std::array<std::byte, 2> encoded = {std::byte{3}, std::byte{2}};
    const AckFrame frame{.largest = 100, .firstRange = 9, .rangeCount = 1, .encoded = encoded};
    std::vector<Range> ranges;
    frame.ForEachRange([&](Range range) { ranges.push_back(range); });
    EXPECT_EQ(ranges, (std::vector<Range>{{91, 101}, {84, 87}}));
}

}  // namespace
}  // namespace crsp
