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

    /// The one that stands for all where one is looked at: of the lowest seed among those that
    /// IsMeasured, or else of all.
    const RunRow& Shown() const;
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
    std::size_t otherFile = 0;   ///< runs left out, of another scenario file than the latest
    std::size_t otherBuild = 0;  ///< runs left out, of another engine or laboratory

    std::vector<const RunRow*> Runs() const;
};

/// Of each variant the runs of one scenario file and one build, those of the latest run; of each
/// engine where `allEngines`.
ReportData LoadReport(ResultsReader& reader, const Selector& where, bool allEngines);

/// Looks for folders that are not where the runs say in that of the database and in the one above,
/// as both may have been moved together, or the page is made from elsewhere.
void FindFolders(ReportData& data, const std::string& database);

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
