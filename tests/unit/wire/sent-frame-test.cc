// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/sent-frame.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(SentFrameList, KeepsFramesInOrderUpToItsLimit) {
    SentFrameList list;
    EXPECT_TRUE(list.Empty());
    for (std::uint64_t i = 0; i < kMaxFramesPerPacket; ++i) {
        ASSERT_FALSE(list.Full());
        list.Push(SentMaxData{i});
    }
    EXPECT_TRUE(list.Full());
    ASSERT_EQ(list.View().size(), kMaxFramesPerPacket);
    for (std::uint64_t i = 0; i < kMaxFramesPerPacket; ++i) {
        EXPECT_EQ(std::get<SentMaxData>(list.View()[i]).maximum, i);
    }
}

TEST(SentFrameListDeathTest, RefusesAFrameBeyondItsLimit) {
    SentFrameList list;
    while (!list.Full()) list.Push(SentPing{});
    EXPECT_DEATH(list.Push(SentPing{}), "assertion failed");
}

}  // namespace
}  // namespace crsp
