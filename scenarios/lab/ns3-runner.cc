// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "ns3/config.h"
#include "ns3/nstime.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/markers.h"
#include "scenarios/lab/ns3-extra-traces.h"
#include "scenarios/lab/ns3-faults.h"
#include "scenarios/lab/ns3-first-of-type.h"
#include "scenarios/lab/ns3-flow.h"
#include "scenarios/lab/ns3-gauge.h"
#include "scenarios/lab/ns3-lte.h"
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
constexpr std::uint16_t kFurtherControllerPort = 58001;
/// From the ports of one session to those of the next one, of whatever flow.
constexpr std::uint16_t kPortStep = 10;
/// The first renderer's port where so many sessions do not find room behind the usual one.
constexpr std::uint16_t kManyRendererPort = 20002;
constexpr std::size_t kMaxPort = 65535;
/// Headers are all that can be read of an encrypted packet, unless its key is kept.
constexpr std::uint32_t kPcapBytes = 128;
constexpr std::uint32_t kWholePacket = 65535;
constexpr auto kProgressInterval = seconds(1);

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

std::uint16_t FirstRendererPort(const Scenario& scenario) {
    std::uint64_t sessions = 1;
    for (const FlowSpec& flow : scenario.flows) sessions = std::max(sessions, flow.sessions);
    const auto ports = kPortStep * scenario.flows.size() * sessions;
    return kRendererPort + ports <= kMaxPort ? kRendererPort : kManyRendererPort;
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
    /// Begins to write into each file what the scenario does, as it does it. Once all are open.
    void MarkPlanned() {
        if (m_files.empty()) return;
        m_planned = PlannedMarkers(m_scenario);
        Await();
    }
    void Mark(const std::string& type, const std::string& message) {
        const TimePoint now{nanoseconds(ns3::Simulator::Now().GetNanoSeconds())};
        for (const auto& file : m_files) file->GetTracer().Mark(now, type, message);
    }

  private:
    void Await() {
        if (m_next == m_planned.size()) return;
        const Duration now = nanoseconds(ns3::Simulator::Now().GetNanoSeconds());
        ns3::Simulator::Schedule(ToNs3(m_planned[m_next].at - now), &Logs::MarkNext, this);
    }
    void MarkNext() {
        const Marker& marker = m_planned[m_next++];
        Mark(marker.type, marker.message);
        Await();
    }

    const Scenario& m_scenario;
    const Ns3RunOptions& m_options;
    std::vector<std::unique_ptr<QlogFile>> m_files;
    std::vector<Marker> m_planned;
    std::size_t m_next = 0;
};

/// Both directions of every hop, and whether they were what the scenario says.
class Gauges {
  public:
    explicit Gauges(const Ns3Path& path) : m_path(path) {
        for (const Ns3Hop& hop : path.hops) {
            for (const std::uint32_t direction : {kDown, kUp}) {
                m_gauges.push_back(std::make_unique<Ns3Gauge>(hop.lines[direction]->Device(),
                                                              hop.lines[1 - direction]->Device()));
            }
        }
    }

    /// The first thing that does not fit; empty if all does.
    std::string Problem(const Scenario& scenario) const {
        const Duration end = nanoseconds(ns3::Simulator::Now().GetNanoSeconds());
        for (std::size_t i = 0; i < m_gauges.size(); ++i) {
            const auto direction = static_cast<std::uint32_t>(i % 2);
            const SharedLink& hop = i < 2 ? scenario.link : scenario.hops[i / 2 - 1];
            const auto problem = CheckHop(direction == kDown ? hop.down : hop.up, scenario.stop,
                                          end, m_gauges[i]->Crossings(),
                                          m_path.hops[i / 2].channel->GetChecksumDrops(direction));
            if (problem.empty()) continue;
            return fmt::format("hop {}, {}: {}", i / 2, direction == kDown ? "down" : "up",
                               problem);
        }
        return {};
    }

  private:
    const Ns3Path& m_path;
    std::vector<std::unique_ptr<Ns3Gauge>> m_gauges;
};

/// One run: the path, the servers and flows on it, and what watches them.
class Simulation {
  public:
    /// `built` has the links as they will be, and lives as long as this.
    Simulation(const Scenario& scenario, const Scenario& built, const Ns3RunOptions& options,
               RunProgress& progress)
        : m_scenario(scenario),
          m_progress(progress),
          m_firstPort(FirstRendererPort(scenario)),
          m_path(BuildNs3Path(built, options.seed)),
          m_gauges(m_path),
          m_logs(scenario, options),
          m_traffic(scenario, m_path, AddressAt(m_path.server, kServerPort), options.seed),
          m_probe(m_path.bottleneck, m_path.hops[0].lines[kDown]->Discipline()),
          m_extra(options.extra, options.folder, m_path.server) {
        AddServer(m_path.server, "server");
        for (std::size_t i = 0; i < scenario.flows.size(); ++i) AddFlow(i);
        for (std::size_t i = 0; i < scenario.controllers.size(); ++i) AddController(i);
        m_faults = std::make_unique<Ns3Faults>(
            scenario, *m_servers[0], m_flows,
            [this](const FaultSpec& fault) { m_logs.Mark("fault", FaultText(fault)); });
        m_logs.MarkPlanned();
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
    Tracer* OpenLog(const std::string& node, const std::string& type) {
        Tracer* log = m_logs.Open(node, type);
        if (!m_scenario.nodes.firstOfTypeLost) return log;
        if (!m_firstOfType) m_firstOfType = std::make_unique<Ns3FirstOfType>();
        return m_firstOfType->Listen(log);
    }

    Tracer* OpenFlowLog(const std::string& node, const FlowSpec& flow, std::size_t index) {
        if (index >= kMaxFlowsApart) return nullptr;
        return OpenLog(NameOf(node, flow, index), "client");
    }

    void AddServer(Ptr<ns3::Node> node, const std::string& name) {
        m_servers.push_back(std::make_unique<Ns3Server>(
            m_scenario, node, kServerPort, OpenLog(name, "server"), m_extra.GetKeyLog()));
    }

    /// The first flow's files have the plain names.
    static std::string NameOf(const std::string& node, const FlowSpec& flow, std::size_t index) {
        return index == 0 ? node : fmt::format("{}-{}", node, flow.name);
    }

    SessionPlaces PlacesOf(const FlowSpec& flow, std::size_t index) const {
        const auto shift = static_cast<std::uint16_t>(kPortStep * index);
        SessionPlaces places;
        places.renderer = flow.down ? m_path.leaves[index] : m_path.roots[index];
        places.controller = m_path.controller;
        places.rendererPort = static_cast<std::uint16_t>(m_firstPort + shift);
        places.controllerPort = static_cast<std::uint16_t>(places.rendererPort + 1);
        places.server =
            AddressAt(flow.down ? m_path.roots[index] : m_path.leaves[index], kServerPort);
        return places;
    }

    void AddFlow(std::size_t index) {
        const FlowSpec& flow = m_scenario.flows[index];
        const auto server = flow.down ? m_path.roots[index] : m_path.leaves[index];
        if (server != m_path.server) AddServer(server, NameOf("server", flow, index + 1));
        Tracer* renderer = OpenFlowLog("renderer", flow, index);
        Tracer* controller = OpenFlowLog("controller", flow, index);
        const auto step = static_cast<std::uint16_t>(kPortStep * m_scenario.flows.size());
        m_flows.push_back(std::make_unique<Ns3Flow>(m_scenario, flow, PlacesOf(flow, index), step,
                                                    renderer, controller, m_extra.GetKeyLog(),
                                                    [this] { StopWhenFinished(); }));
    }

    void AddController(std::size_t index) {
        const ControllerSpec& controller = m_scenario.controllers[index];
        const auto port = static_cast<std::uint16_t>(kFurtherControllerPort + index);
        const Ns3Flow* before =
            controller.continues ? m_flows[*controller.continues].get() : nullptr;
        m_flows[controller.flow]->Expect(controller, port, before);
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
            ReadServer(server->Sampled(), suffixOf, m_book);
        }
        m_book.EndRow();
        ns3::Simulator::Schedule(ToNs3(m_book.Step()), &Simulation::ReadSeries, this);
    }

    /// By the port of a flow's renderer, as addresses may be a NAT's; controllers get no series.
    std::optional<std::string> SuffixOf(const SocketAddress& remote) const {
        if (m_scenario.flows.size() > kMaxFlowsApart) return std::nullopt;
        const int above = remote.port - m_firstPort;
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
        if (m_firstOfType) record.firstOfTypeLost = m_firstOfType->Packets();
        record.passages = m_probe.Passages();
        m_traffic.Collect(record);
        record.invalid = m_gauges.Problem(m_scenario);
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
    std::uint16_t m_firstPort;
    Ns3Path m_path;
    Gauges m_gauges;
    Logs m_logs;
    Ns3Traffic m_traffic;
    Ns3Probe m_probe;
    Ns3Witness m_witness;
    SeriesBook m_book;
    Ns3ExtraTraces m_extra;
    std::vector<std::unique_ptr<Ns3Server>> m_servers;
    std::vector<std::unique_ptr<Ns3Flow>> m_flows;
    std::unique_ptr<Ns3Faults> m_faults;
    std::unique_ptr<Ns3FirstOfType> m_firstOfType;
};

}  // namespace

RunRecord RunInNs3(const Scenario& scenario, const Ns3RunOptions& options, RunProgress& progress) {
    if (scenario.access.kind == AccessKind::kLte && !HasLte()) {
        RunRecord record;
        record.failure = "access.kind \"lte\" needs an ns-3 with its lte module";
        return record;
    }
    ns3::RngSeedManager::SetSeed(1);
    ns3::RngSeedManager::SetRun(options.seed);
    ConfigureTcp();
    Scenario built = scenario;
    if (options.realised) built.link = *options.realised;
    return Simulation(scenario, built, options, progress).Run();
}

}  // namespace crsp::lab
