// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/slurm-array.h"

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "apps/version/version.h"
#include "scenarios/lab/lab-hash.h"
#include "scenarios/lab/results-schema.h"
#include "scenarios/lab/slurm-files.h"

namespace crsp::lab {
namespace {

constexpr std::size_t kMostFolders = 100'000;

/// There while the array is open.
std::string JobPath(const std::string& folder) {
    return folder + "/job";
}

void MergeTask(const SlurmArray& array, std::size_t task, MergeCounts& all) {
    const std::string path = TaskResults(array.folder, task);
    if (!std::filesystem::exists(path)) return;
    try {
        const MergeCounts counts = MergeResults(array.plan.results, {path});
        all.added += counts.added;
        all.known += counts.known;
        all.conflicts.insert(all.conflicts.end(), counts.conflicts.begin(), counts.conflicts.end());
    } catch (const WrongResults& error) {
        fmt::print(stderr, "crsp-lab: {}\n", error.what());
    }
}

}  // namespace

Expected<std::string, std::string> MakeArrayFolder(const std::string& shared) {
    std::error_code error;
    std::filesystem::create_directories(shared, error);
    for (std::size_t number = 1; !error && number <= kMostFolders; ++number) {
        const std::string folder = fmt::format("{}/sweep-{}", shared, number);
        if (std::filesystem::create_directory(folder, error)) return folder;
    }
    const std::string why = error ? error.message() : std::string("too many folders in it");
    return Fail(fmt::format("--shared: cannot write '{}': {}", shared, why));
}

void SaveJob(const std::string& folder, const std::string& job) {
    SaveText(JobPath(folder), job + "\n");
}

std::vector<SlurmArray> OpenArrays(const std::string& shared, const std::string& results) {
    std::vector<SlurmArray> arrays;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(shared, none)) {
        const std::string folder = entry.path().string();
        const auto job = FirstLine(JobPath(folder));
        auto plan = LoadPlan(PlanPath(folder));
        if (!job || !plan || plan->results != results) continue;
        if (plan->engine != EngineHash() || plan->lab != LabHash()) continue;
        arrays.push_back({folder, std::move(*plan), *job});
    }
    std::sort(arrays.begin(), arrays.end(),
              [](const auto& a, const auto& b) { return a.folder < b.folder; });
    return arrays;
}

MergeCounts MergeArray(const SlurmArray& array) {
    MergeCounts counts;
    for (std::size_t task = 1; task <= array.plan.tasks.size(); ++task) {
        MergeTask(array, task, counts);
    }
    for (const std::string& conflict : counts.conflicts) {
        fmt::print(stderr, "crsp-lab: {}\n", conflict);
    }
    return counts;
}

void CloseArray(const SlurmArray& array, bool keep) {
    std::filesystem::remove(JobPath(array.folder));
    if (!keep) std::filesystem::remove_all(array.folder);
}

}  // namespace crsp::lab
