// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "scenarios/lab/content.h"

namespace crsp::lab {
namespace {

/// With ids in place of names where the controller has them already.
Script ScriptOf(const Scenario& scenario, const FlowSpec& flow) {
    Script script = flow.script;
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

std::uint64_t Plays(const FlowSpec& flow) {
    return static_cast<std::uint64_t>(
        std::count_if(flow.script.begin(), flow.script.end(),
                      [](const ScriptStep& step) { return step.verb == Verb::kPlay; }));
}

}  // namespace

Ns3Flow::Ns3Flow(const Scenario& scenario, const FlowSpec& flow, SessionPlaces places,
                 std::uint16_t portStep, Tracer* rendererLog, Tracer* controllerLog, KeyLog keyLog,
                 std::function<void()> finished)
    : m_scenario(scenario),
      m_flow(flow),
      m_setup{ScriptOf(scenario, flow), flow.renderRate, scenario.stop, scenario.nodes.patience,
              scenario.transport,       rendererLog,     controllerLog, std::move(keyLog)},
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
        for (const CommandResult& result : session->Results()) {
            record.commands.push_back(RecordOf(result));
        }
    }
    std::stable_sort(record.commands.begin(), record.commands.end(),
                     [](const auto& a, const auto& b) { return a.issued < b.issued; });
    record.timeline.assign(m_timeline.Rows().begin(), m_timeline.Rows().end());
    if (const ContentSpec* played = PlayedLast(m_scenario, m_flow)) {
        record.contentSize = played->size;
        record.expectedHash = ContentHash(*played);
        record.renderedHash = m_sink.LastHash();
        if (Plays(m_flow) * m_flow.sessions > 1) CompareHashes(record);
    }
    return record;
}

/// One wrong generation is enough: it takes the place of the last.
void Ns3Flow::CompareHashes(FlowRun& record) const {
    std::map<EntryId, std::string> expected;
    for (const HashSink::Completed& completed : m_sink.AllCompleted()) {
        std::string& hash = expected[completed.entry];
        if (hash.empty()) hash = ContentHash(m_scenario.content.at(completed.entry - 1));
        if (hash == completed.hash) continue;
        record.expectedHash = hash;
        record.renderedHash = completed.hash;
        return;
    }
}

}  // namespace crsp::lab
