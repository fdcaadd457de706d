// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "model/media/memory-content-store.h"
#include "model/media/renderer-role.h"
#include "model/media/server-role.h"
#include "tests/unit/media/role-harness.h"
#include "tests/unit/media/test-sink.h"

namespace crsp::test {

/// A server (node 1), a renderer (node 2) that knows it as `attic`, and a controller (node 3) that
/// talks word by word.
class RendererFixture : public testing::Test {
  protected:
    RendererFixture() : m_server({}, m_store), m_controller(World::AddressOf(2)) {
        m_config.servers = {{"attic", {World::AddressOf(1)}}, {"nowhere", {World::AddressOf(99)}}};
    }

    void Start() {
        m_renderer = std::make_unique<RendererRole>(m_config, m_sink);
        m_serverNode = &m_world.Add(m_server, m_serverEndpoint);
        m_rendererNode = &m_world.Add(*m_renderer);
        m_controllerNode = &m_world.Add(m_controller);
        ASSERT_TRUE(m_world.Run(seconds(2), [this] { return m_controller.Connected(); }));
    }

    void Say(const Message& message) {
        m_controllerNode->Do([&](TimePoint now, Endpoint& endpoint) {
            m_controller.Channel().Send(now, endpoint, message);
        });
    }
    /// Says `message` and returns the answer that carries its command id.
    Message Ask(const Message& message, Duration limit = seconds(20)) {
        const std::size_t before = m_controller.heard.size();
        Message answer = ExitMessage{};
        Say(message);
        m_world.Run(limit, [&] {
            for (std::size_t i = before; i < m_controller.heard.size(); ++i) {
                if (CommandOf(m_controller.heard[i]) != CommandOf(message)) continue;
                answer = m_controller.heard[i];
                return true;
            }
            return false;
        });
        return answer;
    }
    MediaErrorCode ErrorTo(const Message& message) {
        const Message answer = Ask(message);
        const auto* error = std::get_if<ErrorMessage>(&answer);
        return error ? error->code : MediaErrorCode::kNone;
    }
    /// Plays `entry` as command `id`; true once it has begun.
    bool Play(CommandId id, EntryId entry, std::uint64_t offset = 0) {
        return std::holds_alternative<RenderingBegunMessage>(
            Ask(RenderMessage{id, 0, "", entry, 0, offset}));
    }
    std::vector<RenderingEndedMessage> Ends() const {
        return m_controller.Heard<RenderingEndedMessage>();
    }
    bool WaitForEnds(std::size_t count, Duration limit = seconds(60)) {
        return m_world.Run(limit, [&] { return Ends().size() >= count; });
    }
    StatusReportMessage Status() {
        return std::get<StatusReportMessage>(Ask(StatusMessage{m_nextStatus++}));
    }

    EntryId AddText(std::string_view text) {
        const auto bytes = AsBytes(text);
        return m_store.AddBytes("text", {bytes.begin(), bytes.end()});
    }
    /// Whether a rendering holds what FillGenerated says from its offset on.
    static bool IsGenerated(const TestSink::Rendering& rendering, std::uint64_t seed) {
        std::vector<std::byte> expected(rendering.bytes.size());
        FillGenerated(seed, rendering.info.offset, expected);
        return rendering.bytes == expected;
    }

    World m_world;
    MemoryContentStore m_store;
    ServerRole m_server;
    EndpointConfig m_serverEndpoint;
    RendererConfig m_config;
    TestSink m_sink;
    std::unique_ptr<RendererRole> m_renderer;
    RawPeer m_controller;
    TestNode* m_serverNode = nullptr;
    TestNode* m_rendererNode = nullptr;
    TestNode* m_controllerNode = nullptr;
    CommandId m_nextStatus = 1'000'000;
};

}  // namespace crsp::test
