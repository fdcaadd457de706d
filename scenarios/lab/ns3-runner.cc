// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "model/media/server-role.h"
#include "ns3/config.h"
#include "ns3/nstime.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/ns3-extra-traces.h"
#include "scenarios/lab/ns3-flow.h"
#include "scenarios/lab/ns3-node.h"
#include "scenarios/lab/ns3-path.h"
#include "scenarios/lab/ns3-probe.h"
#include "scenarios/lab/ns3-traffic.h"
#include "scenarios/lab/ns3-witness.h"
#include "scenarios/lab/qlog-file.h"
#include "scenarios/lab/series-book.h"
#include "scenarios/lab/server-series.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

constexpr std::uint16_t kServerPort = 59001;
constexpr std::uint16_t kRendererPort = 59002;
constexpr std::uint16_t kControllerPort = 59003;
/// From the ports of one session to those of the next one, of whatever flow.
constexpr std::uint16_t kPortStep = 10;
/// Headers are all that can be read of an encrypted packet, unless its key is kept.
constexpr std::uint32_t kPcapBytes = 128;
constexpr std::uint32_t kWholePacket = 65535;
constexpr auto kProgressInterval = seconds(1);

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

MemoryContentStore MakeStore(const Scenario& scenario) {
    MemoryContentStore store;
    FillStore(scenario, store);
    return store;
}

/// The qlog files of one run, or none.
class Logs {
  public:
    Logs(const Scenario& scenario, const Ns3RunOptions& options)
        : m_scenario(scenario), m_options(options) {}

    Tracer* Open(const std::string& node, const std::string& type) {
        if (!m_options.qlog || m_options.folder.empty()) return nullptr;
        QlogHeader header;
        header.title = fmt::format("{}, seed {}", m_scenario.name, m_options.seed);
        header.vantagePoint = node;
        header.vantageType = type;
        header.clockType = "simulated";
        header.scenario = {{"name", m_scenario.name}, {"seed", std::to_string(m_options.seed)}};
        const auto path = fmt::format("{}/{}.sqlog", m_options.folder, node);
        m_files.push_back(std::make_unique<QlogFile>(path, header));
        return &m_files.back()->GetTracer();
    }

  private:
    const Scenario& m_scenario;
    const Ns3RunOptions& m_options;
    std::vector<std::unique_ptr<QlogFile>> m_files;
};

/// A server on one node.
struct Server {
    Server(const Scenario& scenario, Ptr<ns3::Node> node, Tracer* log, KeyLog keyLog)
        : store(MakeStore(scenario)),
          role({.tracer = log}, store),
          installed(InstallNs3Node(node, kServerPort, role, log, scenario.transport, {},
                                   std::move(keyLog))) {}

    void AddCounters(RunRecord& record) {
        installed.Sample();
        for (const auto& [connection, stats] : installed.role->Stats()) {
            record.streamBytesSent += stats.streamBytesSent;
            record.streamBytesRetransmitted += stats.streamBytesRetransmitted;
            record.pathChanges += stats.pathChanges;
        }
    }

    MemoryContentStore store;
    ServerRole role;
    Ns3Node installed;
};

/// One run: the path, the servers and flows on it, and what watches them.
class Simulation {
  public:
    Simulation(const Scenario& scenario, const Ns3RunOptions& options, RunProgress& progress)
        : m_scenario(scenario),
          m_progress(progress),
          m_path(BuildNs3Path(scenario, options.seed)),
          m_logs(scenario, options),
          m_traffic(scenario, m_path, options.seed),
          m_probe(m_path.bottleneck),
          m_extra(options.extra, options.folder, m_path.server) {
        AddServer(m_path.server, "server");
        for (std::size_t i = 0; i < scenario.flows.size(); ++i) AddFlow(i);
        if (options.pcap && !options.folder.empty()) EnablePcap(options);
    }

    RunRecord Run() {
        ReportProgress();
        ns3::Simulator::Schedule(ToNs3(m_book.Step()), &Simulation::ReadSeries, this);
        ns3::Simulator::Stop(ToNs3(m_scenario.stop));
        ns3::Simulator::Run();
        RunRecord record = Collect();
        m_extra.Finish();
        ns3::Simulator::Destroy();
        return record;
    }

  private:
    void AddServer(Ptr<ns3::Node> node, const std::string& name) {
        m_servers.push_back(std::make_unique<Server>(m_scenario, node, m_logs.Open(name, "server"),
                                                     m_extra.GetKeyLog()));
    }

    /// The first flow's files have the plain names.
    static std::string NameOf(const std::string& node, const FlowSpec& flow, std::size_t index) {
        return index == 0 ? node : fmt::format("{}-{}", node, flow.name);
    }

    SessionPlaces PlacesOf(const FlowSpec& flow, std::size_t index) const {
        const auto shift = static_cast<std::uint16_t>(kPortStep * index);
        SessionPlaces places;
        places.renderer = flow.down ? m_path.leaves[index] : m_path.server;
        places.controller = m_path.controller;
        places.rendererPort = static_cast<std::uint16_t>(kRendererPort + shift);
        places.controllerPort = static_cast<std::uint16_t>(kControllerPort + shift);
        places.server = AddressAt(flow.down ? m_path.server : m_path.leaves[index], kServerPort);
        return places;
    }

    void AddFlow(std::size_t index) {
        const FlowSpec& flow = m_scenario.flows[index];
        if (!flow.down) AddServer(m_path.leaves[index], NameOf("server", flow, index + 1));
        Tracer* renderer = m_logs.Open(NameOf("renderer", flow, index), "client");
        Tracer* controller = m_logs.Open(NameOf("controller", flow, index), "client");
        const auto step = static_cast<std::uint16_t>(kPortStep * m_scenario.flows.size());
        m_flows.push_back(std::make_unique<Ns3Flow>(m_scenario, flow, PlacesOf(flow, index), step,
                                                    renderer, controller, m_extra.GetKeyLog(),
                                                    [this] { StopWhenFinished(); }));
    }

    void EnablePcap(const Ns3RunOptions& options) {
        ns3::Config::SetDefault(
            "ns3::PcapFileWrapper::CaptureSize",
            ns3::UintegerValue(options.extra.keyLog ? kWholePacket : kPcapBytes));
        ns3::PointToPointHelper().EnablePcap(options.folder + "/bottleneck.pcap", m_path.bottleneck,
                                             false, true);
    }

    bool Finished() const {
        return std::all_of(m_flows.begin(), m_flows.end(),
                           [](const auto& flow) { return flow->Finished(); });
    }

    void StopWhenFinished() {
        if (Finished()) ns3::Simulator::Stop();
    }

    /// By the first flow's content, or by time if that is not to come to its end.
    void ReportProgress() {
        const ContentSpec* played = PlayedLast(m_scenario, m_scenario.flows[0]);
        std::uint64_t done = m_flows[0]->Position();
        std::uint64_t all = played ? std::max<std::uint64_t>(played->size, 1) : 1;
        if (!m_scenario.completes || m_scenario.flows[0].sessions > 1) {
            done = static_cast<std::uint64_t>(ns3::Simulator::Now().GetNanoSeconds());
            all = static_cast<std::uint64_t>(m_scenario.stop.count());
        }
        m_progress.permille =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(1000 * done / all, 1000));
        ns3::Simulator::Schedule(ToNs3(kProgressInterval), &Simulation::ReportProgress, this);
    }

    void ReadSeries() {
        const auto suffixOf = [this](const SocketAddress& remote) { return SuffixOf(remote); };
        for (const auto& server : m_servers) {
            server->installed.Sample();
            ReadServer(*server->installed.role, suffixOf, m_book);
        }
        m_book.EndRow();
        ns3::Simulator::Schedule(ToNs3(m_book.Step()), &Simulation::ReadSeries, this);
    }

    /// By the port of a flow's renderer, as addresses may be a NAT's; controllers get no series.
    std::optional<std::string> SuffixOf(const SocketAddress& remote) const {
        const int above = remote.port - kRendererPort;
        if (above < 0 || above % kPortStep != 0) return std::nullopt;
        const std::size_t flows = m_scenario.flows.size();
        if (flows == 1) return "";
        return "." + m_scenario.flows[static_cast<std::size_t>(above / kPortStep) % flows].name;
    }

    RunRecord Collect() {
        RunRecord record;
        record.flows.clear();
        for (const auto& server : m_servers) server->AddCounters(record);
        for (const auto& flow : m_flows) record.flows.push_back(flow->Record());
        record.down = LossDown(m_path);
        record.up = LossUp(m_path);
        record.passages = m_probe.Passages();
        m_traffic.Collect(record);
        record.length = nanoseconds(ns3::Simulator::Now().GetNanoSeconds());
        record.packets = m_witness.Packets();
        record.digest = m_witness.Finish(record);
        record.series = m_book.Result();
        AddRecordSeries(record, m_book.Step());
        if (!Finished()) {
            record.failure = fmt::format("not finished after {} s of simulated time",
                                         ToSeconds(m_scenario.stop));
        }
        return record;
    }

    const Scenario& m_scenario;
    RunProgress& m_progress;
    Ns3Path m_path;
    Logs m_logs;
    Ns3Traffic m_traffic;
    Ns3Probe m_probe;
    Ns3Witness m_witness;
    SeriesBook m_book;
    Ns3ExtraTraces m_extra;
    std::vector<std::unique_ptr<Server>> m_servers;
    std::vector<std::unique_ptr<Ns3Flow>> m_flows;
};

}  // namespace

RunRecord RunInNs3(const Scenario& scenario, const Ns3RunOptions& options, RunProgress& progress) {
    ns3::RngSeedManager::SetSeed(1);
    ns3::RngSeedManager::SetRun(options.seed);
    ConfigureTcp();
    return Simulation(scenario, options, progress).Run();
}

}  // namespace crsp::lab
