// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/memory-budget.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(MemoryBudget, GrowthKeepsWithinTheLimit) {
    MemoryBudget budget(100);
    budget.Take(40);
    EXPECT_FALSE(budget.TryTake(61));
    EXPECT_TRUE(budget.TryTake(60));
    EXPECT_FALSE(budget.TryTake(1));
    budget.Return(10);
    EXPECT_TRUE(budget.TryTake(10));
    EXPECT_EQ(budget.Used(), 100u);
}

TEST(MemoryBudget, WhatAConnectionBeginsWithIsAlwaysThere) {
    MemoryBudget budget(100);
    budget.Take(150);
    EXPECT_EQ(budget.Used(), 150u);
    EXPECT_FALSE(budget.TryTake(1));
    budget.Return(150);
    EXPECT_TRUE(budget.TryTake(100));
}

TEST(MemoryBudget, TellsWhatIsLeft) {
    MemoryBudget budget(100);
    EXPECT_EQ(budget.Left(), 100u);
    budget.Take(60);
    EXPECT_EQ(budget.Left(), 40u);
    budget.Take(60);
    EXPECT_EQ(budget.Left(), 0u);
}

}  // namespace
}  // namespace crsp
