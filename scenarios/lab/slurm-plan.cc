// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/slurm-plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/version/version.h"
#include "scenarios/lab/lab-hash.h"
#include "scenarios/lab/scenario-command.h"
#include "scenarios/lab/slurm-files.h"

namespace crsp::lab {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "crsp.sweep-plan/1";

std::vector<std::vector<PlannedRun>> CutIntoTasks(const std::vector<PlannedRun>& runs,
                                                  std::size_t runsPerTask) {
    std::vector<std::vector<PlannedRun>> tasks;
    for (const PlannedRun& run : runs) {
        if (tasks.empty() || tasks.back().size() == runsPerTask) tasks.emplace_back();
        tasks.back().push_back(run);
    }
    return tasks;
}

json ToJson(const PlannedVariant& variant) {
    return {{"file", variant.file},     {"set", variant.assignments},
            {"hash", variant.hash},     {"parameters", variant.parameters},
            {"branch", variant.branch}, {"command", variant.command}};
}

json ToJson(const std::vector<PlannedRun>& task) {
    json runs = json::array();
    for (const PlannedRun& run : task) runs.push_back({run.variant, run.seed});
    return runs;
}

PlannedVariant ToVariant(const json& from) {
    return {from.at("file"),       from.at("set"),    from.at("hash"),
            from.at("parameters"), from.at("branch"), from.at("command")};
}

std::vector<PlannedRun> ToTask(const json& from, std::size_t variants) {
    std::vector<PlannedRun> task;
    for (const json& run : from) {
        task.push_back({run.at(0), run.at(1)});
        if (task.back().variant >= variants) throw std::runtime_error("a run of no variant");
    }
    return task;
}

SlurmPlan ToPlan(const json& from) {
    if (from.at("schema") != kSchema) throw std::runtime_error("another schema");
    SlurmPlan plan;
    plan.engine = from.at("engine");
    plan.lab = from.at("lab");
    plan.results = from.at("results");
    plan.out = from.at("out");
    plan.traces = from.at("traces");
    plan.jobs = from.at("jobs");
    plan.wallLimit = Duration(from.at("wall-limit-ns").get<Duration::rep>());
    for (const json& variant : from.at("variants")) plan.variants.push_back(ToVariant(variant));
    for (const json& task : from.at("tasks")) {
        plan.tasks.push_back(ToTask(task, plan.variants.size()));
    }
    return plan;
}

}  // namespace

SlurmPlan PlanArray(const SweepCommand& command, const Sweep& sweep) {
    SlurmPlan plan;
    plan.engine = EngineHash();
    plan.lab = LabHash();
    plan.results = WholePath(ResultsPath(command));
    plan.out = command.out;
    plan.traces = command.traces;
    plan.jobs = command.jobs;
    plan.wallLimit = command.wallLimit;
    std::vector<PlannedRun> runs;
    for (const SweepVariant& variant : sweep.variants) {
        for (const std::uint64_t seed : variant.missing) {
            runs.push_back({plan.variants.size(), seed});
        }
        plan.variants.push_back({variant.file, variant.assignments, variant.hash,
                                 ParametersText(variant.scenario.parameters), variant.branch,
                                 variant.command});
    }
    const std::uint64_t fewest = (runs.size() + kMostTasks - 1) / kMostTasks;
    const std::uint64_t asked = command.slurm.runsPerTask;
    plan.tasks = CutIntoTasks(runs, asked > 0 ? asked : fewest);
    return plan;
}

std::string PlanPath(const std::string& folder) {
    return folder + "/plan.json";
}

std::string TaskResults(const std::string& folder, std::size_t task) {
    return fmt::format("{}/{}.sqlite", folder, task);
}

std::string TaskLog(const std::string& folder, std::size_t task) {
    return fmt::format("{}/{}.log", folder, task);
}

void SavePlan(const std::string& folder, const SlurmPlan& plan) {
    json variants = json::array();
    for (const PlannedVariant& variant : plan.variants) variants.push_back(ToJson(variant));
    json tasks = json::array();
    for (const auto& task : plan.tasks) tasks.push_back(ToJson(task));
    const json whole{{"schema", kSchema},    {"engine", plan.engine},
                     {"lab", plan.lab},      {"results", plan.results},
                     {"out", plan.out},      {"traces", plan.traces},
                     {"jobs", plan.jobs},    {"wall-limit-ns", plan.wallLimit.count()},
                     {"variants", variants}, {"tasks", tasks}};
    // Names of files need not be UTF-8.
    SaveText(PlanPath(folder), whole.dump(1, ' ', true, json::error_handler_t::replace) + "\n");
}

Expected<SlurmPlan, std::string> LoadPlan(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Fail(fmt::format("{}: cannot be read", path));
    try {
        return ToPlan(json::parse(file));
    } catch (const std::exception& error) {
        return Fail(fmt::format("{}: expected a plan of sweep: {}", path, error.what()));
    }
}

std::string ArrayScript(const std::string& program, const std::string& folder) {
    return fmt::format(
        "#!/bin/sh\n"
        "# One task of a sweep.\n"
        "#SBATCH --job-name=crsp-sweep\n"
        "#SBATCH --ntasks=1\n"
        "exec {} slurm-task {} \"$SLURM_ARRAY_TASK_ID\"\n",
        ShellWord(program), ShellWord(PlanPath(folder)));
}

}  // namespace crsp::lab
