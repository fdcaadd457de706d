// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/baseline.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "apps/cli/standard-output.h"
#include "apps/cli/usage.h"
#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/ns3-runner.h"
#include "scenarios/lab/run-file.h"
#include "scenarios/lab/scenario-command.h"

namespace crsp::lab {
namespace {

/// Few and short, and between them: media roles under loss, beside TCP, pauses, a NAT, a changing
/// rate, several flows, a satellite.
constexpr std::array kScenarios{"first-light",        "ge-2pct-b3",       "pause-holds",
                                "pqns-drop-and-back", "quic-rebind-port", "quic-transferloss",
                                "rmcat-5.4-same-cc",  "fau-sat"};
constexpr std::array<std::uint64_t, 2> kSeeds{1, 2};
constexpr const char* kDigest = "trace-digest";
constexpr const char* kRegenerate = "./run baseline --write";

BaselineRun RunOf(const RunFile& file) {
    BaselineRun run;
    for (const auto& [name, value] : file.metrics) run[name] = fmt::format("{}", value);
    run[kDigest] = file.digest;
    return run;
}

/// A folder for the processes' files, gone at the end.
class Scratch {
  public:
    Scratch() {
        std::string name =
            (std::filesystem::temp_directory_path() / "crsp-baseline-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::system_error(errno, std::generic_category(), name);
        m_path = name;
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    std::string Folder(const std::string& name) const {
        const auto folder = m_path / name;
        std::filesystem::create_directories(folder);
        return folder.string();
    }

  private:
    std::filesystem::path m_path;
};

struct Place {
    const Scenario* scenario;
    std::uint64_t seed;
    std::string folder;
};

Job MakeJob(const Place& place) {
    const auto body = [&place](RunProgress& progress) {
        const RunRecord record =
            RunInNs3(*place.scenario, {place.seed, "", false, false}, progress);
        SaveRunFile(place.folder, RunFileOf(*place.scenario, record));
        return kExitOk;
    };
    return {fmt::format("{} seed {}", place.scenario->name, place.seed), body,
            place.scenario->wallLimit};
}

/// The matrix as it is now; `code` says if it could not be had.
Baseline RunMatrix(std::uint64_t jobs, int& code) {
    std::vector<Scenario> scenarios;
    for (const char* name : kScenarios) {
        auto scenario =
            ReadOrComplain(fmt::format("{}/scenarios/{}.toml", CRSP_SOURCE_DIR, name), {}, code);
        if (!scenario) return {};
        scenarios.push_back(std::move(*scenario));
    }
    const Scratch scratch;
    std::vector<Place> places;
    for (const Scenario& scenario : scenarios) {
        for (const std::uint64_t seed : kSeeds) {
            places.push_back(
                {&scenario, seed, scratch.Folder(fmt::format("{}-{}", scenario.name, seed))});
        }
    }
    std::vector<Job> pooled;
    for (const Place& place : places) pooled.push_back(MakeJob(place));
    Baseline now;
    RunPool pool("baseline", jobs);
    pool.Run(pooled, [&](std::size_t index, const JobResult& result) {
        if (result.exitCode != 0) code = kExitFailed;
        const Place& place = places[index];
        now[place.scenario->name][std::to_string(place.seed)] = RunOf(LoadRunFile(place.folder));
    });
    if (pool.Interrupted() != 0) code = kExitSignal + pool.Interrupted();
    return now;
}

std::string Load(const std::string& path) {
    std::ifstream stream(path);
    if (!stream) throw std::system_error(errno, std::generic_category(), path);
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

void Save(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream stream(path);
    stream << text;
    stream.close();
    if (!stream) throw std::system_error(errno, std::generic_category(), path);
}

/// The keys of either.
template <class Map>
std::set<std::string> KeysOf(const Map& a, const Map& b) {
    std::set<std::string> keys;
    for (const Map* map : {&a, &b}) {
        for (const auto& [key, value] : *map) keys.insert(key);
    }
    return keys;
}

template <class Map>
typename Map::mapped_type At(const Map& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
}

std::string MoveText(const std::string& run, const std::string& name, const std::string& before,
                     const std::string& now) {
    const auto shown = [](const std::string& value) { return value.empty() ? "none" : value; };
    std::string text =
        fmt::format("{}: {} moved from {} to {}", run, name, shown(before), shown(now));
    if (name == kDigest || before.empty() || now.empty()) return text;
    const double from = std::stod(before);
    if (from != 0) text += fmt::format(" ({:+.3g} %)", 100 * (std::stod(now) - from) / from);
    return text;
}

}  // namespace

std::string BaselineText(const Baseline& baseline) {
    return nlohmann::json({{"made-with", kRegenerate}, {"runs", baseline}}).dump(1) + "\n";
}

Baseline ParseBaseline(const std::string& text) {
    return nlohmann::json::parse(text).at("runs").get<Baseline>();
}

std::vector<std::string> BaselineMoves(const Baseline& before, const Baseline& now) {
    std::vector<std::string> moves;
    for (const std::string& scenario : KeysOf(before, now)) {
        const auto old = At(before, scenario);
        const auto fresh = At(now, scenario);
        for (const std::string& seed : KeysOf(old, fresh)) {
            const auto a = At(old, seed);
            const auto b = At(fresh, seed);
            for (const std::string& name : KeysOf(a, b)) {
                if (At(a, name) == At(b, name)) continue;
                moves.push_back(MoveText(fmt::format("{} seed {}", scenario, seed), name,
                                         At(a, name), At(b, name)));
            }
        }
    }
    return moves;
}

void DeclareBaselineCommand(CLI::App& app, BaselineCommand& command) {
    CLI::App* sub = app.add_subcommand(
        "baseline", "Compare a small fixed matrix exactly with the kept reference results");
    sub->add_flag("--write", command.write, "Keep what is measured now as the reference");
    sub->add_option("--file", command.file, "The reference")->type_name("FILE");
    AddCount(*sub, "-j,--jobs", command.jobs, 1, kMaxJobs, "Runs at a time");
}

int RunBaselineCommand(const BaselineCommand& command) {
    int code = kExitOk;
    const Baseline now = RunMatrix(command.jobs, code);
    if (code != kExitOk) return code;
    if (command.write) {
        Save(command.file, BaselineText(now));
        WriteOutput(fmt::format("{}: written\n", command.file));
        return kExitOk;
    }
    const auto moves = BaselineMoves(ParseBaseline(Load(command.file)), now);
    for (const std::string& move : moves) WriteOutput(move + "\n");
    if (moves.empty()) {
        WriteOutput("everything is as in results/baseline\n");
        return kExitOk;
    }
    fmt::print(stderr,
               "crsp-lab: {} values are not those of results/baseline; if they should have moved, "
               "keep them with: {}\n",
               moves.size(), kRegenerate);
    return kExitFailed;
}

}  // namespace crsp::lab
