// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "apps/live/hash-sink.h"
#include "apps/live/key-file.h"
#include "apps/live/live-node.h"
#include "model/media/controller-role.h"
#include "model/media/memory-content-store.h"
#include "model/media/renderer-role.h"
#include "model/media/server-role.h"

namespace crsp {

/// 127.0.0.1 with a port that the system picks.
inline const SocketAddress kAnyLoopbackPort = SocketAddress::FromIpv4(0x7f000001, 0);

/// Keeps what a renderer was given.
class CollectingSink final : public Sink {
  public:
    Expected<void, MediaErrorCode> Begin(TimePoint, Generation, const ContentInfo&) override {
        m_content.clear();
        m_complete = false;
        return {};
    }
    Expected<std::size_t, MediaErrorCode> Render(TimePoint, Generation, std::uint64_t,
                                                 ConstByteSpan bytes) override {
        m_content.append(AsText(bytes));
        return bytes.size();
    }
    Expected<void, MediaErrorCode> End(TimePoint, Generation, bool complete) override {
        m_complete = complete;
        return {};
    }

    const std::string& Content() const { return m_content; }
    bool Complete() const { return m_complete; }

  private:
    std::string m_content;
    bool m_complete = false;
};

/// Nodes of one test: real sockets on loopback, one event loop, no waiting but for conditions.
class Loopback {
  public:
    static constexpr std::chrono::seconds kPatience{60};

    EndpointConfig Config(std::optional<PreSharedKey> psk = {}) {
        EndpointConfig config;
        config.seed = SystemSeed();
        config.psk = psk;
        return config;
    }
    std::unique_ptr<LiveNode> Start(Role& role, EndpointConfig config) {
        auto node = std::make_unique<LiveNode>(m_io, std::move(config), role);
        EXPECT_FALSE(node->Open(kAnyLoopbackPort));
        node->Start();
        return node;
    }
    /// Runs the loop until `condition` holds; false if it does not within kPatience.
    bool RunUntil(const std::function<bool()>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (!condition()) {
            m_io.restart();
            if (m_io.run_one_until(deadline) == 0) return condition();
        }
        return true;
    }
    boost::asio::io_context& Io() { return m_io; }

  private:
    boost::asio::io_context m_io{1};
};

/// A server, a renderer and a controller that know each other.
class Trio {
  public:
    explicit Trio(Duration idleTimeout = seconds(15)) : m_idleTimeout(idleTimeout) {}

    /// Call after filling Store().
    void Start() {
        m_serverNode = loop.Start(m_server, Config());
        RendererConfig renderer;
        renderer.servers.push_back({"main", {m_serverNode->LocalAddress()}});
        renderer.serverTimeout = seconds(2);
        m_renderer.emplace(renderer, sink);
        m_rendererNode = loop.Start(*m_renderer, Config());
        ControllerConfig controller;
        controller.server = PeerTarget{m_serverNode->LocalAddress()};
        controller.renderer = PeerTarget{m_rendererNode->LocalAddress()};
        controller.instance = RandomInstance();
        m_controller.emplace(controller);
        m_controllerNode = loop.Start(*m_controller, Config());
    }
    /// Gives a command and runs until its result has come.
    CommandResult Do(Verb verb, std::string_view argument = {}) {
        m_controller->Issue(m_controllerNode->Now(), verb, argument);
        m_controllerNode->Pump();
        std::optional<CommandResult> result;
        EXPECT_TRUE(
            loop.RunUntil([&] { return (result = m_controller->PollResult()).has_value(); }));
        return result.value_or(CommandResult{});
    }
    /// Runs until a rendering has ended.
    std::optional<Notification> AwaitEnd() {
        std::optional<Notification> news;
        loop.RunUntil([&] {
            while ((news = m_controller->PollNotification())) {
                if (news->kind == Notification::Kind::kEnded) return true;
            }
            return false;
        });
        return news;
    }

    MemoryContentStore& Store() { return m_store; }
    LiveNode& ServerNode() { return *m_serverNode; }
    LiveNode& RendererNode() { return *m_rendererNode; }
    const RendererRole& Renderer() const { return *m_renderer; }

    Loopback loop;
    CollectingSink sink;

  private:
    EndpointConfig Config() {
        auto config = loop.Config();
        config.transport.idleTimeout = m_idleTimeout;
        config.transport.keepAlive = m_idleTimeout / 3;
        return config;
    }

    Duration m_idleTimeout;
    MemoryContentStore m_store;
    ServerRole m_server{ServerConfig{}, m_store};
    std::optional<RendererRole> m_renderer;
    std::optional<ControllerRole> m_controller;
    std::unique_ptr<LiveNode> m_serverNode;
    std::unique_ptr<LiveNode> m_rendererNode;
    std::unique_ptr<LiveNode> m_controllerNode;
};

}  // namespace crsp
