// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/ring-queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace crsp {
namespace {

TEST(RingQueue, GivesBackInOrderAcrossGrowth) {
    RingQueue<int> queue;
    for (int i = 0; i < 1000; ++i) queue.Push(i);
    EXPECT_EQ(queue.Size(), 1000u);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(queue.Pop(), i);
    EXPECT_TRUE(queue.Empty());
}

TEST(RingQueue, GrowsInTheMiddleOfAWrapWithoutLosingOrder) {
    RingQueue<int> queue;
    int in = 0;
    int out = 0;
    for (int round = 0; round < 50; ++round) {
        for (int i = 0; i < 7; ++i) queue.Push(in++);
        for (int i = 0; i < 5; ++i) EXPECT_EQ(queue.Pop(), out++);
    }
    while (!queue.Empty()) EXPECT_EQ(queue.Pop(), out++);
    EXPECT_EQ(out, in);
}

TEST(RingQueue, FrontStaysUntilPopped) {
    RingQueue<std::string> queue;
    queue.Push("first");
    queue.Push("second");
    EXPECT_EQ(queue.Front(), "first");
    EXPECT_EQ(queue.Pop(), "first");
    EXPECT_EQ(queue.Front(), "second");
}

TEST(RingQueue, PopLetsGoOfWhatTheElementHeld) {
    RingQueue<std::shared_ptr<int>> queue;
    const auto shared = std::make_shared<int>(1);
    queue.Push(shared);
    queue.Pop();
    EXPECT_EQ(shared.use_count(), 1);
}

TEST(RingQueueDeathTest, PopOfAnEmptyQueueIsABug) {
    RingQueue<int> queue;
    EXPECT_DEATH(queue.Pop(), "assertion failed");
}

}  // namespace
}  // namespace crsp
