// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-command.h"

#include <fmt/format.h>

#include <cstdio>

#include "apps/cli/standard-output.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/results-command.h"

namespace crsp::lab {
namespace {

Selector SideOf(const std::string& text) {
    auto parsed = Selector::Parse(text);
    if (!parsed) throw CLI::ValidationError("--compare", parsed.error());
    if (parsed->Decides().contains("seed")) {
        throw CLI::ValidationError("--compare",
                                   "expected no seed, as runs of equal seed are paired");
    }
    return std::move(*parsed);
}

}  // namespace

void DeclareReportCommand(CLI::App& app, ReportOptions& command) {
    CLI::App* sub = app.add_subcommand("report", "Make one page of HTML from stored runs");
    sub->add_option("results", command.results, "The database of results")
        ->type_name("RESULTS")
        ->capture_default_str();
    sub->add_option("--out", command.out, "The page; links to runs are relative to it")
        ->type_name("FILE")
        ->required();
    sub->add_option_function<std::vector<std::string>>(
           "--compare",
           [&command](const std::vector<std::string>& sides) {
               command.a = SideOf(sides.at(0));
               command.b = SideOf(sides.at(1));
           },
           "Compare runs B with runs A, as in congestion=cubic congestion=bbr")
        ->expected(2)
        ->type_name("A B");
    DeclareWhere(*sub, "--where", command.where, "Only these runs");
    sub->add_option("--svg", command.svg, "Write each plot and picture as a file of SVG as well")
        ->type_name("DIR");
}

int RunReportCommand(const ReportOptions& command) {
    if (!WriteReport(command)) {
        fmt::print(stderr, "crsp-lab: {}: there is no run to show; see list --runs\n",
                   command.results);
        return kExitNoInput;
    }
    WriteOutput(fmt::format("report   {}\n", command.out));
    if (!command.svg.empty()) WriteOutput(fmt::format("plots    {}/*.svg\n", command.svg));
    return kExitOk;
}

}  // namespace crsp::lab
