// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-data.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "scenarios/lab/compare.h"

namespace crsp::lab {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShortHash = 8;
/// A folder is a few files; one that holds more is not listed to its end.
constexpr std::size_t kMostFiles = 40;

/// All that tells variants apart: scenario, parameters, world, and engine and commit if asked for.
using VariantKey = std::tuple<std::string, std::string, std::string, std::string, std::string>;

VariantKey KeyOf(const RunRow& run, bool allEngines) {
    return {run.scenario, ParametersText(run.parameters), run.world, allEngines ? run.engine : "",
            allEngines ? run.commit : ""};
}

/// Of the runs of a variant those that are of one scenario file and one build, the latest.
std::vector<RunRow> AlikeOf(std::vector<RunRow> runs, ReportData& data) {
    const RunRow last = *std::max_element(
        runs.begin(), runs.end(), [](const RunRow& a, const RunRow& b) { return IsLater(b, a); });
    data.otherFile += std::erase_if(
        runs, [&](const RunRow& run) { return run.scenarioHash != last.scenarioHash; });
    data.otherBuild += std::erase_if(runs, [&](const RunRow& run) {
        return std::tie(run.engine, run.lab) != std::tie(last.engine, last.lab);
    });
    return runs;
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

std::string LastPart(const std::string& key) {
    return key.substr(key.rfind('.') + 1);
}

/// The keys that are not fixed by what they are shown as: their last part is what people know them
/// by, but some share it.
std::map<std::string, std::string> ShownKeys(const std::vector<RunRow>& runs,
                                             const Parameters& fixed) {
    std::map<std::string, std::string> shown;
    for (const RunRow& run : runs) {
        for (const auto& [key, value] : run.parameters) {
            if (!fixed.contains(key)) shown[key] = LastPart(key);
        }
    }
    std::map<std::string, std::size_t> counts;
    for (const auto& [key, name] : shown) ++counts[name];
    for (auto& [key, name] : shown) {
        if (counts[name] > 1) name = key;
    }
    return shown;
}

std::string VariantName(const RunRow& run, const std::map<std::string, std::string>& shown,
                        bool engine) {
    std::string name;
    for (const auto& [key, value] : run.parameters) {
        const auto found = shown.find(key);
        if (found != shown.end()) name += fmt::format("{}={}, ", found->second, value);
    }
    if (engine) {
        name += fmt::format("engine {} of {}, ", run.engine.substr(0, kShortHash),
                            run.commit.substr(0, kShortHash));
    }
    return name + (run.world == "ns3" ? "ns-3" : run.world);
}

bool HasSeveralEngines(const std::vector<RunRow>& runs) {
    std::set<std::pair<std::string, std::string>> engines;
    for (const RunRow& run : runs) engines.emplace(run.engine, run.commit);
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
    const auto shown = ShownKeys(runs, fixed);
    for (RunRow& run : runs) {
        const std::string name = VariantName(run, shown, engine);
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

const RunRow& ReportVariant::Shown() const {
    const auto measured = std::find_if(runs.begin(), runs.end(), IsMeasured);
    return measured == runs.end() ? runs.front() : *measured;
}

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
    std::map<VariantKey, std::vector<RunRow>> variants;
    for (RunRow& run : reader.Runs()) {
        if (where.Matches(run)) variants[KeyOf(run, allEngines)].push_back(std::move(run));
    }
    std::map<std::string, std::vector<RunRow>> scenarios;
    for (auto& [key, runs] : variants) {
        for (RunRow& run : AlikeOf(std::move(runs), data)) {
            scenarios[run.scenario].push_back(std::move(run));
        }
    }
    for (auto& [name, runs] : scenarios) {
        std::sort(runs.begin(), runs.end(),
                  [](const RunRow& a, const RunRow& b) { return a.id < b.id; });
        data.scenarios.push_back(ScenarioOf(reader, std::move(runs), allEngines));
    }
    return data;
}

void FindFolders(ReportData& data, const std::string& database) {
    std::error_code error;
    const fs::path beside = fs::absolute(database, error).parent_path();
    for (ReportScenario& scenario : data.scenarios) {
        for (ReportVariant& variant : scenario.variants) {
            for (RunRow& run : variant.runs) {
                if (run.folder.empty() || fs::exists(run.folder, error)) continue;
                // A database is kept in the folder of its runs, or in one beside it.
                for (const fs::path& from : {beside, beside.parent_path()}) {
                    if (!fs::exists(from / run.folder, error)) continue;
                    run.folder = (from / run.folder).string();
                    break;
                }
            }
        }
    }
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
