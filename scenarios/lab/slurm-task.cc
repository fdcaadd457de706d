// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/slurm-task.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <list>
#include <map>
#include <optional>

#include "apps/cli/usage.h"
#include "apps/version/version.h"
#include "scenarios/lab/campaign.h"
#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/lab-hash.h"
#include "scenarios/lab/scenario-command.h"
#include "scenarios/lab/slurm-plan.h"

namespace crsp::lab {
namespace {

/// What one task is about.
struct Task {
    SlurmPlan plan;
    std::string folder;
    std::uint64_t number = 0;

    /// Where runs leave their files. Those that are not kept go where no other task writes.
    std::string Out() const {
        return plan.traces ? plan.out : fmt::format("{}/{}.runs", folder, number);
    }
};

bool IsSameProgram(const SlurmPlan& plan) {
    if (plan.engine == EngineHash() && plan.lab == LabHash()) return true;
    fmt::print(stderr,
               "crsp-lab: the plan is of another build of crsp-lab: expected engine {}, "
               "got {}\n",
               plan.engine, EngineHash());
    return false;
}

std::optional<Scenario> ReadPlanned(const Task& task, const PlannedVariant& variant, int& code) {
    auto scenario = ReadOrComplain(variant.file, variant.assignments, code);
    if (!scenario) return std::nullopt;
    if (task.plan.wallLimit > Duration::zero()) scenario->wallLimit = task.plan.wallLimit;
    if (ScenarioHash(*scenario) == variant.hash) return scenario;
    fmt::print(stderr, "crsp-lab: {}: it or its content has changed since the sweep began\n",
               variant.file);
    code = kExitBadData;
    return std::nullopt;
}

Campaign CampaignOf(const Task& task, const PlannedVariant& variant, const Scenario& scenario,
                    std::vector<std::uint64_t> seeds) {
    CampaignOptions options;
    options.out = task.Out();
    options.seeds = std::move(seeds);
    options.parallel = task.plan.jobs;
    options.pcap = options.qlog = options.keep = task.plan.traces;
    options.branch = variant.branch;
    options.command = variant.command;
    return {&scenario, World::kNs3, std::move(options)};
}

/// A task that its machine was lost to is begun again by Slurm, and finds what it had stored.
int RunTask(const Task& task) {
    std::map<std::size_t, std::vector<std::uint64_t>> seeds;
    for (const PlannedRun& run : task.plan.tasks[task.number - 1]) {
        seeds[run.variant].push_back(run.seed);
    }
    int code = kExitOk;
    ResultsStore store(TaskResults(task.folder, task.number));
    std::list<Scenario> scenarios;
    std::vector<Campaign> campaigns;
    for (auto& [index, ofVariant] : seeds) {
        const PlannedVariant& variant = task.plan.variants[index];
        auto scenario = ReadPlanned(task, variant, code);
        if (!scenario) return code;
        std::erase_if(ofVariant, [&](std::uint64_t seed) {
            return store.Find(variant.hash, scenario->parameters, ToString(World::kNs3), seed);
        });
        scenarios.push_back(std::move(*scenario));
        campaigns.push_back(CampaignOf(task, variant, scenarios.back(), std::move(ofVariant)));
    }
    int signal = 0;
    RunCampaigns("task", campaigns, store, signal);
    if (!task.plan.traces) std::filesystem::remove_all(task.Out());
    return signal == 0 ? kExitOk : kExitSignal + signal;
}

}  // namespace

void DeclareTaskCommand(CLI::App& app, TaskCommand& command) {
    CLI::App* sub = app.add_subcommand(
        "slurm-task", "Run one task of a plan, as the arrays of sweep --executor slurm do");
    sub->add_option("plan", command.plan, "The plan")->type_name("FILE")->required();
    AddCount(*sub, "task", command.task, 1, kMaxSeeds, "The number of the task")->required();
}

int RunTaskCommand(const TaskCommand& command) {
    auto plan = LoadPlan(command.plan);
    if (!plan) {
        fmt::print(stderr, "crsp-lab: {}\n", plan.error());
        return std::filesystem::exists(command.plan) ? kExitBadData : kExitNoInput;
    }
    if (!IsSameProgram(*plan)) return kExitBadData;
    if (command.task > plan->tasks.size()) {
        fmt::print(stderr, "crsp-lab: task: expected one of 1 to {}, got '{}'\n",
                   plan->tasks.size(), command.task);
        return kExitUsage;
    }
    const std::string folder = std::filesystem::absolute(command.plan).parent_path().string();
    return RunTask({std::move(*plan), folder, command.task});
}

}  // namespace crsp::lab
