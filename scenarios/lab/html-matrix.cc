// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "scenarios/lab/html-tables.h"
#include "scenarios/lab/html-text.h"

namespace crsp::lab {
namespace {

struct Counts {
    std::size_t all = 0;
    std::size_t failed = 0;
    std::size_t notValid = 0;
    std::size_t checked = 0;
};

Counts CountsOf(const std::vector<const RunRow*>& runs) {
    Counts counts{runs.size(), 0, 0, 0};
    for (const RunRow* run : runs) {
        if (IsChecked(*run)) ++counts.checked;
        if (run->ended == "whole" && !run->valid) {
            ++counts.notValid;
        } else if (run->ended != "whole" || !run->ok) {
            ++counts.failed;
        }
    }
    return counts;
}

std::string FileLinks(const RunRow& run, const std::string& from) {
    const auto files = FilesOf(run, from);
    if (files.empty()) {
        std::error_code error;
        const bool gone = !run.folder.empty() && !std::filesystem::exists(run.folder, error);
        return gone ? fmt::format(" <span class=\"muted\">its folder {} is not there</span>",
                                  Escaped(run.folder))
                    : " <span class=\"muted\">files not kept</span>";
    }
    std::string out;
    for (const ReportFile& file : files) {
        out +=
            fmt::format(" <a href=\"{}\">{}</a>", Escaped(HrefOf(file.path)), Escaped(file.name));
    }
    return out;
}

std::string RunItem(const RunRow& run, const std::string& from) {
    return fmt::format("<li id=\"run-{}\"><b class=\"{}\">seed {} {}</b>{}</li>", run.id,
                       IsGood(run) ? "good" : "bad", run.seed, Escaped(RunVerdict(run)),
                       FileLinks(run, from));
}

std::string CellHtml(const ReportVariant& variant, const std::string& from) {
    std::vector<const RunRow*> runs;
    std::string items;
    for (const RunRow& run : variant.runs) {
        runs.push_back(&run);
        items += RunItem(run, from);
    }
    const Counts counts = CountsOf(runs);
    const std::size_t good = counts.all - counts.failed - counts.notValid;
    const bool all = good == counts.all;
    return fmt::format(
        "<details class=\"cell\"><summary class=\"{}\">{} {} of {} ok</summary>"
        "<ul>{}</ul></details>",
        all ? "good" : "bad", all ? "&#10003;" : "&#10007;", good, counts.all, items);
}

/// Names of variants in the order in which they come up.
std::vector<std::string> Columns(const ReportData& data) {
    std::vector<std::string> columns;
    for (const ReportScenario& scenario : data.scenarios) {
        for (const ReportVariant& variant : scenario.variants) {
            const auto there = std::find(columns.begin(), columns.end(), variant.name);
            if (there == columns.end()) columns.push_back(variant.name);
        }
    }
    return columns;
}

std::string Seeds(const std::vector<const RunRow*>& runs) {
    const auto [least, most] =
        std::minmax_element(runs.begin(), runs.end(),
                            [](const RunRow* a, const RunRow* b) { return a->seed < b->seed; });
    if ((*least)->seed == (*most)->seed) return fmt::format("seed {}", (*least)->seed);
    return fmt::format("seeds {} to {}", (*least)->seed, (*most)->seed);
}

std::string Worlds(const std::vector<const RunRow*>& runs) {
    const auto live = std::count_if(runs.begin(), runs.end(),
                                    [](const RunRow* run) { return run->world == "live"; });
    const auto all = static_cast<std::ptrdiff_t>(runs.size());
    if (live == 0) return "in ns-3";
    return live == all ? "live" : fmt::format("{} in ns-3 and {} live", all - live, live);
}

std::string Headline(const Counts& counts) {
    if (counts.failed > 0) {
        const auto other =
            counts.notValid == 0
                ? ""
                : fmt::format(", and {} did not get what was configured", counts.notValid);
        return fmt::format("{} of {} failed{}", counts.failed, CountText(counts.all, "run"), other);
    }
    if (counts.notValid > 0) {
        return fmt::format("{} of {} did not get what was configured", counts.notValid,
                           CountText(counts.all, "run"));
    }
    return counts.all == 1 ? "The run came out as expected"
                           : fmt::format("All {} runs came out as expected", counts.all);
}

std::string PathText(const Counts& counts) {
    if (counts.notValid > 0) {
        return fmt::format(
            "{} not valid: the path was not as configured, and means and comparisons leave them "
            "out.",
            counts.notValid == 1 ? "One is" : fmt::format("{} are", counts.notValid));
    }
    if (counts.checked == counts.all) return "In every run the path was as configured.";
    if (counts.checked == 0) return "Whether the path was as configured is not known.";
    return fmt::format("In {} the path was as configured; of the others it is not known.",
                       CountText(counts.checked, "run"));
}

}  // namespace

std::string MatrixHtml(const ReportData& data, const std::string& from) {
    const auto columns = Columns(data);
    std::vector<std::string> head{"scenario"};
    head.insert(head.end(), columns.begin(), columns.end());
    HtmlTable table("Scenarios and variants; open a cell for its runs and their files", head,
                    head.size());
    for (std::size_t i = 0; i < data.scenarios.size(); ++i) {
        const ReportScenario& scenario = data.scenarios[i];
        std::vector<std::string> cells{
            fmt::format("<a href=\"#scenario-{}\">{}</a>", i, Escaped(scenario.name))};
        for (const std::string& column : columns) {
            const auto variant =
                std::find_if(scenario.variants.begin(), scenario.variants.end(),
                             [&](const ReportVariant& other) { return other.name == column; });
            cells.push_back(variant == scenario.variants.end() ? "<span class=\"muted\">-</span>"
                                                               : CellHtml(*variant, from));
        }
        table.Add(cells);
    }
    return table.Html();
}

std::string VerdictHtml(const ReportData& data) {
    const auto runs = data.Runs();
    const Counts counts = CountsOf(runs);
    std::size_t variants = 0;
    for (const ReportScenario& scenario : data.scenarios) variants += scenario.variants.size();
    std::string text =
        fmt::format("<p class=\"headline {}\">{}.</p><p>{} of {} in {}, {}, {}.",
                    counts.failed + counts.notValid == 0 ? "good" : "bad", Headline(counts),
                    CountText(counts.all, "run"), CountText(data.scenarios.size(), "scenario"),
                    CountText(variants, "variant"), Worlds(runs), Seeds(runs));
    if (counts.failed == 0) text += " None failed.";
    text += " " + PathText(counts);
    for (const auto& [count, what] : {std::pair(data.otherFile, "another version of its scenario"),
                                      std::pair(data.otherBuild, "another engine or laboratory")}) {
        if (count == 0) continue;
        text += fmt::format(" {} of {} than the latest run of its variant {} left out.",
                            CountText(count, "run"), what, count == 1 ? "is" : "are");
    }
    return text + "</p>";
}

std::string FailureHtml(const ReportData& data) {
    HtmlTable table("What was not as expected",
                    {"run", "scenario", "seed", "what", "why", "repeat with"}, 6);
    for (const RunRow* run : data.Runs()) {
        if (IsGood(*run)) continue;
        table.Add({fmt::format("<a href=\"#run-{0}\">{0}</a>", run->id), Escaped(run->scenario),
                   std::to_string(run->seed),
                   fmt::format("<span class=\"bad\">{}</span>", Escaped(RunVerdict(*run))),
                   Escaped(run->problem.empty() ? run->reason : run->problem),
                   fmt::format("<code>{}</code>", Escaped(run->command))});
    }
    return table.IsEmpty() ? "" : table.Html();
}

std::string ProvenanceHtml(const ReportData& data, const std::string& database) {
    using Build = std::tuple<std::string, std::string, std::string, std::string, std::string>;
    std::map<Build, std::vector<const RunRow*>> builds;
    for (const RunRow* run : data.Runs()) {
        builds[{run->commit, run->engine, run->lab, run->compiler, run->ns3Version}].push_back(run);
    }
    HtmlTable table("Builds",
                    {"commit", "engine", "laboratory", "compiler", "ns-3", "runs", "started"}, 7);
    for (const auto& [build, runs] : builds) {
        const auto& [commit, engine, lab, compiler, ns3] = build;
        std::set<std::string> started;
        for (const RunRow* run : runs) started.insert(run->started);
        const auto code = [](const std::string& text) {
            return fmt::format("<code>{}</code>", Escaped(text));
        };
        table.Add({code(commit), code(engine), code(lab), Escaped(compiler), Escaped(ns3),
                   std::to_string(runs.size()),
                   Escaped(*started.begin() + " to " + *started.rbegin())});
    }
    HtmlTable commands("The command that repeats each run",
                       {"run", "scenario", "seed", "digest", "command"}, 5);
    for (const RunRow* run : data.Runs()) {
        commands.Add({std::to_string(run->id), Escaped(run->scenario), std::to_string(run->seed),
                      fmt::format("<code>{}</code>", Escaped(run->digest.substr(0, 12))),
                      fmt::format("<code>{}</code>", Escaped(run->command))});
    }
    return fmt::format(
        "<p>From the database <code>{}</code>.</p>{}<details><summary>Commands and "
        "digests of all runs</summary>{}</details>",
        Escaped(database), table.Html(), commands.Html());
}

}  // namespace crsp::lab
