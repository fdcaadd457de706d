// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/lab/content.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/metrics.h"
#include "scenarios/lab/ns3-runner.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// 1 MB over 10 Mbit/s and 20 ms: 0.84 s of the link.
inline Scenario OneMegabyte() {
    Scenario scenario;
    scenario.name = "scenario-test";
    scenario.stop = seconds(60);
    scenario.link.down.delay = scenario.link.up.delay = milliseconds(20);
    scenario.access.rate = 1e9;
    scenario.access.delay = Duration::zero();
    scenario.nodes.catalogueAsked = false;
    scenario.content = {{"song", "", 1'000'000}};
    scenario.flows[0].script = {{Duration::zero(), Verb::kPlay, "song"}};
    return scenario;
}

inline RunRecord Simulate(const Scenario& scenario, std::uint64_t seed = 1) {
    RunProgress progress;
    return RunInNs3(scenario, {seed, "", false, false}, progress);
}

inline Metrics Measure(const Scenario& scenario) {
    return ComputeMetrics(scenario, Simulate(scenario));
}

inline double CompletionOf(const Scenario& scenario) {
    const auto metrics = Measure(scenario);
    const auto found = metrics.find(metric::kCompletionTime);
    return found == metrics.end() ? -1 : found->second;
}

/// UDP over the hop until `stop`; our flow begins a second later. The traffic can be changed yet.
inline TrafficSpec& AddUdp(Scenario& scenario, double rate, Duration stop) {
    TrafficSpec udp;
    udp.kind = TrafficKind::kUdp;
    udp.rate = rate;
    udp.stop = stop;
    scenario.traffic = {udp};
    scenario.flows[0].script[0].at = stop + seconds(1);
    return scenario.traffic[0];
}

/// How long each of these questions took that a controller at the server's side asked the renderer.
inline std::vector<double> LatenciesOfStatus(Scenario scenario,
                                             const std::vector<Duration>& asked) {
    scenario.nodes.controller = PathSide::kServer;
    scenario.flows[0].script.clear();
    for (const Duration at : asked) scenario.flows[0].script.push_back({at, Verb::kStatus, ""});
    auto latencies = CommandLatencies(Simulate(scenario));
    latencies.resize(asked.size(), -1);
    return latencies;
}

}  // namespace crsp::lab
