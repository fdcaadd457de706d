// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/slurm-plan.h"

#include <gmock/gmock.h>

#include "scenarios/lab/slurm-queue.h"
#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

Sweep SweepOf(const std::vector<std::vector<std::uint64_t>>& missing) {
    Sweep sweep;
    for (const auto& seeds : missing) {
        SweepVariant variant;
        variant.file = "x.toml";
        variant.hash = std::to_string(sweep.variants.size());
        variant.missing = seeds;
        sweep.variants.push_back(std::move(variant));
    }
    return sweep;
}

auto IsRun(std::size_t variant, std::uint64_t seed) {
    return AllOf(Field(&PlannedRun::variant, variant), Field(&PlannedRun::seed, seed));
}

TEST(SlurmPlan, TasksHoldTheMissingRunsInTheirOrder) {
    SweepCommand command;
    command.slurm.runsPerTask = 2;
    const SlurmPlan plan = PlanArray(command, SweepOf({{1, 3}, {}, {7, 8, 9}}));
    EXPECT_THAT(plan.tasks,
                ElementsAre(ElementsAre(IsRun(0, 1), IsRun(0, 3)),
                            ElementsAre(IsRun(2, 7), IsRun(2, 8)), ElementsAre(IsRun(2, 9))));
    EXPECT_EQ(plan.variants.size(), 3u);
}

TEST(SlurmPlan, TasksAreAHundredAtMostUnlessToldOtherwise) {
    SweepCommand command;
    const auto tasksOf = [&](std::size_t runs) {
        return PlanArray(command, SweepOf({std::vector<std::uint64_t>(runs, 1)})).tasks.size();
    };
    EXPECT_EQ(tasksOf(7), 7u);
    EXPECT_EQ(tasksOf(100), 100u);
    EXPECT_EQ(tasksOf(101), 51u);
    command.slurm.runsPerTask = 1;
    EXPECT_EQ(tasksOf(101), 101u);
}

TEST(SlurmPlan, ComesBackFromItsFile) {
    const TempDir folder;
    SweepCommand command;
    command.out = "o u t";
    command.traces = true;
    command.jobs = 3;
    command.wallLimit = seconds(9);
    Sweep sweep = SweepOf({{1}, {1'000'000'000'000'000}});
    sweep.variants[1].assignments = {"link.loss=2 %", "a=\"'b'\""};
    sweep.variants[1].branch = "branch";
    sweep.variants[1].command = "./run scenario x.toml";
    sweep.variants[1].scenario.parameters = {{"link.loss", "2 %"}};
    SavePlan(folder.Path(), PlanArray(command, sweep));
    const auto plan = LoadPlan(PlanPath(folder.Path()));
    ASSERT_TRUE(plan) << plan.error();
    EXPECT_EQ(plan->out, "o u t");
    EXPECT_TRUE(plan->traces);
    EXPECT_EQ(plan->jobs, 3u);
    EXPECT_EQ(plan->wallLimit, seconds(9));
    EXPECT_THAT(plan->results, testing::StartsWith("/"));
    EXPECT_THAT(plan->results, testing::EndsWith("/o u t/results.sqlite"));
    EXPECT_THAT(plan->tasks, ElementsAre(ElementsAre(IsRun(0, 1)),
                                         ElementsAre(IsRun(1, 1'000'000'000'000'000))));
    EXPECT_EQ(plan->variants[1].file, "x.toml");
    EXPECT_EQ(plan->variants[1].assignments, sweep.variants[1].assignments);
    EXPECT_EQ(plan->variants[1].hash, "1");
    EXPECT_EQ(plan->variants[1].parameters, "{\"link.loss\":\"2 %\"}");
    EXPECT_EQ(plan->variants[1].branch, "branch");
    EXPECT_EQ(plan->variants[1].command, "./run scenario x.toml");
}

TEST(SlurmPlan, WhatIsNoPlanIsRefused) {
    const TempDir folder;
    EXPECT_THAT(LoadPlan(folder.Path("none")).error(), HasSubstr("cannot be read"));
    for (const char* text : {"", "[]", "{\"schema\": 1}", "{\"schema\": \"crsp.sweep-plan/1\"}"}) {
        EXPECT_THAT(LoadPlan(folder.Write("plan.json", text)).error(),
                    HasSubstr("expected a plan of sweep"))
            << text;
    }
    SavePlan(folder.Path(), PlanArray({}, SweepOf({{1}})));
    std::string text = ReadFile(PlanPath(folder.Path()));
    const auto task = text.rfind("0,");
    ASSERT_NE(task, std::string::npos);
    text[task] = '1';
    const auto wrong = LoadPlan(folder.Write("plan.json", text));
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error(), HasSubstr("a run of no variant"));
}

TEST(SlurmPlan, TheScriptRunsOneTaskOfThePlanWhateverThePathsAreCalled) {
    const std::string script = ArrayScript("/bin/crsp-lab", "/a b/it's");
    EXPECT_THAT(script, testing::StartsWith("#!/bin/sh\n"));
    EXPECT_THAT(script, HasSubstr("\nexec /bin/crsp-lab slurm-task '/a b/it'\\''s/plan.json' "
                                  "\"$SLURM_ARRAY_TASK_ID\"\n"));
}

TEST(SlurmQueue, OnlyTasksThatCannotGoOnHaveEnded) {
    for (const char* state :
         {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY"}) {
        EXPECT_TRUE((TaskState{state, "None"}.Ended())) << state;
    }
    for (const char* state :
         {"PENDING", "RUNNING", "COMPLETING", "SUSPENDED", "REQUEUED", "CONFIGURING", "NEW"}) {
        EXPECT_FALSE((TaskState{state, "None"}.Ended())) << state;
    }
}

TEST(SlurmQueue, AJobOfAnotherClusterHasANumberToo) {
    EXPECT_EQ(JobNumber("12"), "12");
    EXPECT_EQ(JobNumber("12;east"), "12");
}

}  // namespace
}  // namespace crsp::lab
