// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/command-memory.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(CommandMemory, FindsTheAnswerOfACommand) {
    CommandMemory memory;
    EXPECT_EQ(memory.Find(1), nullptr);
    memory.Remember(PausedMessage{1, 2, 3});
    memory.Remember(MakeError(9, MediaErrorCode::kBusy));
    ASSERT_NE(memory.Find(1), nullptr);
    EXPECT_EQ(*memory.Find(1), Message(PausedMessage{1, 2, 3}));
    EXPECT_EQ(*memory.Find(9), Message(MakeError(9, MediaErrorCode::kBusy)));
    EXPECT_EQ(memory.Find(0), nullptr);
}

TEST(CommandMemory, ForgetsTheOldestFirst) {
    CommandMemory memory;
    for (CommandId id = 1; id <= kRememberedCommands + 1; ++id) {
        memory.Remember(StoppedMessage{id, 1, 0});
    }
    EXPECT_EQ(memory.Find(1), nullptr);
    EXPECT_NE(memory.Find(2), nullptr);
    EXPECT_NE(memory.Find(kRememberedCommands + 1), nullptr);
}

}  // namespace
}  // namespace crsp
