// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/command.h"

#include <gtest/gtest.h>

#include <set>

namespace crsp {
namespace {

TEST(Verb, WordsAndVerbsAgree) {
    for (const Verb verb : {Verb::kList, Verb::kPlay, Verb::kPause, Verb::kResume, Verb::kRestart,
                            Verb::kStop, Verb::kStatus}) {
        EXPECT_EQ(VerbFromText(ToString(verb)), verb);
    }
    EXPECT_EQ(VerbFromText("Play"), std::nullopt);
    EXPECT_EQ(VerbFromText(""), std::nullopt);
    EXPECT_EQ(ToString(static_cast<Verb>(99)), "unknown");
}

TEST(CommandIds, ControllersOfDifferentInstanceDoNotMeet) {
    std::set<CommandId> seen;
    for (std::uint64_t instance = 0; instance < 100; ++instance) {
        CommandIds ids(instance);
        for (int i = 0; i < 100; ++i) {
            const CommandId id = ids.Next();
            EXPECT_NE(id, 0u);
            EXPECT_TRUE(seen.insert(id).second) << instance;
        }
    }
}

TEST(CommandIds, AreTheSameForTheSameInstance) {
    CommandIds a(5);
    CommandIds b(5);
    EXPECT_EQ(a.Next(), b.Next());
    const CommandId second = a.Next();
    EXPECT_EQ(a.Next(), second + 1);
}

}  // namespace
}  // namespace crsp
