// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-simcost.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>

#include "apps/cli/standard-output.h"
#include "apps/version/version.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/kept-tables.h"
#include "scenarios/lab/metrics.h"
#include "scenarios/lab/run-file.h"
#include "scenarios/lab/run-pool.h"
#include "scenarios/lab/scenario-command.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kRounds = 9;
constexpr std::uint64_t kQuickRounds = 3;
constexpr std::uint64_t kQuickBytes = 5'000'000;
constexpr Duration kWallLimit = std::chrono::minutes(5);
constexpr const char* kTablesFile = CRSP_SOURCE_DIR "/results/simcost.md";

/// The most that a simulated packet may take, in what it takes another.
constexpr std::array kTargets{CostTarget{CostSubject::kUdpOnOff, 1.5},
                              CostTarget{CostSubject::kUdpClient, 1.5},
                              CostTarget{CostSubject::kTcp, 1.0}};

double Packets(const CostRun& run) {
    return static_cast<double>(run.packetsThere + run.packetsBack);
}

/// Time for one packet that was simulated, in whichever direction, ns.
double PerPacket(const CostRun& run) {
    return run.cpuSeconds * 1e9 / Packets(run);
}

/// Time for as much payload as one full packet carries, ns: acknowledgements come with it.
double PerPayload(const CostRun& run) {
    return run.cpuSeconds * 1e9 * kCostPayload / static_cast<double>(run.bytesArrived);
}

std::vector<double> Each(const std::vector<CostRound>& rounds,
                         const std::function<double(const CostRound&)>& value) {
    std::vector<double> values;
    for (const CostRound& round : rounds) values.push_back(value(round));
    return values;
}

std::vector<double> Ratios(const std::vector<CostRound>& rounds, CostSubject beside,
                           double (*cost)(const CostRun&)) {
    return Each(rounds, [&](const CostRound& round) {
        return cost(round.at(CostSubject::kCrsp)) / cost(round.at(beside));
    });
}

std::string SpreadText(const std::vector<double>& values, const char* format) {
    const auto [min, max] = std::minmax_element(values.begin(), values.end());
    const auto text = [&](double value) { return fmt::format(fmt::runtime(format), value); };
    return fmt::format("{} ({} to {})", text(Quantile(values, 0.5)), text(*min), text(*max));
}

std::string SubjectLine(const std::vector<CostRound>& rounds, CostSubject subject) {
    const CostRun& run = rounds.front().at(subject);
    const auto cost = [&](double (*of)(const CostRun&)) {
        return SpreadText(Each(rounds, [&](const auto& round) { return of(round.at(subject)); }),
                          "{:.0f}");
    };
    return fmt::format("| {} | {} | {} | {:.1f} | {} | {} |\n", CostName(subject), run.packetsThere,
                       run.packetsBack, static_cast<double>(run.events) / Packets(run),
                       cost(PerPacket), cost(PerPayload));
}

std::string TargetLine(const std::vector<CostRound>& rounds, const CostTarget& target) {
    const auto ratios = Ratios(rounds, target.beside, PerPacket);
    const bool kept = Quantile(ratios, 0.5) <= target.most;
    return fmt::format("| CRSP / {} | {} | {} | {:.4g} | {} |\n", CostName(target.beside),
                       SpreadText(ratios, "{:.2f}"),
                       SpreadText(Ratios(rounds, target.beside, PerPayload), "{:.2f}"), target.most,
                       kept ? "kept" : "missed");
}

CostLoad LoadOf(const BenchCommand& command, CostTopology topology) {
    CostLoad load;
    load.topology = topology;
    if (command.quick) load.bytes = kQuickBytes;
    return load;
}

std::uint64_t RoundsOf(const BenchCommand& command) {
    if (command.seeds > 0) return command.seeds;
    return command.quick ? kQuickRounds : kRounds;
}

constexpr const char* kThere = "packets-there";
constexpr const char* kBack = "packets-back";
constexpr const char* kEvents = "events";
constexpr const char* kBytes = "bytes-arrived";

Job MakeJob(CostSubject subject, const CostLoad& load, const std::string& folder) {
    const auto body = [=](RunProgress&) {
        const CostRun run = SimulateForCost(subject, load);
        RunFile file;
        file.metrics = {{kThere, static_cast<double>(run.packetsThere)},
                        {kBack, static_cast<double>(run.packetsBack)},
                        {kEvents, static_cast<double>(run.events)},
                        {kBytes, static_cast<double>(run.bytesArrived)}};
        file.cpuSeconds = run.cpuSeconds;
        SaveRunFile(folder, file);
        return run.bytesArrived >= load.bytes ? kExitOk : kExitFailed;
    };
    return {std::string(CostName(subject)), body, kWallLimit};
}

CostRun CostRunIn(const std::string& folder) {
    const RunFile file = LoadRunFile(folder);
    const auto count = [&](const char* name) {
        return static_cast<std::uint64_t>(file.metrics.at(name));
    };
    return {file.cpuSeconds, count(kThere), count(kBack), count(kEvents), count(kBytes)};
}

std::string Heading(const BenchCommand& command, const CostLoad& load) {
    const std::uint64_t rounds = RoundsOf(command);
    return fmt::format(
        "# What a simulated packet costs\n\nMade by `{} bench simcost --seeds {}{}` at commit {}, "
        "engine {}, {}, ns-3 {}.\n\n"
        "A point-to-point link of {} Mbit/s and {} ms one way that loses nothing; {} MB of "
        "payload, "
        "{} bytes in a packet that is full. CPU time from the first event to the last, each "
        "run in a process of its own; median (least to most) of {} rounds, in each of which all "
        "run in turn. Ratios are taken within a round. CRSP is a play of one content: its packets "
        "are really encrypted, and carry real bytes, where ns-3's carry none. Packets are counted "
        "where they are sent, so a packet over three hops is one.\n",
        FrontDoor(), rounds, command.quick ? " --quick" : "", GitCommit(), EngineHash(),
        CompilerName(), kNs3Version, load.rate / 1'000'000,
        std::chrono::duration_cast<milliseconds>(load.delay).count(), load.bytes / 1'000'000,
        kCostPayload, rounds);
}

/// The rounds that have every subject.
std::vector<CostRound> RunRounds(const BenchCommand& command, const CostLoad& load, int& code) {
    struct Place {
        std::size_t round;
        CostSubject subject;
        std::string folder;
    };
    std::vector<Place> places;
    std::vector<Job> jobs;
    for (std::size_t round = 0; round < RoundsOf(command); ++round) {
        for (const CostSubject subject : kCostSubjects) {
            const auto folder =
                fmt::format("{}/bench/simcost/{}-{}-{}", command.out,
                            static_cast<int>(load.topology), round, static_cast<int>(subject));
            std::filesystem::create_directories(folder);
            places.push_back({round, subject, folder});
            jobs.push_back(MakeJob(subject, load, folder));
        }
    }
    std::vector<CostRound> rounds(RoundsOf(command));
    RunPool pool("simcost", 1);
    pool.Run(jobs, [&](std::size_t index, const JobResult& result) {
        const Place& place = places[index];
        if (result.exitCode != 0) code = kExitFailed;
        if (result.exitCode == 0) rounds[place.round][place.subject] = CostRunIn(place.folder);
    });
    if (pool.Interrupted() != 0) code = kExitSignal + pool.Interrupted();
    return rounds;
}

}  // namespace

bool CostTargetsKept(const std::vector<CostRound>& rounds) {
    return std::all_of(kTargets.begin(), kTargets.end(), [&](const CostTarget& target) {
        return Quantile(Ratios(rounds, target.beside, PerPacket), 0.5) <= target.most;
    });
}

std::string CostTables(const std::vector<CostRound>& rounds) {
    std::string text =
        "| | packets there | back | events per packet | ns per packet | ns per full packet of "
        "payload |\n|---|---|---|---|---|---|\n";
    for (const CostSubject subject : kCostSubjects) text += SubjectLine(rounds, subject);
    text +=
        "\n| ratio | per packet | per payload | target (per packet) | verdict |\n"
        "|---|---|---|---|---|\n";
    for (const CostTarget& target : kTargets) text += TargetLine(rounds, target);
    return text;
}

int RunCostBench(const BenchCommand& command) {
    int code = kExitOk;
    bool kept = true;
    std::string text = Heading(command, LoadOf(command, CostTopology::kLink));
    for (const auto topology : {CostTopology::kLink, CostTopology::kDumbbell}) {
        const auto rounds = RunRounds(command, LoadOf(command, topology), code);
        if (code != kExitOk) return code;
        text += topology == CostTopology::kLink ? "\n## Two nodes, one hop\n\n"
                                                : "\n## A dumbbell: three hops, two routers\n\n";
        text += CostTables(rounds);
        kept = kept && CostTargetsKept(rounds);
    }
    WriteOutput(text);
    if (command.write) KeepTables(kTablesFile, text);
    return command.gate && !kept ? kExitGate : kExitOk;
}

}  // namespace crsp::lab
