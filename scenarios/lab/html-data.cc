// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-data.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

namespace crsp::lab {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShortHash = 8;
/// A folder is a few files; one that holds more is not listed to its end.
constexpr std::size_t kMostFiles = 40;

/// All that tells runs of a scenario apart.
using RunKey =
    std::tuple<std::string, std::string, std::string, std::uint64_t, std::string, std::string>;

RunKey KeyOf(const RunRow& run, bool allEngines) {
    return {run.scenario, ParametersText(run.parameters), run.world,
            run.seed,     allEngines ? run.engine : "",   allEngines ? run.commit : ""};
}

/// The parameters that all of these runs have with one value.
Parameters FixedOf(const std::vector<RunRow>& runs) {
    Parameters fixed = runs.front().parameters;
    for (const RunRow& run : runs) {
        std::erase_if(fixed, [&](const auto& parameter) {
            const auto found = run.parameters.find(parameter.first);
            return found == run.parameters.end() || found->second != parameter.second;
        });
    }
    return fixed;
}

std::string VariantName(const RunRow& run, const Parameters& fixed, bool engine) {
    std::string name;
    for (const auto& [key, value] : run.parameters) {
        if (fixed.contains(key)) continue;
        // The last part of a key is what people know it by.
        name += fmt::format("{}={}, ", key.substr(key.rfind('.') + 1), value);
    }
    if (engine) name += fmt::format("engine {}, ", run.engine.substr(0, kShortHash));
    return name + (run.world == "ns3" ? "ns-3" : run.world);
}

bool HasSeveralEngines(const std::vector<RunRow>& runs) {
    std::set<std::string> engines;
    for (const RunRow& run : runs) engines.insert(run.engine);
    return engines.size() > 1;
}

ReportScenario ScenarioOf(ResultsReader& reader, std::vector<RunRow> runs, bool allEngines) {
    ReportScenario scenario;
    scenario.name = runs.front().scenario;
    const Parameters fixed = FixedOf(runs);
    scenario.fixed = fixed.empty() ? "" : ParametersLine(fixed);
    const std::string text = reader.ScenarioText(runs.front().scenarioHash);
    scenario.asked = nlohmann::json::parse(text, nullptr, false);
    if (!scenario.asked.is_object()) scenario.asked = nullptr;
    const bool engine = allEngines && HasSeveralEngines(runs);
    for (RunRow& run : runs) {
        const std::string name = VariantName(run, fixed, engine);
        auto& all = scenario.variants;
        auto place = std::find_if(all.begin(), all.end(),
                                  [&](const ReportVariant& other) { return other.name == name; });
        if (place == all.end()) place = all.insert(all.end(), {name, {}});
        place->runs.push_back(std::move(run));
    }
    for (ReportVariant& variant : scenario.variants) {
        std::sort(variant.runs.begin(), variant.runs.end(),
                  [](const RunRow& a, const RunRow& b) { return a.seed < b.seed; });
    }
    return scenario;
}

bool IsShown(const fs::path& file) {
    static const std::set<std::string> kEndings{".json", ".pcap", ".pcapng", ".sqlog",
                                                ".csv",  ".xml",  ".tr",     ".log"};
    return kEndings.contains(file.extension().string());
}

}  // namespace

std::vector<const RunRow*> ReportData::Runs() const {
    std::vector<const RunRow*> runs;
    for (const ReportScenario& scenario : scenarios) {
        for (const ReportVariant& variant : scenario.variants) {
            for (const RunRow& run : variant.runs) runs.push_back(&run);
        }
    }
    return runs;
}

ReportData LoadReport(ResultsReader& reader, const Selector& where, bool allEngines) {
    ReportData data;
    std::map<RunKey, RunRow> latest;
    for (RunRow& run : reader.Runs()) {
        if (!where.Matches(run)) continue;
        const bool there = !latest.insert_or_assign(KeyOf(run, allEngines), run).second;
        if (there) ++data.replaced;
    }
    std::map<std::string, std::vector<RunRow>> scenarios;
    for (auto& [key, run] : latest) scenarios[run.scenario].push_back(std::move(run));
    for (auto& [name, runs] : scenarios) {
        std::sort(runs.begin(), runs.end(),
                  [](const RunRow& a, const RunRow& b) { return a.id < b.id; });
        data.scenarios.push_back(ScenarioOf(reader, std::move(runs), allEngines));
    }
    return data;
}

std::vector<ReportFile> FilesOf(const RunRow& run, const std::string& from) {
    std::vector<ReportFile> files;
    std::error_code error;
    if (run.folder.empty()) return files;
    const fs::path base = fs::weakly_canonical(from.empty() ? "." : from, error);
    const fs::path folder = fs::weakly_canonical(run.folder, error);
    auto entry = fs::recursive_directory_iterator(folder, error);
    for (; !error && entry != fs::end(entry); entry.increment(error)) {
        if (files.size() == kMostFiles) break;
        if (!entry->is_regular_file(error) || !IsShown(entry->path())) continue;
        files.push_back({entry->path().lexically_relative(folder).generic_string(),
                         entry->path().lexically_relative(base).generic_string()});
    }
    std::sort(files.begin(), files.end(),
              [](const ReportFile& a, const ReportFile& b) { return a.name < b.name; });
    return files;
}

std::string RunVerdict(const RunRow& run) {
    if (run.ended != "whole") return run.ended;
    // A run that is not valid is never ok.
    if (!run.valid) return "not valid";
    return run.ok ? "ok" : "failed";
}

}  // namespace crsp::lab
