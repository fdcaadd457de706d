// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/lab/html-data.h"

namespace crsp::lab {

struct ReportOptions {
    std::string results = "out/results.sqlite";
    std::string out;            ///< the file of the page; links are relative to its folder
    std::string svg;            ///< a folder for the plots as single files; empty: none
    Selector where;             ///< only these runs
    std::optional<Selector> a;  ///< with b: what is compared with
    std::optional<Selector> b;  ///< what is compared
};

/// A document that needs nothing but itself and may load nothing: style and script are in it and
/// named by their hash in its Content-Security-Policy. `body` is HTML.
std::string PageOf(const std::string& title, const std::string& body);

/// The report of what `data` holds.
std::string ReportHtml(ResultsReader& reader, const ReportData& data, const ReportOptions& options);

/// A file for each plot and picture in options.svg, which is made. Returns how many.
std::size_t WriteSvgs(ResultsReader& reader, const ReportData& data, const std::string& folder);

/// Writes page and pictures; throws std::filesystem::filesystem_error if it cannot. False if there
/// is no run to show; then nothing is written.
bool WriteReport(const ReportOptions& options);

/// Writes `text` to `path`, and makes its folder. Throws std::filesystem::filesystem_error.
void WriteTextFile(const std::string& path, const std::string& text);

}  // namespace crsp::lab
