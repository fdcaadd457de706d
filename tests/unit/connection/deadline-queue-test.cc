// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/deadline-queue.h"

#include <gtest/gtest.h>

#include <map>

#include "model/base/random.h"

namespace crsp {
namespace {

constexpr TimePoint At(std::uint64_t ms) {
    return TimePoint{} + milliseconds(static_cast<std::int64_t>(ms));
}

TEST(DeadlineQueue, EmptyHasNothingDue) {
    DeadlineQueue queue;
    EXPECT_FALSE(queue.Next());
    EXPECT_FALSE(queue.PopDue(At(1'000'000)));
}

TEST(DeadlineQueue, PopsInOrderOfTimeAndOnlyWhatIsDue) {
    DeadlineQueue queue;
    queue.Set(1, At(30));
    queue.Set(2, At(10));
    queue.Set(3, At(20));
    EXPECT_EQ(queue.Next(), At(10));
    EXPECT_FALSE(queue.PopDue(At(9)));
    EXPECT_EQ(queue.PopDue(At(20)), 2u);
    EXPECT_EQ(queue.PopDue(At(20)), 3u);
    EXPECT_FALSE(queue.PopDue(At(20)));
    EXPECT_EQ(queue.Next(), At(30));
}

TEST(DeadlineQueue, TiesGoToTheLowerKeyWhateverTheHistory) {
    DeadlineQueue queue;
    for (const DeadlineQueue::Key key : {5, 1, 4, 2, 3}) queue.Set(key, At(10));
    for (DeadlineQueue::Key key = 1; key <= 5; ++key) EXPECT_EQ(queue.PopDue(At(10)), key);
}

TEST(DeadlineQueue, MovesEarlierAndLater) {
    DeadlineQueue queue;
    queue.Set(1, At(10));
    queue.Set(2, At(20));
    queue.Set(2, At(5));
    EXPECT_EQ(queue.Next(), At(5));
    queue.Set(2, At(50));
    EXPECT_EQ(queue.Next(), At(10));
}

TEST(DeadlineQueue, StoppedAndForgottenKeysAreNotDue) {
    DeadlineQueue queue;
    queue.Set(1, At(10));
    queue.Set(2, At(20));
    queue.Set(3, At(30));
    queue.Set(1, std::nullopt);
    queue.Forget(2);
    EXPECT_EQ(queue.PopDue(At(100)), 3u);
    EXPECT_FALSE(queue.PopDue(At(100)));
    queue.Set(1, At(40));
    EXPECT_EQ(queue.Next(), At(40));
}

TEST(DeadlineQueue, AgreesWithASortedMapOverRandomChanges) {
    DeadlineQueue queue;
    std::map<DeadlineQueue::Key, TimePoint> model;
    Random random(7);
    for (int i = 0; i < 20'000; ++i) {
        const auto key = random.Below(40);
        if (random.Chance(0.7)) {
            model[key] = At(random.Below(1000));
            queue.Set(key, model[key]);
        } else if (random.Chance(0.5)) {
            model.erase(key);
            queue.Forget(key);
        } else if (const auto popped = queue.PopDue(At(500))) {
            for (const auto& [other, at] : model) EXPECT_GE(at, model.at(*popped)) << other;
            model.erase(*popped);
        }
        std::optional<TimePoint> earliest;
        for (const auto& [other, at] : model) earliest = std::min(earliest.value_or(at), at);
        ASSERT_EQ(queue.Next(), earliest);
    }
}

}  // namespace
}  // namespace crsp
