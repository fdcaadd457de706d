// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "scenarios/lab/html-data.h"
#include "scenarios/lab/html-plot.h"
#include "scenarios/lab/qlog-sequence.h"

namespace crsp::lab {

/// Columns in which what was sent is joined, of about two pixels each, and rows.
inline constexpr std::size_t kSequenceColumns = 285;
inline constexpr std::size_t kSequenceRows = 90;
/// Repeats, and losses, that are shown as marks of their own; of more every second, third, ...
inline constexpr std::size_t kMostSequenceMarks = 400;
/// Runs of a scenario that have a sequence view.
inline constexpr std::size_t kMostSequences = 4;
/// A close-up shows so many sent parts, a third of them ahead of what it is about.
inline constexpr std::size_t kCloseUpParts = 180;

/// Offset over time, as in tcptrace's time-sequence graph: what was sent, sent again, taken for
/// lost, acknowledged and delivered. Two plots: the whole run, and a close-up of its first loss, or
/// of its begin if there is none.
std::vector<Plot> SequencePlots(const RunSequence& sequence, const std::string& scenario,
                                const std::string& variant, const std::vector<PlotMarker>& markers);

struct SequenceViews {
    std::vector<Plot> plots;
    std::string note;  ///< what they show, and why others are not there
};

/// For the run that is Shown of each of the first `most` variants; in order.
SequenceViews SequencesOf(const ReportScenario& scenario, std::size_t most);

}  // namespace crsp::lab
