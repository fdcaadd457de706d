// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/stream-events.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(StreamEventQueue, GivesEventsInTheirOrderAlsoWhenMoreComeMeanwhile) {
    StreamEventQueue queue;
    EXPECT_FALSE(queue.Poll());
    queue.Push({StreamEventKind::kOpened, 1});
    queue.Push({StreamEventKind::kReadable, 1});
    EXPECT_EQ(queue.Poll(), (StreamEvent{StreamEventKind::kOpened, 1}));
    queue.Push({StreamEventKind::kReset, 1, 9});
    EXPECT_EQ(queue.Poll(), (StreamEvent{StreamEventKind::kReadable, 1}));
    EXPECT_EQ(queue.Poll(), (StreamEvent{StreamEventKind::kReset, 1, 9}));
    EXPECT_FALSE(queue.Poll());
    queue.Push({StreamEventKind::kStopped, 5, 2});
    EXPECT_EQ(queue.Poll(), (StreamEvent{StreamEventKind::kStopped, 5, 2}));
    EXPECT_FALSE(queue.Poll());
}

}  // namespace
}  // namespace crsp
