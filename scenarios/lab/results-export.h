// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scenarios/lab/results-reader.h"

namespace crsp::lab {

/// A run's row.
nlohmann::json RunJson(const RunRow& run);

/// The same with metrics, samples (percentiles and values) and series.
nlohmann::json WholeRunJson(ResultsReader& reader, const RunRow& run);

/// Indented, ended by a newline; bytes that are not UTF-8 are replaced.
std::string JsonText(const nlohmann::json& json);

/// One of `runs`, `metrics`, `samples`, `percentiles` and `series` as CSV (RFC 4180, with newlines
/// as here), one line for each row; each begins with what tells the run.
std::string CsvText(ResultsReader& reader, const std::vector<RunRow>& runs,
                    const std::string& table);

}  // namespace crsp::lab
