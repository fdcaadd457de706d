// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/closing.h"

#include <gtest/gtest.h>

#include <vector>

namespace crsp {
namespace {

TEST(Closing, SaysNothingByDefault) {
    EXPECT_FALSE(Closing().Pending());
}

TEST(Closing, CarriesWhatItWasGiven) {
    const Closing closing(true, 42, "done here");
    ASSERT_TRUE(closing.Pending());
    const auto frame = closing.Frame();
    EXPECT_TRUE(frame.application);
    EXPECT_EQ(frame.code, 42u);
    EXPECT_EQ(frame.reason, "done here");
}

// RFC 9000 §10.2.1: progressively more packets for each answer.
TEST(Closing, AnswersThe1st2nd4th8thPacket) {
    Closing closing(false, 1, "");
    closing.OnSent();
    std::vector<int> answered;
    for (int heard = 1; heard <= 100; ++heard) {
        closing.OnPacketReceived();
        if (!closing.Pending()) continue;
        answered.push_back(heard);
        closing.OnSent();
    }
    EXPECT_EQ(answered, (std::vector<int>{1, 2, 4, 8, 16, 32, 64}));
}

}  // namespace
}  // namespace crsp
