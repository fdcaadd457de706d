// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "scenarios/lab/content.h"

namespace crsp::lab {
namespace {

/// With ids in place of names where the controller has them already.
Script ScriptOf(const Scenario& scenario, Script script) {
    if (scenario.nodes.catalogueAsked) return script;
    for (ScriptStep& step : script) {
        const auto entry =
            std::find_if(scenario.content.begin(), scenario.content.end(),
                         [&](const ContentSpec& content) { return content.name == step.argument; });
        if (step.verb != Verb::kPlay) continue;
        step.argument = fmt::format("#{}", 1 + (entry - scenario.content.begin()));
    }
    return script;
}

bool IsReplaced(const Scenario& scenario, std::size_t content) {
    return std::any_of(scenario.faults.begin(), scenario.faults.end(), [&](const FaultSpec& fault) {
        return fault.kind == FaultKind::kReplace && fault.content == content;
    });
}

bool HasRestarts(const Scenario& scenario) {
    return std::any_of(scenario.faults.begin(), scenario.faults.end(),
                       [](const FaultSpec& fault) { return fault.kind == FaultKind::kStart; });
}

void Add(const Ns3Controller& controller, FlowRun& record) {
    for (const CommandResult& result : controller.Results()) {
        record.commands.push_back(RecordOf(result));
    }
    for (const Notification& notification : controller.Notifications()) {
        if (notification.kind != Notification::Kind::kEnded) continue;
        record.endCode = static_cast<std::uint64_t>(notification.code);
    }
}

}  // namespace

Ns3Flow::Ns3Flow(const Scenario& scenario, const FlowSpec& flow, SessionPlaces places,
                 std::uint16_t portStep, Tracer* rendererLog, Tracer* controllerLog, KeyLog keyLog,
                 std::function<void()> finished)
    : m_scenario(scenario),
      m_flow(flow),
      m_setup{ScriptOf(scenario, flow.script),
              flow.renderRate,
              scenario.stop,
              scenario.nodes.patience,
              scenario.transport,
              HasRestarts(scenario),
              rendererLog,
              controllerLog,
              std::move(keyLog)},
      m_places(std::move(places)),
      m_portStep(portStep),
      m_whenFinished(std::move(finished)),
      m_timeline(m_sink) {
    Begin();
}

void Ns3Flow::Begin() {
    m_seen = m_sink.AllCompleted().size();
    m_sessions.push_back(
        std::make_unique<Ns3Session>(m_setup, m_places, m_timeline, [this] { OnFinished(); }));
    m_places.rendererPort = static_cast<std::uint16_t>(m_places.rendererPort + m_portStep);
    m_places.controllerPort = static_cast<std::uint16_t>(m_places.controllerPort + m_portStep);
}

void Ns3Flow::Expect(const ControllerSpec& controller, std::uint16_t port, const Ns3Flow* before) {
    Session().Expect();
    Script script = ScriptOf(m_scenario, controller.script);
    const auto begin = [this, script, port, before]() mutable {
        for (ScriptStep& step : script) step.offset = before ? before->PositionHeard() : 0;
        Session().AddController(script, port);
    };
    ns3::Simulator::Schedule(ns3::NanoSeconds(controller.start.count()), begin);
}

std::uint64_t Ns3Flow::PositionHeard() const {
    std::uint64_t position = 0;
    TimePoint heard = TimePoint::min();
    for (const auto& controller : m_sessions.back()->Controllers()) {
        for (const CommandResult& result : controller->Results()) {
            const bool tells = result.verb == Verb::kStatus || result.verb == Verb::kPause ||
                               result.verb == Verb::kResume || result.verb == Verb::kRestart ||
                               result.verb == Verb::kStop;
            if (!tells || !result.Ok() || result.answeredAt < heard) continue;
            heard = result.answeredAt;
            position = result.position;
        }
    }
    return position;
}

void Ns3Flow::OnFinished() {
    // Only one session's qlog can be told apart.
    m_setup.rendererLog = m_setup.controllerLog = nullptr;
    if (m_sink.AllCompleted().size() > m_seen) ++m_completed;
    if (m_sessions.size() < m_flow.sessions) {
        m_sessions.back()->End();
        return Begin();
    }
    m_finished = true;
    m_whenFinished();
}

FlowRun Ns3Flow::Record() const {
    FlowRun record;
    record.name = m_flow.name;
    record.sessions = m_flow.sessions;
    record.sessionsCompleted = m_completed;
    for (const auto& session : m_sessions) {
        for (const auto& controller : session->Controllers()) Add(*controller, record);
    }
    std::stable_sort(record.commands.begin(), record.commands.end(),
                     [](const auto& a, const auto& b) { return a.issued < b.issued; });
    record.timeline.assign(m_timeline.Rows().begin(), m_timeline.Rows().end());
    if (const ContentSpec* played = Played()) {
        record.contentSize = played->size;
        record.expectedHash = ContentHash(*played);
        record.renderedHash = m_sink.LastHash();
        CompareHashes(record);
    }
    return record;
}

/// What the last generation was of.
const ContentSpec* Ns3Flow::Played() const {
    if (m_sink.Entry() == 0) return PlayedLast(m_scenario, m_flow);
    return &m_scenario.content.at(m_sink.Entry() - 1);
}

/// Whether the bytes are those of the entry, before or after they were replaced, and not of both.
bool Ns3Flow::CanBe(const HashSink::Completed& completed, FlowRun& record) const {
    const ContentSpec& content = m_scenario.content.at(completed.entry - 1);
    record.expectedHash = ContentHash(content, completed.offset);
    if (record.expectedHash == completed.hash) return true;
    if (!IsReplaced(m_scenario, completed.entry - 1)) return false;
    record.expectedHash = ReplacedContentHash(content, completed.offset);
    return record.expectedHash == completed.hash;
}

/// One wrong generation is enough: it takes the place of the last.
void Ns3Flow::CompareHashes(FlowRun& record) const {
    std::map<std::pair<EntryId, std::uint64_t>, std::string> known;
    for (const HashSink::Completed& completed : m_sink.AllCompleted()) {
        std::string& hash = known[{completed.entry, completed.offset}];
        if (hash == completed.hash) {
            record.expectedHash = completed.hash;
            continue;
        }
        if (!CanBe(completed, record)) {
            record.renderedHash = completed.hash;
            return;
        }
        hash = completed.hash;
    }
}

}  // namespace crsp::lab
