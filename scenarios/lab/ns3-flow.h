// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/media/timeline-sink.h"
#include "scenarios/lab/hash-sink.h"
#include "scenarios/lab/ns3-session.h"
#include "scenarios/lab/run-record.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// A flow of a scenario in ns-3: its sessions, one after the other. Lives as long as the
/// simulation.
class Ns3Flow {
  public:
    /// Begins with the simulation. Each session takes the ports of the one before and `portStep`
    /// more. `finished` is called once.
    Ns3Flow(const Scenario& scenario, const FlowSpec& flow, SessionPlaces places,
            std::uint16_t portStep, Tracer* rendererLog, Tracer* controllerLog, KeyLog keyLog,
            std::function<void()> finished);
    Ns3Flow(const Ns3Flow&) = delete;
    Ns3Flow& operator=(const Ns3Flow&) = delete;

    /// At its time a further controller of the one session, which plays from where `before` was
    /// last known to be; from the begin if that is null.
    void Expect(const ControllerSpec& controller, std::uint16_t port, const Ns3Flow* before);
    /// Of the session under way.
    Ns3Session& Session() { return *m_sessions.back(); }

    bool Finished() const { return m_finished; }
    /// Bytes into the entry that is rendered.
    std::uint64_t Position() const { return m_sink.Position(); }
    /// Where its controllers last heard that its renderer was, bytes into the entry.
    std::uint64_t PositionHeard() const;
    FlowRun Record() const;

  private:
    void Begin();
    void OnFinished();
    const ContentSpec* Played() const;
    bool CanBe(const HashSink::Completed& completed, FlowRun& record) const;
    void CompareHashes(FlowRun& record) const;

    const Scenario& m_scenario;
    const FlowSpec& m_flow;
    SessionSetup m_setup;
    SessionPlaces m_places;
    std::uint16_t m_portStep;
    std::function<void()> m_whenFinished;
    bool m_finished = false;
    HashSink m_sink;
    TimelineSink m_timeline;
    std::uint64_t m_completed = 0;  ///< sessions
    std::size_t m_seen = 0;         ///< generations that the sessions before completed
    std::vector<std::unique_ptr<Ns3Session>> m_sessions;
};

}  // namespace crsp::lab
