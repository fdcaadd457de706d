// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "scenarios/lab/html-data.h"

namespace crsp::lab {

/// What became of every run: a row for each scenario, a column for each variant, and in each cell
/// its runs with links to their files as seen from the folder `from`.
std::string MatrixHtml(const ReportData& data, const std::string& from);

/// What the runs say at a glance, for the head of the page.
std::string VerdictHtml(const ReportData& data);

/// The runs that did not come out as expected or are not valid, why, and how to repeat each; empty
/// if there is none.
std::string FailureHtml(const ReportData& data);

/// Where the runs are from: builds, commits, and the commands that repeat them.
std::string ProvenanceHtml(const ReportData& data, const std::string& database);

}  // namespace crsp::lab
