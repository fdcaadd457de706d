// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/base/random.h"
#include "model/crypto/sha256.h"
#include "model/host/driver.h"
#include "model/impair/link-emulator.h"

namespace crsp::sim {

/// Virtual time and what happens in it: events in order of time, then of being scheduled.
class EventQueue {
  public:
    using Action = std::function<void()>;

    TimePoint Now() const { return m_now; }
    void At(TimePoint time, Action action);
    /// Runs the next event; false if there is none.
    bool Step();

  private:
    using Key = std::pair<TimePoint, std::uint64_t>;

    TimePoint m_now{};
    std::uint64_t m_sequence = 0;
    std::map<Key, Action> m_events;
};

class Network;

/// One node: an endpoint and a role behind one socket, in virtual time.
class Node : public Host {
  public:
    Node(Network& network, SocketAddress address, EndpointConfig config, std::unique_ptr<Role> role,
         DriverObserver* observer);

    TimePoint Now() const override;
    bool Send(const Transmit& transmit, ConstByteSpan bytes) override;
    void SetAlarm(std::optional<TimePoint> deadline) override;

    void Start() { m_driver.Start(); }
    void Receive(const SocketAddress& source, std::vector<std::byte> bytes, Ecn ecn = Ecn::kNotEct);
    /// Stops taking part: hears nothing, sends nothing, as a process that was killed.
    void Kill() { m_alive = false; }
    bool Alive() const { return m_alive; }
    /// Its clock leaps forward by `leap`, as that of a virtual machine that was moved.
    void JumpClock(Duration leap);
    /// Does nothing for `duration`, as a stopped process; a socket buffer's worth waits for it.
    void Suspend(Duration duration);
    /// Its socket takes nothing for `duration`; then it is writable again.
    void BlockSocket(Duration duration);
    /// Calls `command` as if the user had, then lets the driver act on it.
    void Command(const std::function<void(TimePoint, Endpoint&)>& command);

    const SocketAddress& Address() const { return m_address; }
    Endpoint& GetEndpoint() { return m_endpoint; }
    Role& GetRole() { return *m_role; }
    Driver& GetDriver() { return m_driver; }

  private:
    struct Waiting {
        SocketAddress source;
        std::vector<std::byte> bytes;
        Ecn ecn;
    };

    void OnAlarm(std::uint64_t id);
    void Continue();
    bool Suspended() const;

    Network& m_network;
    SocketAddress m_address;
    Endpoint m_endpoint;
    std::unique_ptr<Role> m_role;
    Driver m_driver;
    std::uint64_t m_alarm = 0;  ///< only the newest alarm rings
    std::optional<TimePoint> m_deadline;
    bool m_alive = true;
    Duration m_ahead{};            ///< of the network's clock
    TimePoint m_suspendedUntil{};  ///< these two by the network's clock
    TimePoint m_blockedUntil{};
    std::vector<Waiting> m_backlog;
};

/// Nodes and the links between them. Every ordered pair of nodes has a link of its own, made from
/// the network's impairments unless SetLink said otherwise.
class Network {
  public:
    /// Sees each datagram before the link does; true drops it.
    using Filter = std::function<bool(const SocketAddress& from, const SocketAddress& to,
                                      ConstByteSpan bytes)>;

    Network(std::uint64_t seed, ImpairmentConfig link);

    /// `seed` of the endpoint is set from the network's seed and the address.
    Node& AddNode(EndpointConfig config, std::unique_ptr<Role> role,
                  DriverObserver* observer = nullptr);
    /// Kills `old`, and starts a node at its address that knows nothing of it. `old` stays to be
    /// looked at.
    Node& Restart(Node& old, EndpointConfig config, std::unique_ptr<Role> role,
                  DriverObserver* observer = nullptr);
    void SetLink(const Node& from, const Node& to, const ImpairmentConfig& config);
    /// All that `from` sends, to whomever, goes through one link of `config` from now on.
    void ShareUplink(const Node& from, const ImpairmentConfig& config);
    /// Replaces every link. What is on its way arrives as it would have.
    void Relink(const ImpairmentConfig& config);
    void SetFilter(Filter filter) { m_filter = std::move(filter); }

    /// Puts `node` behind a NAT that shows it to all others as `shown` from now on. What is on its
    /// way to an address shown before is lost when it arrives.
    void Rebind(const Node& node, const SocketAddress& shown);

    EventQueue& Events() { return m_events; }
    TimePoint Now() const { return m_events.Now(); }
    /// Runs until `done` or `limit`, whichever is first; returns whether it was done.
    bool Run(Duration limit, const std::function<bool()>& done);
    void RunFor(Duration duration);

    /// Called by a node for each datagram it sends.
    void Transfer(const SocketAddress& from, const SocketAddress& to, ConstByteSpan bytes,
                  Ecn ecn = Ecn::kNotEct);
    /// What the link from one node to another did.
    const LinkCounters& CountersOf(const Node& from, const Node& to) {
        return LinkOf(from.Address(), to.Address()).Counters();
    }
    /// Delivers `bytes` at `at`, past links and filter; `from` may be anything.
    void Inject(const SocketAddress& from, const SocketAddress& to, std::vector<std::byte> bytes,
                TimePoint at, Ecn ecn = Ecn::kNotEct);
    /// The node that was ever shown as `shown`; `shown` itself if none was.
    SocketAddress OwnerOf(const SocketAddress& shown) const;
    SocketAddress ShownAs(const SocketAddress& owner) const;
    /// SHA-256 over everything sent so far: when, where from, where to, how much, and both ends of
    /// it. The tag at the end of a sealed datagram stands for all of its content.
    std::string LogDigest();

  private:
    Node& Enter(const SocketAddress& address, std::uint64_t life, EndpointConfig config,
                std::unique_ptr<Role> role, DriverObserver* observer);
    void Deliver(const SocketAddress& from, const SocketAddress& to, std::vector<std::byte> bytes,
                 Ecn ecn);
    LinkEmulator& LinkOf(const SocketAddress& from, const SocketAddress& to);
    void Log(const SocketAddress& from, const SocketAddress& to, Ecn ecn, ConstByteSpan bytes);

    std::uint64_t m_seed;
    ImpairmentConfig m_default;
    EventQueue m_events;
    std::vector<std::unique_ptr<Node>> m_nodes;  ///< those restarted too
    std::uint32_t m_addresses = 0;
    std::uint64_t m_restarts = 0;
    std::map<std::pair<SocketAddress, SocketAddress>, LinkEmulator> m_links;
    std::map<SocketAddress, LinkEmulator> m_uplinks;  ///< shared ones, instead of those
    std::map<SocketAddress, SocketAddress> m_shown;   ///< of nodes behind a NAT, now
    std::map<SocketAddress, SocketAddress> m_owners;  ///< of every address ever shown
    Filter m_filter;
    Sha256 m_log;
};

}  // namespace crsp::sim
