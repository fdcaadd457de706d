// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "scenarios/lab/html-data.h"
#include "scenarios/lab/html-plot.h"

namespace crsp::lab {

/// The plots of a scenario, with one line for each of its first kPlotColours variants.
struct ScenarioPlots {
    std::vector<Plot> distributions;  ///< cumulative, over all runs
    std::vector<Plot> series;         ///< of the run of each variant that is Shown
    std::string seriesNote;           ///< which runs these are
};

/// `SCENARIO-WHAT` with nothing in it that a file system would mind.
std::string FileNameOf(const std::string& scenario, const std::string& what);

ScenarioPlots PlotsOf(ResultsReader& reader, const ReportScenario& scenario);

}  // namespace crsp::lab
