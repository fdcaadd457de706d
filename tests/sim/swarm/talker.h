// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "model/host/role.h"
#include "model/media/peer-link.h"
#include "tests/sim/swarm/flow-receiver.h"
#include "tests/sim/swarm/flow-sender.h"

namespace crsp::sim {

/// One side of one dialogue: its ends of all flows.
class Dialogue {
  public:
    Dialogue(const DialoguePlan& plan, Side side, ConnectionHandle connection, TimePoint now,
             Verdict& verdict);

    void OnOpened(TimePoint now, StreamId stream, Endpoint& endpoint);
    void OnReadable(TimePoint now, StreamId stream, Endpoint& endpoint);
    void OnWritable(TimePoint now, StreamId stream, Endpoint& endpoint);
    void OnReset(StreamId stream);
    void OnStopped(StreamId stream);
    void OnDatagrams(Endpoint& endpoint);
    /// Opens what can be opened, and does what is due.
    void OnTimeout(TimePoint now, Endpoint& endpoint);
    std::optional<TimePoint> NextTimeout() const;

    /// Everything that this side sends and receives has come to its end.
    bool Done() const;
    std::uint64_t Progress() const;
    TimePoint Begun() const { return m_begun; }

  private:
    /// The ends that this side has of one flow; neither before its stream is open.
    struct Ends {
        const FlowPlan* plan = nullptr;
        std::optional<StreamId> stream = {};
        std::optional<FlowSender> sender = {};
        std::optional<FlowReceiver> receiver = {};
    };

    void OpenStreams(TimePoint now, Endpoint& endpoint);
    void Begin(TimePoint now, Ends& ends, std::optional<StreamId> stream, Endpoint& endpoint);
    Ends* Find(StreamId stream);

    Side m_side;
    ConnectionHandle m_connection;
    TimePoint m_begun;
    Verdict& m_verdict;
    std::vector<Ends> m_ends;
    std::optional<TimePoint> m_retryAt;  ///< for streams that the peer has not yet granted
};

/// Dials, or takes calls from diallers, and holds its side of each dialogue.
class Talker : public Role {
  public:
    /// What a dialler dials, and as whom.
    struct Call {
        PeerTarget remote;
        std::uint64_t dialler = 0;
    };
    /// Tells who a caller is, from the address that it is seen at.
    using WhoIs = std::function<std::uint64_t(const SocketAddress&)>;

    Talker(const std::vector<DialoguePlan>& plans, std::optional<Call> call, WhoIs whoIs,
           Verdict& verdict);

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

    /// A dialler will not dial again: it has hung up, or tried often enough.
    bool GivenUp() const { return m_call && !m_connection && !m_redialAt; }
    /// The dialler's side of the dialogue that stands; null while none does.
    const Dialogue* Current() const;
    /// Sides of dialogues with a dialler whose connections stand.
    std::vector<const Dialogue*> With(std::uint64_t dialler) const;
    std::uint64_t Attempts() const { return m_attempts; }

  private:
    struct Entry {
        std::uint64_t dialler = 0;
        Dialogue dialogue;
    };

    void On(TimePoint now, const ConnectedEvent& event, Endpoint& endpoint);
    void On(TimePoint now, const ClosedEvent& event, Endpoint& endpoint);
    void Dial(TimePoint now, Endpoint& endpoint);
    const DialoguePlan& OwnPlan() const { return m_plans[m_call->dialler]; }

    const std::vector<DialoguePlan>& m_plans;
    std::optional<Call> m_call;
    WhoIs m_whoIs;
    Verdict& m_verdict;
    std::map<ConnectionHandle, Entry> m_dialogues;
    std::optional<ConnectionHandle> m_connection;  ///< of a dialler
    std::optional<TimePoint> m_redialAt;
    std::optional<TimePoint> m_hangUpAt;
    std::uint64_t m_attempts = 0;
    bool m_closing = false;
};

}  // namespace crsp::sim
