// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <sstream>

#include "model/media/catalogue.h"
#include "scenarios/lab/regular-file.h"
#include "scenarios/lab/scenario-tables.h"
#include "scenarios/lab/toml-overrides.h"

namespace crsp::lab {
namespace {

constexpr std::string_view kNameKey = "scenario.name";
/// The longest of the project has 4 kB.
constexpr std::size_t kMostScenarioBytes = 1024 * 1024;
/// Each takes ports of its own (ns3-traffic.cc), short transfers 4,000, and this many find room
/// below those of further controllers.
constexpr std::size_t kMostTraffic = 32;
constexpr std::ptrdiff_t kMostTransfers = 13;
constexpr Duration kDefaultWallLimit = seconds(600);

/// Results go where the name says: no scenario may write among those of another file.
void CheckNameIsStem(const TomlTable& table, const Scenario& scenario) {
    const auto stem = std::filesystem::path(scenario.file).stem().string();
    if (scenario.name == stem) return;
    table.Refuse("name", fmt::format("expected \"{}\", the name of the file without its ending, "
                                     "got \"{}\"",
                                     stem, scenario.name));
}

void ReadHead(TomlTable table, Scenario& scenario) {
    scenario.name = table.Text("name");
    const bool plain = scenario.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") ==
                       std::string::npos;
    if (!plain || scenario.name.size() > 64 || scenario.name.front() == '.') {
        table.Refuse("name", "expected at most 64 of a-z, 0-9, '-' and '.'");
    }
    CheckNameIsStem(table, scenario);
    scenario.description = table.Text("description");
    scenario.source = table.Text("source");
    scenario.stop = table.Unit("stop", ParseDuration);
    if (scenario.stop <= Duration::zero()) table.Refuse("stop", "expected a time above 0");
    scenario.wallLimit = kDefaultWallLimit;
    ReadUnit(table, "wall-limit", scenario.wallLimit, ParseDuration);
    table.Finish();
}

void CheckTraffic(const TomlTable& root, const Scenario& scenario) {
    if (scenario.traffic.size() > kMostTraffic) {
        root.Refuse("traffic", fmt::format("expected at most {} tables", kMostTraffic));
    }
    const auto transfers = std::count_if(scenario.traffic.begin(), scenario.traffic.end(),
                                         [](const auto& each) { return each.transfers; });
    if (transfers > kMostTransfers) {
        root.Refuse("traffic", fmt::format("expected at most {} with a size", kMostTransfers));
    }
}

Scenario Read(const toml::table& document, const TomlOrigin& origin) {
    Scenario scenario;
    scenario.file = origin.file;
    TomlTable root(document, "", origin);
    ReadHead(root.Table("scenario"), scenario);
    ReadLink(root.Table("link"), scenario.file, scenario.link);
    ReadHops(root, scenario);
    CheckLink(root, scenario);
    if (root.Has("nat")) scenario.nat = ReadNat(root.Table("nat"));
    if (root.Has("access")) ReadAccess(root.Table("access"), scenario);
    if (root.Has("nodes")) ReadNodes(root.Table("nodes"), scenario.nodes);
    if (root.Has("transport")) ReadTransport(root.Table("transport"), scenario.transport);
    for (const TomlTable& table : root.Tables("traffic")) {
        scenario.traffic.push_back(ReadTraffic(table, scenario));
    }
    CheckTraffic(root, scenario);
    ReadContents(root, scenario);
    ReadFlows(root, scenario);
    ReadActors(root, scenario);
    ReadWindows(root, scenario);
    if (root.Has("sweep")) scenario.sweep = ReadSweep(root.Table("sweep"));
    if (root.Has("expect")) ReadExpect(root.Table("expect"), scenario);
    root.Finish();
    return scenario;
}

/// What is varied is not what is asked: a sweep may grow without asking anew.
std::string Canonical(toml::table document) {
    document.erase("sweep");
    std::ostringstream text;
    text << toml::json_formatter{document};
    return text.str();
}

/// The message may hold what the file says, and ends on a terminal.
Unexpected<ScenarioError> BadData(const std::string& message) {
    return Fail(ScenarioError{ScenarioError::Kind::kBadData, PrintableName(message)});
}

Expected<std::string, ScenarioError> Load(const std::string& path) {
    auto text = ReadRegularFile(path, kMostScenarioBytes);
    if (!text) {
        return Fail(
            ScenarioError{ScenarioError::Kind::kNoFile,
                          fmt::format("{}: cannot be read: expected a scenario file", path)});
    }
    if (text->size() > kMostScenarioBytes) {
        return BadData(fmt::format("{}: expected a scenario of at most 1 MiB", path));
    }
    return *std::move(text);
}

}  // namespace

Expected<Scenario, ScenarioError> ReadScenario(const std::string& path,
                                               const std::vector<std::string>& overrides) {
    const auto text = Load(path);
    if (!text) return Fail(text.error());
    return ParseScenario(*text, path, overrides);
}

Expected<Scenario, ScenarioError> ParseScenario(std::string_view text, const std::string& path,
                                                const std::vector<std::string>& overrides) {
    TomlOrigin origin{path, {}};
    try {
        toml::table document = toml::parse(text, path);
        const std::string base = Canonical(document);
        std::map<std::string, std::string> parameters;
        for (const std::string& assignment : overrides) {
            const auto key = ApplyOverride(document, assignment);
            if (key == kNameKey) {
                return BadData(
                    fmt::format("--set {}: cannot be set, expected another key: the "
                                "name is that of the file",
                                key));
            }
            origin.overridden.insert(key);
            parameters[key] = assignment.substr(assignment.find('=') + 1);
        }
        Scenario scenario = Read(document, origin);
        scenario.canonical = Canonical(document);
        scenario.base = base;
        scenario.parameters = std::move(parameters);
        return scenario;
    } catch (const toml::parse_error& error) {
        return BadData(fmt::format("{}:{}: not TOML: {}", path, error.source().begin.line,
                                   error.description()));
    } catch (const TomlRefusal& refusal) {
        return BadData(refusal.message);
    }
}

}  // namespace crsp::lab
