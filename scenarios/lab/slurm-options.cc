// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/slurm-options.h"

#include <array>

#include "apps/cli/usage.h"
#include "scenarios/lab/command-limits.h"

namespace crsp::lab {
namespace {

constexpr std::array<const char*, 5> kSlurmOnly{"--partition", "--array-limit", "--runs-per-task",
                                                "--shared", "--sbatch-option"};

}  // namespace

void DeclareSlurmOptions(CLI::App& sub, SlurmOptions& options) {
    sub.add_option("-p,--partition", options.partition, "With Slurm: the partition")
        ->type_name("NAME");
    AddCount(sub, "--array-limit", options.arrayLimit, 0, kMaxSeeds,
             "With Slurm: tasks at a time; 0 means as many as there is room for");
    AddCount(sub, "--runs-per-task", options.runsPerTask, 0, kMaxSeeds,
             "With Slurm: runs of one task; 0 means as few as make a hundred tasks");
    sub.add_option("--shared", options.shared,
                   "With Slurm: a folder that every node sees under this name; OUT/slurm if not "
                   "given")
        ->type_name("DIR");
    sub.add_option("--sbatch-option", options.more,
                   "With Slurm: an option for sbatch, as in --sbatch-option time=30; repeatable")
        ->type_name("OPTION")
        ->take_all()
        ->expected(1);
}

void CheckSlurmOptions(const CLI::App& sub, const std::string& executor) {
    if (executor == "slurm") {
        // What a live run measures is the machine as well, and who shares it.
        if (sub.count("--live") > 0) {
            throw CLI::ValidationError("--live", "expected the executor local, got 'slurm'");
        }
        return;
    }
    for (const char* name : kSlurmOnly) {
        if (sub.count(name) > 0) {
            throw CLI::ValidationError(name, "expected the executor slurm, got '" + executor + "'");
        }
    }
}

}  // namespace crsp::lab
