// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/slurm-sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "scenarios/lab/results-reader.h"
#include "scenarios/lab/results-schema.h"
#include "scenarios/lab/slurm-array.h"
#include "scenarios/lab/slurm-files.h"
#include "scenarios/lab/slurm-wait.h"

namespace crsp::lab {
namespace {

/// What tells a run apart within those of one engine, laboratory and world: the hash of what was
/// asked, the parameters and the seed.
using RunKey = std::tuple<std::string, std::string, std::uint64_t>;

RunKey KeyOf(const SlurmPlan& plan, const PlannedRun& run) {
    const PlannedVariant& variant = plan.variants[run.variant];
    return {variant.hash, variant.parameters, run.seed};
}

std::set<RunKey> MissingRuns(const Sweep& sweep) {
    std::set<RunKey> missing;
    for (const SweepVariant& variant : sweep.variants) {
        const std::string parameters = ParametersText(variant.scenario.parameters);
        for (const std::uint64_t seed : variant.missing) {
            missing.insert({variant.hash, parameters, seed});
        }
    }
    return missing;
}

bool HasOneOf(const SlurmPlan& plan, const std::set<RunKey>& missing) {
    for (const auto& task : plan.tasks) {
        for (const PlannedRun& run : task) {
            if (missing.count(KeyOf(plan, run)) > 0) return true;
        }
    }
    return false;
}

std::string SharedFolder(const SweepCommand& command) {
    const std::string& given = command.slurm.shared;
    return WholePath(given.empty() ? command.out + "/slurm" : given);
}

SweepEnd Refused(int code, const std::string& sentence) {
    fmt::print(stderr, "crsp-lab: {}\n", sentence);
    return {code, false, {}};
}

/// Why the runs are missing that the task has stored as killed or crashed.
std::map<RunKey, std::string> Broken(const SlurmArray& array, std::size_t task) {
    std::map<RunKey, std::string> broken;
    const std::string path = TaskResults(array.folder, task);
    if (!std::filesystem::exists(path)) return broken;
    try {
        for (const RunRow& row : ResultsReader(path).Runs()) {
            if (row.ended == "whole") continue;
            const RunKey key{row.scenarioHash, ParametersText(row.parameters), row.seed};
            broken.emplace(key, row.problem);
        }
    } catch (const WrongResults&) {
        // MergeArray has said what is wrong with it.
    }
    return broken;
}

/// A task that was cancelled while it waited is not listed any more.
std::string EndText(const TaskStates& states, std::size_t task) {
    const auto last = states.find(task);
    const bool known = last != states.end() && last->second.Ended();
    return known ? last->second.state : "not listed any more";
}

/// Why a run is missing that its task should have made.
std::string MissingText(const SlurmArray& array, std::size_t task, const TaskStates& states) {
    const std::string log = TaskLog(array.folder, task);
    return fmt::format("missing: task {} of job {} ended before it ({}){}", task,
                       JobNumber(array.job), EndText(states, task),
                       std::filesystem::exists(log) ? "; see " + log : std::string());
}

void AddMissing(const SlurmArray& array, std::size_t task, const TaskStates& states,
                const std::set<RunKey>& missing, std::vector<std::vector<Outcome>>& ran) {
    const auto broken = Broken(array, task);
    for (const PlannedRun& run : array.plan.tasks[task - 1]) {
        const RunKey key = KeyOf(array.plan, run);
        if (missing.count(key) == 0) continue;
        Outcome outcome;
        outcome.seed = run.seed;
        outcome.end = RunEnd::kCrashed;
        const auto found = broken.find(key);
        outcome.problem = found != broken.end() ? found->second : MissingText(array, task, states);
        ran[run.variant].push_back(std::move(outcome));
    }
}

/// Waits and merges. Nothing if the sweep ends here, and then `end` says how.
std::optional<TaskStates> Finish(const SlurmQueue& queue, const SlurmArray& array, SweepEnd& end) {
    TaskStates states;
    end.code = AwaitArray(queue, array, states);
    if (end.code != kExitOk) return std::nullopt;
    const MergeCounts counts = MergeArray(array);
    end.conflicts = end.conflicts || !counts.conflicts.empty();
    fmt::print(stderr, "sweep: job {}: {} runs merged\n", JobNumber(array.job), counts.added);
    return states;
}

/// Whether the sweep goes on.
bool TakeUp(const SweepCommand& command, const SlurmQueue& queue, ResultsStore& store, Sweep& sweep,
            SweepEnd& end) {
    bool any = false;
    for (const SlurmArray& array :
         OpenArrays(SharedFolder(command), WholePath(ResultsPath(command)))) {
        if (!HasOneOf(array.plan, MissingRuns(sweep))) continue;
        fmt::print(stderr, "sweep: taking up job {} of {}\n", JobNumber(array.job), array.folder);
        if (!Finish(queue, array, end)) return false;
        FindMissing(command, store, sweep);
        CloseArray(array, HasOneOf(array.plan, MissingRuns(sweep)));
        any = true;
    }
    if (any) fmt::print(stderr, "sweep: {}\n", CountsText(sweep));
    return true;
}

SweepEnd SubmitAndFinish(const SweepCommand& command, const SlurmQueue& queue, ResultsStore& store,
                         Sweep& sweep, SweepEnd end) {
    const auto folder = MakeArrayFolder(SharedFolder(command));
    if (!folder) return Refused(kExitConfig, folder.error());
    SlurmArray array{*folder, PlanArray(command, sweep), ""};
    SavePlan(*folder, array.plan);
    const std::string script = *folder + "/array.sh";
    SaveText(script, ArrayScript(std::filesystem::read_symlink("/proc/self/exe"), *folder));
    const std::size_t tasks = array.plan.tasks.size();
    const auto job = queue.Submit(*folder, script, tasks, command.jobs, command.slurm);
    if (!job) {
        std::filesystem::remove_all(*folder);
        return Refused(kExitUnavailable, "sbatch refused the array: " + job.error());
    }
    array.job = *job;
    SaveJob(*folder, *job);
    fmt::print(stderr, "sweep: submitted job {}: {} tasks, up to {} runs each; in {}\n",
               JobNumber(*job), tasks, array.plan.tasks[0].size(), *folder);
    const auto states = Finish(queue, array, end);
    if (!states) return end;
    FindMissing(command, store, sweep);
    const auto missing = MissingRuns(sweep);
    for (std::size_t task = 1; task <= tasks; ++task) {
        AddMissing(array, task, *states, missing, end.ran);
    }
    CloseArray(array, HasOneOf(array.plan, missing));
    return end;
}

}  // namespace

SweepEnd RunOnSlurm(const SweepCommand& command, ResultsStore& store, Sweep& sweep) {
    SweepEnd end;
    end.ran.resize(sweep.variants.size());
    if (sweep.missing == 0) return end;
    const auto queue = SlurmQueue::Find();
    if (!queue) return Refused(kExitConfig, queue.error());
    WatchSignals();
    if (!TakeUp(command, *queue, store, sweep, end) || sweep.missing == 0) return end;
    return SubmitAndFinish(command, *queue, store, sweep, std::move(end));
}

}  // namespace crsp::lab
