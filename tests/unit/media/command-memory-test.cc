// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/command-memory.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

constexpr std::optional<PeerKey> kNobody = std::nullopt;

TEST(CommandMemory, FindsTheAnswerOfACommand) {
    CommandMemory memory;
    EXPECT_EQ(memory.Find(kNobody, 1), nullptr);
    memory.Remember(kNobody, PausedMessage{1, 2, 3});
    memory.Remember(kNobody, MakeError(9, MediaErrorCode::kBusy));
    ASSERT_NE(memory.Find(kNobody, 1), nullptr);
    EXPECT_EQ(*memory.Find(kNobody, 1), Message(PausedMessage{1, 2, 3}));
    EXPECT_EQ(*memory.Find(kNobody, 9), Message(MakeError(9, MediaErrorCode::kBusy)));
    EXPECT_EQ(memory.Find(kNobody, 0), nullptr);
}

TEST(CommandMemory, ForgetsTheOldestFirst) {
    CommandMemory memory;
    for (CommandId id = 1; id <= kRememberedCommands + 1; ++id) {
        memory.Remember(kNobody, StoppedMessage{id, 1, 0});
    }
    EXPECT_EQ(memory.Find(kNobody, 1), nullptr);
    EXPECT_NE(memory.Find(kNobody, 2), nullptr);
    EXPECT_NE(memory.Find(kNobody, kRememberedCommands + 1), nullptr);
}

TEST(CommandMemory, C7_TheCommandsOfOneKeyMeanNothingToAnother) {
    CommandMemory memory;
    const PeerKey ours{std::byte{1}};
    const PeerKey theirs{std::byte{2}};
    memory.Remember(theirs, StoppedMessage{7, 1, 0});
    EXPECT_EQ(memory.Find(ours, 7), nullptr);
    EXPECT_EQ(memory.Find(kNobody, 7), nullptr);
    memory.Remember(ours, PausedMessage{7, 1, 5});
    EXPECT_EQ(*memory.Find(ours, 7), Message(PausedMessage{7, 1, 5}));
    EXPECT_EQ(*memory.Find(theirs, 7), Message(StoppedMessage{7, 1, 0}));
}

}  // namespace
}  // namespace crsp
