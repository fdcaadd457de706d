// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-run.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "model/base/random.h"
#include "ns3/drop-tail-queue.h"
#include "ns3/nstime.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "scenarios/lab/bench-flow.h"
#include "scenarios/lab/bench-network.h"
#include "scenarios/lab/ns3-witness.h"

namespace crsp::lab {
namespace {

/// Of queue and receivers; a short path is sampled more often, at a twentieth of its round trip.
constexpr Duration kLongestTick = milliseconds(5);
constexpr int kTicksPerRtt = 20;

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

class BenchSimulation {
  public:
    BenchSimulation(const BenchCell& cell, std::uint64_t seed, RunProgress& progress)
        : m_cell(cell),
          m_progress(progress),
          m_network(BuildBenchNetwork(cell, seed)),
          m_tick(std::min<Duration>(kLongestTick, cell.link.rtt / kTicksPerRtt)) {
        Random starts = Random::Stream(seed, "start");
        for (std::size_t i = 0; i < cell.flows.size(); ++i) {
            BenchFlow flow = cell.flows[i];
            flow.start += Part(cell.link.rtt, starts.Uniform());
            m_flows.push_back(StartBenchFlow(flow, m_network.senders[i], m_network.receivers[i]));
        }
        m_atWarmup.resize(cell.flows.size());
    }

    BenchRecord Run() {
        Tick();
        ns3::Simulator::Schedule(ToNs3(m_cell.warmup), &BenchSimulation::OnWarm, this);
        ns3::Simulator::Stop(ToNs3(m_cell.stop));
        ns3::Simulator::Run();
        Collect();
        m_record.packets = m_witness.Packets();
        m_record.digest = m_witness.Hex();
        ns3::Simulator::Destroy();
        return std::move(m_record);
    }

  private:
    /// Flows begin within one round trip, so that seeds differ also where nothing is lost.
    static Duration Part(Duration whole, double share) {
        return FromSeconds(ToSeconds(whole) * share);
    }

    static Duration Now() { return nanoseconds(ns3::Simulator::Now().GetNanoSeconds()); }

    void Tick() {
        Sample();
        m_progress.permille = static_cast<std::uint32_t>(1000 * Now() / m_cell.stop);
        if (AllEnded()) return ns3::Simulator::Stop();
        ns3::Simulator::Schedule(ToNs3(m_tick), &BenchSimulation::Tick, this);
    }

    void Sample() {
        const auto queue = m_network.bottleneck->GetQueue();
        m_record.samples.push_back(
            {Now(), queue->GetNBytes(), BottleneckOffered(m_network), BottleneckDrops(m_network)});
        std::vector<std::uint64_t> arrived;
        std::vector<std::uint64_t> read;
        for (std::size_t i = 0; i < m_flows.size(); ++i) {
            const auto before = m_record.arrived.empty() ? 0 : m_record.arrived.back()[i];
            // A connection that has ended has no counters any more.
            arrived.push_back(std::max(before, m_flows[i]->Arrived()));
            read.push_back(m_flows[i]->Read());
        }
        m_record.arrived.push_back(std::move(arrived));
        m_record.read.push_back(std::move(read));
    }

    /// Whether every flow that has an end has come to it, and there is one.
    bool AllEnded() const {
        bool any = false;
        for (std::size_t i = 0; i < m_flows.size(); ++i) {
            if (m_cell.flows[i].bytes == 0) continue;
            any = true;
            if (!m_flows[i]->Record().lastByte) return false;
        }
        return any;
    }

    void OnWarm() {
        for (std::size_t i = 0; i < m_flows.size(); ++i) m_atWarmup[i] = m_flows[i]->Counters();
    }

    void Collect() {
        Sample();
        for (std::size_t i = 0; i < m_flows.size(); ++i) {
            FlowRecord record = m_flows[i]->Record();
            record.atWarmup = m_atWarmup[i];
            record.atStop = m_flows[i]->Counters();
            m_record.flows.push_back(std::move(record));
        }
    }

    const BenchCell& m_cell;
    RunProgress& m_progress;
    BenchNetwork m_network;
    Ns3Witness m_witness;
    Duration m_tick;
    std::vector<std::unique_ptr<RunningFlow>> m_flows;
    std::vector<FlowCounters> m_atWarmup;
    BenchRecord m_record;
};

}  // namespace

BenchRecord RunBenchCell(const BenchCell& cell, std::uint64_t seed, RunProgress& progress) {
    ns3::RngSeedManager::SetSeed(1);
    ns3::RngSeedManager::SetRun(seed);
    ConfigureBenchTcp();
    return BenchSimulation(cell, seed, progress).Run();
}

}  // namespace crsp::lab
