// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/lab/selector.h"

namespace crsp::lab {

/// `crsp-lab list`, `show`, `export` and `merge`, as given on the command line.
struct ResultsCommand {
    std::string results = "out/results.sqlite";
    Selector where;                   ///< all runs if empty
    bool runs = false;                ///< of list: the stored runs in place of the scenarios
    bool json = false;                ///< of list, show and export
    bool csv = false;                 ///< of export
    std::string table = "metrics";    ///< of export --csv
    std::int64_t run = 0;             ///< of show
    std::vector<std::string> others;  ///< of merge
};

/// The options that choose a database and runs of it.
void DeclareResults(CLI::App& sub, std::string& results);
void DeclareWhere(CLI::App& sub, const std::string& name, Selector& where, const std::string& help);

/// Declares the four.
void DeclareResultsCommands(CLI::App& app, ResultsCommand& command);

/// Whether one of the four was given, and then `code` is what to exit with.
bool RunResultsCommands(const CLI::App& app, const ResultsCommand& command, int& code);

}  // namespace crsp::lab
