// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/original/renderer.h"

namespace crsp::original {
namespace {

constexpr std::size_t kControlPort = 0;
constexpr std::size_t kContentsPort = 1;

}  // namespace

Expected<void, std::string> Renderer::OnMessage(TimePoint now, std::size_t port,
                                                const SocketAddress& from, const Message& message) {
    if (port == kControlPort) return OnCommand(now, from, message);
    if (from != m_server) return Fail(std::string("contents from another than the server"));
    return OnAnswer(now, message);
}

Expected<void, std::string> Renderer::OnCommand(TimePoint now, const SocketAddress& from,
                                                const Message& message) {
    switch (message.type) {
        case MessageType::kRender:
            End(now, false);
            m_controller = from;
            break;
        case MessageType::kPause:
        case MessageType::kResume:
        case MessageType::kRestart:
            if (from != m_controller) return Unwanted(message);
            break;
        case MessageType::kExit:
            m_finished = true;
            return {};
        default:
            return Unwanted(message);
    }
    Send(kContentsPort, m_server, message);
    return {};
}

Expected<void, std::string> Renderer::OnAnswer(TimePoint now, const Message& message) {
    if (m_controller == SocketAddress{}) return Unwanted(message);
    switch (message.type) {
        case MessageType::kContents:
            Render(now, message);
            return {};
        case MessageType::kRestarted:
            End(now, false);
            break;
        case MessageType::kPaused:
        case MessageType::kResumed:
            break;
        default:
            return Unwanted(message);
    }
    Send(kControlPort, m_controller, message);
    return {};
}

void Renderer::Render(TimePoint now, const Message& portion) {
    if (!m_rendering) Begin(now);
    if (m_sink.Render(now, m_generation, m_position, AsBytes(portion.payload))) {
        m_position += portion.payload.size();
    }
    if (portion.more) return;
    End(now, true);
    Send(kControlPort, m_controller, {MessageType::kEnded, false, {}});
}

void Renderer::Begin(TimePoint now) {
    m_rendering = true;
    m_position = 0;
    static_cast<void>(m_sink.Begin(now, ++m_generation, {}));
    Send(kControlPort, m_controller, {MessageType::kBegun, false, {}});
}

void Renderer::End(TimePoint now, bool complete) {
    if (m_rendering) static_cast<void>(m_sink.End(now, m_generation, complete));
    m_rendering = false;
}

}  // namespace crsp::original
