// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/lab/campaign.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/results-store.h"
#include "scenarios/lab/scenario.h"
#include "scenarios/lab/sweep-command.h"

namespace crsp::lab {

/// One file with one value of each key.
struct SweepVariant {
    Scenario scenario;
    std::string file;
    std::vector<std::string> assignments;  ///< given and varied
    std::string hash;
    std::string command;  ///< that repeats a run, without its seed
    std::string branch;
    std::vector<std::uint64_t> seeds;    ///< of this shard
    std::vector<std::uint64_t> missing;  ///< of these
};

/// All that a sweep is about.
struct Sweep {
    std::vector<SweepVariant> variants;
    std::size_t runs = 0;
    std::size_t missing = 0;
};

/// What came of a sweep's missing runs.
struct SweepEnd {
    int code = kExitOk;      ///< of a sweep that ends here: it was stopped or refused, and said so
    bool conflicts = false;  ///< runs had another digest than is stored, which has been said
    std::vector<std::vector<Outcome>>
        ran;  ///< of each variant; those of them that are stored may be left out
};

World WorldOf(const SweepCommand& command);

/// Where the database is.
std::string ResultsPath(const SweepCommand& command);

/// Every combination of file, values and seed, of the command's shard; which are missing is not
/// known yet. Nothing if the command is refused: what is wrong is said on stderr, and `code` is
/// that to exit with.
std::optional<Sweep> PlanSweep(const SweepCommand& command, int& code);

/// Finds out which runs are missing.
void FindMissing(const SweepCommand& command, ResultsStore& store, Sweep& sweep);

/// As `2 variants, 4 runs, 1 stored, 3 to run`.
std::string CountsText(const Sweep& sweep);

}  // namespace crsp::lab
