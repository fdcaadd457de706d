// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/run-end.h"

#include <fmt/format.h>

#include "scenarios/lab/exit-code.h"

namespace crsp::lab {

RunEnd EndOf(const JobResult& result) {
    if (result.timedOut) return RunEnd::kKilled;
    const bool whole = result.exitCode == kExitOk || result.exitCode == kExitFailed;
    return whole ? RunEnd::kWhole : RunEnd::kCrashed;
}

std::string ProblemOf(const RunFile& file, const JobResult& result) {
    switch (EndOf(result)) {
        case RunEnd::kKilled:
            return fmt::format("killed at its wall limit after {:.0f} s", result.wallSeconds);
        case RunEnd::kCrashed:
            return fmt::format("the run's process ended with exit code {}", result.exitCode);
        default:
            return fmt::format("{}", fmt::join(file.shortfalls, "; "));
    }
}

bool Store(ResultsStore& store, StoredRun& run) {
    try {
        store.Add(run);
        return true;
    } catch (const DigestMismatch& mismatch) {
        run.ok = false;
        run.problem = mismatch.what();
    } catch (const WholeRunStays& stays) {
        run.problem = fmt::format("{}; {}", run.problem, stays.what());
    }
    return false;
}

}  // namespace crsp::lab
