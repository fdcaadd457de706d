// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/library.h"

#include <gtest/gtest.h>

namespace crsp::lab {
namespace {

Scenario WithGates() {
    Scenario scenario;
    scenario.name = "s";
    scenario.expectations = {{"completion-time", std::nullopt, 5}, {"goodput", 2, 3}};
    return scenario;
}

Outcome Of(std::uint64_t seed, double time, double goodput, bool ok) {
    Outcome outcome;
    outcome.seed = seed;
    outcome.ok = ok;
    outcome.metrics = {{"completion-time", time}, {"goodput", goodput}};
    return outcome;
}

TEST(Library, LineShowsWhatTheFileExpectsFirst) {
    const auto line = LineOf(WithGates(), {Of(1, 4, 2.5, true), Of(2, 4.5, 2.5, true)});
    EXPECT_EQ(line.verdict, "ok");
    EXPECT_EQ(line.figure, "completion-time 4.25 (4 to 4.5) s");
    EXPECT_EQ(line.gate, "<= 5");
}

TEST(Library, LineShowsWhatWasMissed) {
    const auto line = LineOf(WithGates(), {Of(1, 4, 2.5, true), Of(2, 4, 1, false)});
    EXPECT_EQ(line.verdict, "FAILED 1/2");
    EXPECT_EQ(line.figure, "goodput 1.75 (1 to 2.5) Mbit/s");
    EXPECT_EQ(line.gate, "2 to 3");
}

TEST(Library, ValueThatIsMissingIsMissed) {
    const auto line = LineOf(WithGates(), {Outcome{}});
    EXPECT_EQ(line.verdict, "FAILED 1/1");
    EXPECT_EQ(line.figure, "completion-time -");
}

}  // namespace
}  // namespace crsp::lab
