// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/media/access-list.h"
#include "model/media/memory-content-store.h"
#include "model/media/renderer-role.h"
#include "model/media/server-role.h"
#include "tests/unit/media/role-harness.h"
#include "tests/unit/media/test-sink.h"

namespace crsp::test {

/// The identities of nodes 1 and 2.
inline constexpr std::uint8_t kServer = 1;
inline constexpr std::uint8_t kRenderer = 2;

inline PeerRights Reads(std::vector<std::string> entries = {}) {
    return {.name = "reader", .read = true, .entries = std::move(entries)};
}
inline PeerRights Controls() {
    return {.name = "controller", .control = true, .borrow = true};
}
inline PeerRights Observes() {
    return {.name = "observer", .observe = true};
}

/// One who talks word by word.
class Talker {
  public:
    Talker(World& world, std::uint8_t to, const EndpointConfig& config)
        : m_world(world), peer(World::AddressOf(to), PublicKeyOf(to)) {
        m_node = &world.Add(peer, config);
    }

    bool Connected() {
        return m_world.Run(seconds(3), [&] { return peer.Connected() || !peer.closed.empty(); }) &&
               peer.Connected();
    }
    void Say(const Message& message) {
        m_node->Do([&](TimePoint now, Endpoint& endpoint) {
            peer.Channel().Send(now, endpoint, message);
        });
    }
    /// The answer that carries the command id of `message`; ExitMessage if there is none.
    Message Ask(const Message& message) {
        const std::size_t before = peer.heard.size();
        Message answer = ExitMessage{};
        Say(message);
        m_world.Run(seconds(10), [&] {
            for (std::size_t i = before; i < peer.heard.size(); ++i) {
                if (CommandOf(peer.heard[i]) != CommandOf(message)) continue;
                answer = peer.heard[i];
                return true;
            }
            return !peer.closed.empty();
        });
        return answer;
    }
    /// kNone if the answer is no error, kConnectionLost if there is none.
    MediaErrorCode ErrorTo(const Message& message) {
        const Message answer = Ask(message);
        if (std::holds_alternative<ExitMessage>(answer)) return MediaErrorCode::kConnectionLost;
        const auto* error = std::get_if<ErrorMessage>(&answer);
        return error ? error->code : MediaErrorCode::kNone;
    }
    /// Whether a server begins to send what `message` asks for.
    bool Opens(const RenderMessage& message) {
        const std::size_t before = peer.streams.size();
        Say(message);
        return m_world.Run(seconds(1), [&] { return peer.streams.size() > before; });
    }
    std::optional<std::uint64_t> ClosedWith() {
        m_world.Run(seconds(3), [&] { return !peer.closed.empty(); });
        if (peer.closed.empty()) return std::nullopt;
        return peer.closed[0].applicationCode;
    }
    TestNode& Node() { return *m_node; }

  private:
    World& m_world;

  public:
    RawPeer peer;

  private:
    TestNode* m_node = nullptr;
};

/// A server (identity 1) and a renderer (identity 2) that know keys up to 40, and whoever joins.
class AccessFixture : public testing::Test {
  protected:
    AccessFixture() {
        for (std::uint8_t which = 1; which <= 40; ++which) m_everyKey.push_back(which);
        m_serverConfig.serverSecret.emplace();
        m_serverConfig.serverSecret->Bytes()[3] = std::byte{7};
        m_rendererConfig.servers = {{"attic", {World::AddressOf(1), PublicKeyOf(kServer)}}};
    }

    void Start() {
        m_server = std::make_unique<ServerRole>(m_serverConfig, m_store);
        m_renderer = std::make_unique<RendererRole>(m_rendererConfig, m_sink);
        m_serverNode = &m_world.Add(*m_server, IdentityConfig(kServer, m_everyKey));
        m_rendererNode = &m_world.Add(*m_renderer, IdentityConfig(kRenderer, m_everyKey));
    }
    using Rights = std::map<std::uint8_t, PeerRights>;
    static AccessList ListOf(const Rights& rights) {
        std::map<PeerKey, PeerRights> peers;
        for (const auto& [which, r] : rights) peers.emplace(PublicKeyOf(which), r);
        return AccessList(std::move(peers));
    }
    void SetServerAccess(const Rights& rights) {
        m_serverNode->Do([&](TimePoint now, Endpoint& endpoint) {
            m_server->SetAccess(now, endpoint, ListOf(rights));
        });
    }
    void SetRendererAccess(const Rights& rights) {
        m_rendererNode->Do([&](TimePoint now, Endpoint& endpoint) {
            m_renderer->SetAccess(now, endpoint, ListOf(rights));
        });
    }
    Talker& Join(std::uint8_t which, std::uint8_t to) {
        return JoinWith(to, IdentityConfig(which));
    }
    Talker& JoinWith(std::uint8_t to, const EndpointConfig& config) {
        m_talkers.push_back(std::make_unique<Talker>(m_world, to, config));
        return *m_talkers.back();
    }
    EntryId AddText(std::string name, std::string_view text) {
        const auto bytes = AsBytes(text);
        return m_store.AddBytes(std::move(name), {bytes.begin(), bytes.end()});
    }

    World m_world;
    MemoryContentStore m_store;
    TestSink m_sink;
    ServerConfig m_serverConfig;
    RendererConfig m_rendererConfig;
    std::vector<std::uint8_t> m_everyKey;
    std::unique_ptr<ServerRole> m_server;
    std::unique_ptr<RendererRole> m_renderer;
    std::vector<std::unique_ptr<Talker>> m_talkers;
    TestNode* m_serverNode = nullptr;
    TestNode* m_rendererNode = nullptr;
};

}  // namespace crsp::test
