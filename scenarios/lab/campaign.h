// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/lab/extra-traces.h"
#include "scenarios/lab/metrics.h"
#include "scenarios/lab/results-store.h"
#include "scenarios/lab/run-pool.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

enum class World { kNs3, kLive };

/// `ns3` or `live`.
std::string_view ToString(World world);

struct CampaignOptions {
    std::string out = "out";  ///< results.sqlite and one folder per scenario go here
    std::vector<std::uint64_t> seeds{1};
    std::size_t parallel = 2;
    bool pcap = true;
    bool qlog = true;
    ExtraTraces extra{};
    bool quiet = false;
    bool keep = true;      ///< the folders of runs, once they are stored
    std::string programs;  ///< folder of the node programs; for World::kLive
    std::string
        branch;  ///< folder between that of the scenario and those of its runs; may be empty
    /// The command that repeats a run, without its `--seed`.
    std::string command;
};

/// What became of one seed.
struct Outcome {
    std::uint64_t seed = 0;
    bool ok = false;
    std::string problem;  ///< empty if ok
    std::string folder;
    Metrics metrics;
    std::vector<double> latencies;  ///< of commands, ms
    RunEnd end = RunEnd::kWhole;
};

/// One scenario of several that are run together.
struct Campaign {
    const Scenario* scenario = nullptr;
    World world = World::kNs3;
    CampaignOptions options;
};

/// What tells the folders of runs apart that have the same name, world and seed.
std::string FolderDigits(const Scenario& scenario);

/// Runs every campaign as RunCampaign does, all in one pool. `parallel`, `quiet` and `out` are
/// those of the first. One entry for each campaign.
std::vector<std::vector<Outcome>> RunCampaigns(const std::string& title,
                                               const std::vector<Campaign>& campaigns,
                                               ResultsStore& store, int& interrupted);

/// Runs `scenario` once for each seed, each in a process of its own, and stores every run as it
/// finishes. A run whose digest is not that of the same run before has failed. Outcomes in the
/// order of the seeds; those that an interrupt kept from finishing are missing. `interrupted`
/// becomes the signal, or 0.
std::vector<Outcome> RunCampaign(const Scenario& scenario, World world,
                                 const CampaignOptions& options, ResultsStore& store,
                                 int& interrupted);

}  // namespace crsp::lab
