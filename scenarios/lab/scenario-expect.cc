// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/lab/metric-names.h"

namespace crsp::lab {
namespace {

constexpr std::size_t kMaxWindows = 64;

WindowSpec ReadWindow(TomlTable table, const Scenario& scenario) {
    WindowSpec window;
    window.name = table.Text("name");
    if (window.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") !=
        std::string::npos) {
        table.Refuse("name", "expected only a-z, 0-9 and '-'");
    }
    for (const WindowSpec& other : scenario.windows) {
        if (other.name == window.name) table.Refuse("name", "expected a name not used above");
    }
    window.from = table.Unit("from", ParseDuration);
    window.to = table.Unit("to", ParseDuration);
    if (window.to <= window.from) table.Refuse("to", "expected a time after from");
    if (window.to > scenario.stop) table.Refuse("to", "expected a time not after scenario.stop");
    table.Finish();
    return window;
}

Expectation ReadExpectation(TomlTable table, const std::string& metric) {
    constexpr double kLimit = 1e15;
    Expectation expectation{metric, std::nullopt, std::nullopt};
    if (table.Has("min")) expectation.min = table.Number("min", -kLimit, kLimit);
    if (table.Has("max")) expectation.max = table.Number("max", -kLimit, kLimit);
    if (!expectation.min && !expectation.max) table.Refuse("", "expected min, max or both");
    if (expectation.min && expectation.max && *expectation.max < *expectation.min) {
        table.Refuse("max", "expected at least min");
    }
    table.Finish();
    return expectation;
}

struct Placed {
    std::size_t line;
    Expectation expectation;
};

std::string Known(const std::vector<std::string>& names) {
    return fmt::format("unknown key; known here: completes, {}", fmt::join(names, ", "));
}

}  // namespace

void ReadWindows(TomlTable& root, Scenario& scenario) {
    for (const TomlTable& table : root.Tables("window")) {
        scenario.windows.push_back(ReadWindow(table, scenario));
    }
    if (scenario.windows.size() > kMaxWindows) root.Refuse("window", "expected at most 64 windows");
}

void ReadExpect(TomlTable table, Scenario& scenario) {
    if (table.Has("completes")) scenario.completes = table.Flag("completes");
    const auto names = MetricsOf(scenario);
    std::vector<Placed> placed;
    for (const std::string& key : table.Keys()) {
        if (key == "completes") continue;
        if (std::find(names.begin(), names.end(), key) == names.end()) {
            table.Refuse(key, Known(names));
        }
        placed.push_back({table.Line(key), ReadExpectation(table.Table(key), key)});
    }
    std::stable_sort(placed.begin(), placed.end(),
                     [](const Placed& a, const Placed& b) { return a.line < b.line; });
    for (Placed& each : placed) scenario.expectations.push_back(std::move(each.expectation));
}

}  // namespace crsp::lab
