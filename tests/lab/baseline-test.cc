// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crsp::lab {
namespace {

using testing::ElementsAre;

Baseline Two() {
    return {{"a", {{"1", {{"goodput", "8"}, {"trace-digest", "abc"}}}, {"2", {{"goodput", "9"}}}}}};
}

TEST(Baseline, TextIsReadBackAndHasOneValueALine) {
    const std::string text = BaselineText(Two());
    EXPECT_EQ(ParseBaseline(text), Two());
    EXPECT_THAT(text, testing::HasSubstr("\n    \"goodput\": \"8\",\n"));
    EXPECT_THAT(text, testing::HasSubstr("./run baseline --write"));
}

TEST(Baseline, EveryMoveIsNamed) {
    EXPECT_TRUE(BaselineMoves(Two(), Two()).empty());
    Baseline now = Two();
    now["a"]["1"]["goodput"] = "7.6";
    now["a"]["1"]["trace-digest"] = "def";
    now["a"]["2"] = {{"stalls", "1"}};
    EXPECT_THAT(BaselineMoves(Two(), now),
                ElementsAre("a seed 1: goodput moved from 8 to 7.6 (-5 %)",
                            "a seed 1: trace-digest moved from abc to def",
                            "a seed 2: goodput moved from 9 to none",
                            "a seed 2: stalls moved from none to 1"));
    EXPECT_EQ(BaselineMoves({}, Two()).size(), 3u);
}

}  // namespace
}  // namespace crsp::lab
