// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/session.h"

#include <fmt/format.h>

#include <algorithm>

namespace crsp::sim {
namespace {

/// No session is let run longer than this by its controller.
constexpr Duration kControllerLimit = seconds(3600);

}  // namespace

Expected<void, MediaErrorCode> CheckingSink::Begin(TimePoint, Generation generation,
                                                   const ContentInfo& info) {
    if (generation <= m_generation) ++m_wrong;
    m_generation = generation;
    m_size = info.size;
    m_position = info.offset;
    m_open = true;
    m_complete = false;
    return {};
}

Expected<std::size_t, MediaErrorCode> CheckingSink::Render(TimePoint now, Generation generation,
                                                           std::uint64_t offset,
                                                           ConstByteSpan bytes) {
    if (!m_open || generation != m_generation || offset != m_position) m_wrong += bytes.size();
    m_expected.resize(bytes.size());
    FillGenerated(m_contentSeed, offset, m_expected);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] != m_expected[i]) ++m_wrong;
    }
    m_position = offset + bytes.size();
    m_rendered += bytes.size();
    m_lastRenderAt = now;
    return bytes.size();
}

Expected<void, MediaErrorCode> CheckingSink::End(TimePoint, Generation generation, bool complete) {
    if (!m_open || generation != m_generation) ++m_wrong;
    if (complete && m_position != m_size) ++m_wrong;
    m_open = false;
    m_complete = complete;
    return {};
}

Session::Session(const SessionConfig& config)
    : m_sink(config.seed), m_network(config.seed, config.link) {
    m_store.AddGenerated("film", config.size, config.seed);
    EndpointConfig endpoint;
    endpoint.transport = config.transport;

    m_serverNode =
        &m_network.AddNode(endpoint, std::make_unique<ServerRole>(ServerConfig{}, m_store));
    auto renderer = std::make_unique<RendererRole>(
        RendererConfig{.servers = {{"server", {m_serverNode->Address()}}},
                       .renderRate = config.renderRate},
        m_sink);
    m_renderer = renderer.get();
    m_rendererNode = &m_network.AddNode(endpoint, std::move(renderer));
    auto controller = std::make_unique<ScriptedController>(
        ScriptedControllerConfig{.controller = {.server = PeerTarget{m_serverNode->Address()},
                                                .renderer = PeerTarget{m_rendererNode->Address()},
                                                .instance = config.seed,
                                                .serverName = "server"},
                                 .script = config.script,
                                 .limit = kControllerLimit});
    m_controller = controller.get();
    m_controllerNode = &m_network.AddNode(endpoint, std::move(controller));
}

bool Session::Run(Duration limit) {
    return m_network.Run(limit, [&] { return m_controller->Finished(); });
}

bool Session::AllSucceeded() const {
    const auto results = m_controller->Results();
    return m_controller->Finished() &&
           std::all_of(results.begin(), results.end(), [](const auto& r) { return r.Ok(); });
}

std::string Session::Describe() const {
    std::string text;
    const auto ms = [](TimePoint at) { return ToMilliseconds(at.time_since_epoch()); };
    for (const auto& r : m_controller->Results()) {
        text += fmt::format("{:.1f} ms {} -> {:.1f} ms {} generation {} position {}\n",
                            ms(r.issuedAt), ToString(r.verb), ms(r.answeredAt),
                            r.error ? ToString(*r.error) : "ok", r.generation, r.position);
    }
    for (const auto& n : m_controller->Notifications()) {
        text += fmt::format("{:.1f} ms notification {} generation {} rendered {} reason {} {}\n",
                            ms(n.at), static_cast<int>(n.kind), n.generation, n.rendered,
                            static_cast<int>(n.reason), ToString(n.code));
    }
    return text;
}

}  // namespace crsp::sim
