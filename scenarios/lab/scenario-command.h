// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/lab/campaign.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// `crsp-lab scenario`, as given on the command line.
struct ScenarioCommand {
    std::vector<std::string> files;
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;
    std::vector<std::string> overrides;
    bool json = false;
    bool live = false;     ///< run the node programs over loopback in place of ns-3
    std::string programs;  ///< their folder; empty: that of this program
    bool pcap = true;
    bool qlog = true;
    ExtraTraces extra{};
    std::string out = "out";
    std::uint64_t jobs = DefaultJobs();
    bool all = false;    ///< every file of the library, in ns-3; see library.h
    std::string only;    ///< with `all`: those whose name matches this pattern
    bool write = false;  ///< with `all`: keep the table in the results
};

/// Declares the command, which is also called `run`.
void DeclareScenarioCommand(CLI::App& app, ScenarioCommand& command);

/// Runs it: of one file the metrics, of several RunLibrary. Results on stdout, talk on stderr.
/// Returns the exit code (exit-code.h).
int RunScenarioCommand(const ScenarioCommand& command);

/// `count` seeds from `first` on.
std::vector<std::uint64_t> SeedsFrom(std::uint64_t first, std::uint64_t count);

/// In single quotes if a shell would do something to it otherwise.
std::string ShellWord(const std::string& word);

/// The scenario or nothing, and then `code` is that to exit with; what is wrong is said on stderr.
std::optional<Scenario> ReadOrComplain(const std::string& file,
                                       const std::vector<std::string>& overrides, int& code);

/// The command that repeats the runs of one file of `command` from the folder it was given in,
/// words quoted for a shell; without its seed, and without what makes no difference to one run.
std::string RepeatCommand(const ScenarioCommand& command, const std::string& file);

/// `./run` where it stands, elsewhere the path of this program, as paths count from there.
std::string FrontDoor();

/// `programs`, or the folder of this program if that is empty.
std::string ProgramsFolder(const std::string& programs);

/// Opens `out`/results.sqlite, making the folder if it is missing. Throws.
ResultsStore OpenResults(const std::string& out);

/// One line on stderr for each outcome that is not ok, and the command that repeats it.
void ComplainAbout(const std::vector<Outcome>& outcomes, const std::string& command);

}  // namespace crsp::lab
