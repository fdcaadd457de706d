// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/request-budget.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

const TimePoint kNow = TimePoint{} + seconds(100);

TEST(RequestBudget, GivesWhatIsThereAndThenSaysHowLongToWait) {
    RequestBudget budget;
    EXPECT_FALSE(budget.Take(kNow, kRequestBytesAtOnce - kRequestBytesPerSecond / 2));
    EXPECT_FALSE(budget.Take(kNow, kRequestBytesPerSecond / 2));
    EXPECT_EQ(budget.Take(kNow, kRequestBytesPerSecond / 4), Duration(milliseconds(250)));
    // What was refused was not taken.
    EXPECT_EQ(budget.Take(kNow, kRequestBytesPerSecond / 4), Duration(milliseconds(250)));
    EXPECT_FALSE(budget.Take(kNow + milliseconds(250), kRequestBytesPerSecond / 4));
}

TEST(RequestBudget, WhatWasReadAlreadyIsADebt) {
    RequestBudget budget;
    EXPECT_FALSE(budget.Take(kNow, kRequestBytesAtOnce));
    budget.Charge(kNow, kRequestBytesPerSecond);
    EXPECT_EQ(budget.Take(kNow, kRequestBytesPerSecond), Duration(seconds(2)));
    for (int i = 0; i < 100; ++i) budget.Charge(kNow, kRequestBytesAtOnce);
    const auto longest = 2 * Duration(seconds(kRequestBytesAtOnce / kRequestBytesPerSecond));
    EXPECT_LE(*budget.Take(kNow, 1), longest) << "it ends";
}

TEST(RequestBudget, IsNeverMoreThanWhole) {
    RequestBudget budget;
    EXPECT_FALSE(budget.Take(kNow, kRequestBytesAtOnce));
    const TimePoint later = kNow + seconds(1000);
    EXPECT_FALSE(budget.Take(later, kRequestBytesAtOnce));
    EXPECT_TRUE(budget.Take(later, 1024));
}

TEST(RequestBudget, MoreThanAllCountsAsAll) {
    RequestBudget budget;
    EXPECT_FALSE(budget.Take(kNow, UINT64_MAX));
    EXPECT_EQ(budget.Take(kNow, UINT64_MAX),
              Duration(seconds(kRequestBytesAtOnce / kRequestBytesPerSecond)));
}

}  // namespace
}  // namespace crsp
