// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "model/host/driver.h"
#include "model/media/control-channel.h"

namespace crsp::test {

class World;

/// One role with an endpoint of its own, in the virtual time of a World.
class TestNode : public Host {
  public:
    TestNode(World& world, SocketAddress address, EndpointConfig config, Role& role);

    TimePoint Now() const override;
    bool Send(const Transmit& transmit, ConstByteSpan bytes) override;
    void SetAlarm(std::optional<TimePoint> deadline) override;

    /// Does what a user would, then pumps.
    void Do(const std::function<void(TimePoint, Endpoint&)>& action);
    void Shutdown() { m_driver.Shutdown(); }
    /// From now on it hears nothing and says nothing, like a killed process.
    void Kill() { m_alive = false; }

    const SocketAddress& Address() const { return m_address; }
    Endpoint& GetEndpoint() { return m_endpoint; }

  private:
    friend class World;
    void Receive(const SocketAddress& source, std::vector<std::byte> bytes);

    World& m_world;
    SocketAddress m_address;
    Endpoint m_endpoint;
    Driver m_driver;
    std::uint64_t m_alarm = 0;
    bool m_alive = true;
};

/// The static key of peer `which`, and an endpoint that has it and knows those of `peers`.
PeerKey PublicKeyOf(std::uint8_t which);
EndpointConfig IdentityConfig(std::uint8_t which, const std::vector<std::uint8_t>& peers = {});

/// Nodes joined by links that deliver everything after a fixed delay, in order.
class World {
  public:
    explicit World(Duration delay = milliseconds(5)) : m_delay(delay) {}

    /// Nodes get the addresses 10.0.0.1, 10.0.0.2, ... in the order of adding.
    static SocketAddress AddressOf(std::uint32_t number);
    /// `role` must outlive the world. The node starts at once.
    TestNode& Add(Role& role, EndpointConfig config = {});
    /// Kills `node`; a new process of `role` has its address and, where it had one, its secret.
    TestNode& Replace(TestNode& node, Role& role, EndpointConfig config = {});

    TimePoint Now() const { return m_now; }
    /// Lets time pass until `done`, at most `limit`; returns whether it was done.
    bool Run(Duration limit, const std::function<bool()>& done);
    void RunFor(Duration duration);

  private:
    friend class TestNode;
    void At(TimePoint time, std::function<void()> action);
    void Deliver(const SocketAddress& from, const SocketAddress& to, ConstByteSpan bytes);

    Duration m_delay;
    TimePoint m_now{};
    std::uint64_t m_sequence = 0;
    std::map<std::pair<TimePoint, std::uint64_t>, std::function<void()>> m_events;
    std::vector<std::unique_ptr<TestNode>> m_nodes;
};

/// Speaks the protocol word by word: connects or accepts, says what a test tells it to say, and
/// keeps what it hears.
class RawPeer : public Role {
  public:
    /// Connects to `target`, which has to prove `key` if there is one; accepts without a target.
    explicit RawPeer(std::optional<SocketAddress> target = {}, std::optional<PeerKey> key = {})
        : m_target(target), m_key(key) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    bool Connected() const { return m_channel.has_value(); }
    ControlChannel& Channel() { return *m_channel; }
    ConnectionHandle Connection() const { return m_channel->Connection(); }

    /// The messages of one type that were heard.
    template <class M>
    std::vector<M> Heard() const {
        std::vector<M> found;
        for (const Message& message : heard) {
            if (const auto* m = std::get_if<M>(&message)) found.push_back(*m);
        }
        return found;
    }

    struct Stream {
        std::vector<std::byte> bytes;
        bool finished = false;
        std::optional<std::uint64_t> resetCode;
        std::optional<std::uint64_t> stoppedCode;
    };

    std::vector<Message> heard;
    std::map<StreamId, Stream> streams;  ///< all but the control stream
    std::vector<ClosedEvent> closed;
    bool readStreams = true;

  private:
    void ReadStream(const StreamReadableEvent& event, Endpoint& endpoint);

    std::optional<SocketAddress> m_target;
    std::optional<PeerKey> m_key;
    std::optional<ConnectionHandle> m_connecting;
    std::optional<ControlChannel> m_channel;
};

}  // namespace crsp::test
