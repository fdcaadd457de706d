// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "apps/ns3/address-conversion.h"
#include "apps/ns3/crsp-application.h"
#include "model/media/renderer-role.h"
#include "model/media/scripted-controller.h"
#include "model/media/server-role.h"
#include "ns3/config.h"
#include "ns3/data-rate.h"
#include "ns3/inet-socket-address.h"
#include "ns3/nstime.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/hash-sink.h"
#include "scenarios/lab/ns3-path.h"
#include "scenarios/lab/ns3-traffic.h"
#include "scenarios/lab/qlog-file.h"
#include "scenarios/lab/watched-role.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

constexpr std::uint16_t kServerPort = 59001;
constexpr std::uint16_t kRendererPort = 59002;
constexpr std::uint16_t kControllerPort = 59003;
/// Headers are all that can be read of an encrypted packet.
constexpr std::uint32_t kPcapBytes = 128;
constexpr std::uint64_t kControllerInstance = 3;
constexpr auto kProgressInterval = seconds(1);

/// Any key will do: who knows it does not change what a network does to the packets.
const std::string& SimulationKey() {
    static const std::string key(64, '5');
    return key;
}

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

SocketAddress AddressAt(Ptr<ns3::Node> node, std::uint16_t port) {
    return ns3::FromNs3Address(ns3::InetSocketAddress(AddressOf(node), port));
}

RendererConfig MakeRendererConfig(const Ns3Path& path, Tracer* tracer) {
    RendererConfig config;
    config.servers = {{"server", AddressAt(path.server, kServerPort)}};
    config.tracer = tracer;
    return config;
}

ScriptedControllerConfig MakeControllerConfig(const Scenario& scenario, const Ns3Path& path,
                                              Tracer* tracer) {
    ScriptedControllerConfig config;
    config.controller.server = AddressAt(path.server, kServerPort);
    config.controller.renderer = AddressAt(path.renderer, kRendererPort);
    config.controller.instance = kControllerInstance;
    config.controller.tracer = tracer;
    config.script = scenario.script;
    config.limit = scenario.stop;
    return config;
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

/// One run: the path, the three roles on it, and what watches them.
class Simulation {
  public:
    Simulation(const Scenario& scenario, const Ns3RunOptions& options, RunProgress& progress)
        : m_scenario(scenario),
          m_progress(progress),
          m_path(BuildNs3Path(scenario, options.seed)),
          m_logs(scenario, options),
          m_serverLog(m_logs.Open("server", "server")),
          m_rendererLog(m_logs.Open("renderer", "client")),
          m_controllerLog(m_logs.Open("controller", "client")),
          m_store(MakeStore(scenario)),
          m_timeline(m_sink),
          m_serverRole({.tracer = m_serverLog}, m_store),
          m_rendererRole(MakeRendererConfig(m_path, m_rendererLog), m_timeline),
          m_controllerRole(MakeControllerConfig(scenario, m_path, m_controllerLog)),
          m_played(PlayedLast(scenario)) {
        InstallTraffic(scenario, m_path);
        m_server = Install(m_path.server, kServerPort, m_serverRole, m_serverLog, {});
        Install(m_path.renderer, kRendererPort, m_rendererRole, m_rendererLog, {});
        Install(m_path.controller, kControllerPort, m_controllerRole, m_controllerLog,
                [this] { StopWhenFinished(); });
        if (options.pcap && !options.folder.empty()) EnablePcap(options.folder);
    }

    RunRecord Run() {
        ReportProgress();
        ns3::Simulator::Stop(ToNs3(m_scenario.stop));
        ns3::Simulator::Run();
        RunRecord record = Collect();
        ns3::Simulator::Destroy();
        return record;
    }

  private:
    struct Node {
        Ptr<ns3::CrspApplication> application;
        WatchedRole* role = nullptr;
    };

    Node Install(Ptr<ns3::Node> node, std::uint16_t port, Role& role, Tracer* tracer,
                 std::function<void()> hook) {
        auto watched = std::make_unique<WatchedRole>(role, std::move(hook));
        Node installed{ns3::CreateObject<ns3::CrspApplication>(), watched.get()};
        installed.application->SetRole(std::move(watched));
        installed.application->SetTracer(tracer);
        installed.application->SetAttribute("Port", ns3::UintegerValue(port));
        installed.application->SetAttribute("PreSharedKey", ns3::StringValue(SimulationKey()));
        SetTransport(*installed.application, m_scenario.transport);
        node->AddApplication(installed.application);
        return installed;
    }

    static void SetTransport(ns3::CrspApplication& application, const TransportConfig& config) {
        const auto size = [&](const char* name, std::uint64_t value) {
            application.SetAttribute(name, ns3::UintegerValue(value));
        };
        const auto time = [&](const char* name, Duration value) {
            application.SetAttribute(name, ns3::TimeValue(ToNs3(value)));
        };
        size("MaxDatagramSize", config.maxDatagramSize);
        size("StreamReceiveWindow", config.streamReceiveWindow);
        size("MaxStreamReceiveWindow", config.maxStreamReceiveWindow);
        size("ConnectionReceiveWindow", config.connectionReceiveWindow);
        size("MaxConnectionReceiveWindow", config.maxConnectionReceiveWindow);
        size("StreamSendBuffer", config.streamSendBuffer);
        size("MaxStreamSendBuffer", config.maxStreamSendBuffer);
        time("IdleTimeout", config.idleTimeout);
        time("KeepAlive", config.keepAlive);
        time("HandshakeTimeout", config.handshakeTimeout);
        time("MaxAckDelay", config.maxAckDelay);
        application.SetAttribute("Congestion",
                                 ns3::StringValue(std::string(ToString(config.congestion))));
        application.SetAttribute("Ecn", ns3::BooleanValue(config.ecn));
        application.SetAttribute("FixedRate", ns3::DataRateValue(config.fixedRate));
    }

    void EnablePcap(const std::string& folder) {
        ns3::Config::SetDefault("ns3::PcapFileWrapper::CaptureSize",
                                ns3::UintegerValue(kPcapBytes));
        ns3::PointToPointHelper().EnablePcap(folder + "/bottleneck.pcap", m_path.bottleneck, false,
                                             true);
    }

    void StopWhenFinished() {
        if (m_controllerRole.Finished()) ns3::Simulator::Stop();
    }

    void ReportProgress() {
        const auto size = m_played ? std::max<std::uint64_t>(m_played->size, 1) : 1;
        m_progress.permille = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(1000 * m_sink.Position() / size, 1000));
        ns3::Simulator::Schedule(ToNs3(kProgressInterval), &Simulation::ReportProgress, this);
    }

    RunRecord Collect() {
        RunRecord record;
        if (m_server.application->GetEndpoint()) {
            m_server.role->Sample(*m_server.application->GetEndpoint());
        }
        for (const auto& [connection, stats] : m_server.role->Stats()) {
            record.streamBytesSent += stats.streamBytesSent;
            record.streamBytesRetransmitted += stats.streamBytesRetransmitted;
        }
        CollectCommands(record);
        record.timeline.assign(m_timeline.Rows().begin(), m_timeline.Rows().end());
        record.renderedHash = m_sink.LastHash();
        if (m_played) {
            record.contentSize = m_played->size;
            record.expectedHash = ContentHash(*m_played);
        }
        record.down = LossDown(m_path);
        record.up = LossUp(m_path);
        return record;
    }

    void CollectCommands(RunRecord& record) const {
        for (const CommandResult& result : m_controllerRole.Results()) {
            record.commands.push_back(RecordOf(result));
        }
        std::stable_sort(record.commands.begin(), record.commands.end(),
                         [](const auto& a, const auto& b) { return a.issued < b.issued; });
        if (!m_controllerRole.Finished() || m_controllerRole.TimedOut()) {
            record.failure = fmt::format("not finished after {} s of simulated time",
                                         ToSeconds(m_scenario.stop));
        }
    }

    const Scenario& m_scenario;
    RunProgress& m_progress;
    Ns3Path m_path;
    Logs m_logs;
    Tracer* m_serverLog;
    Tracer* m_rendererLog;
    Tracer* m_controllerLog;
    MemoryContentStore m_store;
    HashSink m_sink;
    TimelineSink m_timeline;
    ServerRole m_serverRole;
    RendererRole m_rendererRole;
    ScriptedController m_controllerRole;
    const ContentSpec* m_played;
    Node m_server;
};

}  // namespace

RunRecord RunInNs3(const Scenario& scenario, const Ns3RunOptions& options, RunProgress& progress) {
    ns3::RngSeedManager::SetSeed(1);
    ns3::RngSeedManager::SetRun(options.seed);
    ConfigureTcp();
    return Simulation(scenario, options, progress).Run();
}

}  // namespace crsp::lab
