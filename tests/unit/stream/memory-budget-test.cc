// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/memory-budget.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(MemoryBudget, AConnectionTakesAQuarterOfWhatOthersLeave) {
    MemoryBudget budget(1600);
    EXPECT_EQ(budget.Share(0, 4), 400u);
    budget.Take(300);
    EXPECT_EQ(budget.Share(300, 4), 100u);
    EXPECT_EQ(budget.Share(0, 4), 325u);
    budget.Return(300);
    EXPECT_EQ(budget.Used(), 0u);
}

TEST(MemoryBudget, WhatAConnectionBeginsWithIsAlwaysThere) {
    MemoryBudget budget(100);
    budget.Take(150);
    EXPECT_EQ(budget.Used(), 150u);
    EXPECT_EQ(budget.Share(0, 4), 0u);
    EXPECT_EQ(budget.Share(150, 4), 0u);
}

TEST(MemoryBudget, SharesNeverTakeAll) {
    MemoryBudget budget(1 << 20);
    for (int connection = 0; connection < 10; ++connection) budget.Take(budget.Share(0, 4));
    EXPECT_GT(budget.Share(0, 4), (1u << 20) / 100);
}

}  // namespace
}  // namespace crsp
