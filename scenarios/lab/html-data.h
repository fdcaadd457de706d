// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scenarios/lab/results-reader.h"
#include "scenarios/lab/selector.h"

namespace crsp::lab {

/// A file of a run's folder: its name in there, and where it is as seen from the page.
struct ReportFile {
    std::string name;
    std::string path;
};

/// The runs of a scenario that are equal in all but their seed, by seed.
struct ReportVariant {
    std::string name;
    std::vector<RunRow> runs;
};

struct ReportScenario {
    std::string name;
    std::string fixed;     ///< parameters that all its runs have, as text; empty if none
    nlohmann::json asked;  ///< of its first run; null if it cannot be read
    std::vector<ReportVariant> variants;
};

/// What a report is about.
struct ReportData {
    std::vector<ReportScenario> scenarios;
    std::size_t replaced = 0;  ///< runs left out, as the same was run later

    std::vector<const RunRow*> Runs() const;
};

/// Of the same run by several engines the latest, or each where `allEngines`.
ReportData LoadReport(ResultsReader& reader, const Selector& where, bool allEngines);

/// What is there to look at of a run; paths are relative to the folder `from`. Empty if its folder
/// was not kept or is gone.
std::vector<ReportFile> FilesOf(const RunRow& run, const std::string& from);

/// In a word: ok, failed, killed, crashed or not valid.
std::string RunVerdict(const RunRow& run);

/// Whether what the run measured is of what was configured, and of all of it.
inline bool IsMeasured(const RunRow& run) {
    return run.ended == "whole" && run.valid;
}

/// Whether the run looked at itself: live ones cannot, and others do at their end.
inline bool IsChecked(const RunRow& run) {
    return run.ended == "whole" && run.world != "live";
}

/// Whether the run came out as its scenario expects, and is fit to be compared.
inline bool IsGood(const RunRow& run) {
    return run.ended == "whole" && run.ok && run.valid;
}

}  // namespace crsp::lab
