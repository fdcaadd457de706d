// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/original-run.h"

#include <gtest/gtest.h>

#include "scenarios/lab/scenario.h"

namespace crsp::lab {
namespace {

/// 40 portions.
Scenario TwentyKilobytes(double loss) {
    Scenario scenario;
    scenario.name = "original-test";
    scenario.stop = seconds(60);
    scenario.link.down.delay = scenario.link.up.delay = milliseconds(24);
    scenario.link.down.loss = scenario.link.up.loss = loss;
    scenario.content = {{"text", "", 20'000}};
    scenario.flows[0].script = {{seconds(0), Verb::kList, ""}, {seconds(1), Verb::kPlay, "text"}};
    return scenario;
}

TEST(OriginalRun, CleanLinkTakesHalfASecondForEachPortion) {
    const auto outcome = RunOriginalInNs3(TwentyKilobytes(0), 1);
    ASSERT_TRUE(outcome.completion);
    // 39 pauses; RENDER to the renderer and on to the server, contents back.
    EXPECT_NEAR(ToSeconds(*outcome.completion), 19.5 + 0.052, 0.01);
    EXPECT_EQ(outcome.bytesRendered, 20'000u);
    EXPECT_TRUE(outcome.hashEqual);
    EXPECT_EQ(outcome.commandsAnswered, 2u);
}

TEST(OriginalRun, LossIsMissingContentThereAndRepairedHere) {
    std::uint64_t missing = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const auto original = RunOriginalInNs3(TwentyKilobytes(0.1), seed);
        missing += 20'000 - original.bytesRendered;
        EXPECT_EQ(original.hashEqual, original.bytesRendered == 20'000 && original.completion);
        const auto ours = RunOursInNs3(TwentyKilobytes(0.1), seed);
        EXPECT_TRUE(ours.hashEqual);
        EXPECT_EQ(ours.bytesRendered, 20'000u);
        EXPECT_EQ(ours.commandsAnswered, 2u);
    }
    EXPECT_GT(missing, 0u);
}

TEST(OriginalRun, SameSeedIsTheSameRun) {
    const auto once = RunOriginalInNs3(TwentyKilobytes(0.1), 7);
    const auto again = RunOriginalInNs3(TwentyKilobytes(0.1), 7);
    EXPECT_EQ(once.completion, again.completion);
    EXPECT_EQ(once.bytesRendered, again.bytesRendered);
}

TEST(OriginalRun, WhatTheOriginalHasNoWordForIsNamed) {
    Scenario scenario = TwentyKilobytes(0);
    EXPECT_EQ(OriginalObstacle(scenario), "");
    scenario.flows[0].script.push_back({seconds(2), Verb::kStatus, ""});
    EXPECT_EQ(OriginalObstacle(scenario), "script: the original has no 'status'");
    scenario.flows.resize(2);
    EXPECT_EQ(OriginalObstacle(scenario), "several flows or sessions: expected one");
}

}  // namespace
}  // namespace crsp::lab
