// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/ring-queue.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>

#include "model/base/random.h"

namespace crsp {
namespace {

TEST(RingQueue, FirstInIsFirstOut) {
    RingQueue<int> queue;
    EXPECT_TRUE(queue.Empty());
    queue.Push(1);
    queue.Push(2);
    EXPECT_EQ(queue.Front(), 1);
    EXPECT_EQ(queue.Pop(), 1);
    EXPECT_EQ(queue.Pop(), 2);
    EXPECT_TRUE(queue.Empty());
}

TEST(RingQueue, AgreesWithADequeWhileItWrapsAndGrows) {
    Random random(1);
    RingQueue<std::uint64_t> queue;
    std::deque<std::uint64_t> model;
    for (int step = 0; step < 20'000; ++step) {
        if (random.Chance(step % 400 < 200 ? 0.6 : 0.4)) {
            model.push_back(random.Next());
            queue.Push(model.back());
        } else if (!model.empty()) {
            ASSERT_EQ(queue.Pop(), model.front());
            model.pop_front();
        }
        ASSERT_EQ(queue.Size(), model.size());
        if (!model.empty()) {
            ASSERT_EQ(queue.Front(), model.front());
        }
    }
}

TEST(RingQueue, PopLetsGoOfTheValue) {
    RingQueue<std::shared_ptr<int>> queue;
    const auto value = std::make_shared<int>(5);
    queue.Push(value);
    queue.Pop();
    EXPECT_EQ(value.use_count(), 1);
}

TEST(RingQueueDeathTest, PopOfNothingIsOurBug) {
    RingQueue<int> queue;
    EXPECT_DEATH(queue.Pop(), "Empty");
}

}  // namespace
}  // namespace crsp
