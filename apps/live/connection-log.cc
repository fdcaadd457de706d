// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/connection-log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "apps/live/asio-address.h"
#include "model/media/catalogue.h"
#include "model/media/media-error.h"

namespace crsp {
namespace {

/// Of nobody whose key or address is known to be right.
std::uint64_t Unproven(const EndpointStats& s) {
    return s.droppedAuthentication + s.droppedInitialTooSmall + s.droppedVersion;
}

bool IsNotAllowed(const ClosedEvent& event) {
    if (event.byPeer) return false;
    return event.code == TransportErrorCode::kConnectionRefused ||
           (event.code == TransportErrorCode::kApplicationError &&
            MediaErrorFromWire(event.applicationCode) == MediaErrorCode::kNotAllowed);
}

std::string HowItEnded(const ClosedEvent& event) {
    if (IsNotAllowed(event)) return "refused: not allowed here";
    const auto who = event.byPeer ? " by the peer" : "";
    if (event.code == TransportErrorCode::kNoError) return fmt::format("closed{}", who);
    if (event.code != TransportErrorCode::kApplicationError) {
        return fmt::format("ended{}: {}", who, ToString(event.code));
    }
    return fmt::format("closed{}: {}", who, ToString(MediaErrorFromWire(event.applicationCode)));
}

}  // namespace

void ConnectionLog::OnStart(TimePoint now, Endpoint& endpoint) {
    m_stats = &endpoint.Stats();
    m_role.OnStart(now, endpoint);
}

void ConnectionLog::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) OnConnected(now, *connected);
    if (const auto* closed = std::get_if<ClosedEvent>(&event)) OnClosed(now, *closed);
    m_role.OnEvent(now, event, endpoint);
}

void ConnectionLog::OnTimeout(TimePoint now, Endpoint& endpoint) {
    m_connected.SayHeldBack(now);
    m_ended.SayHeldBack(now);
    SayRefused(now);
    m_role.OnTimeout(now, endpoint);
}

std::optional<TimePoint> ConnectionLog::NextTimeout() const {
    auto next = Earlier(m_connected.DueAt(), m_ended.DueAt());
    if (Refused() > 0) next = Earlier(next, m_nextRefusal);
    return Earlier(next, m_role.NextTimeout());
}

void ConnectionLog::OnShutdown(TimePoint now, Endpoint& endpoint) {
    m_connected.SayHeldBack(TimePoint::max());
    m_ended.SayHeldBack(TimePoint::max());
    m_nextRefusal = std::min(m_nextRefusal, now);
    SayRefused(now);
    m_role.OnShutdown(now, endpoint);
}

void ConnectionLog::OnConnected(TimePoint now, const ConnectedEvent& event) {
    if (event.side != Side::kResponder) return;
    const auto where = Display(event.remote);
    const auto who =
        event.peer ? fmt::format("'{}' at {}", PrintableName(m_nameOf(*event.peer)), where) : where;
    m_open[event.connection] = who;
    m_connected.Say(now, who + " connected");
}

void ConnectionLog::OnClosed(TimePoint now, const ClosedEvent& event) {
    const auto ended = m_open.extract(event.connection);
    if (ended.empty()) return;
    m_ended.Say(now, fmt::format("{} {}", ended.mapped(), HowItEnded(event)));
}

std::uint64_t ConnectionLog::Refused() const {
    if (!m_stats) return 0;
    return Unproven(*m_stats) - Unproven(m_seen) + m_stats->droppedInitialRefused -
           m_seen.droppedInitialRefused + m_stats->retriesSent - m_seen.retriesSent;
}

void ConnectionLog::SayRefused(TimePoint now) {
    const auto refused = Refused();
    if (refused == 0 || now < m_nextRefusal) return;
    m_nextRefusal = now + kRefusalInterval;
    const EndpointStats before = std::exchange(m_seen, *m_stats);
    const auto unproven = Unproven(m_seen) - Unproven(before);
    const auto retries = m_seen.retriesSent - before.retriesSent;
    if (refused == retries && retries < kFewRetries) return;
    m_line(
        fmt::format("refused {} packets: {} of unknown or wrong keys, or forged, {} answered by "
                    "Retry, and {} beyond what this node takes",
                    refused, unproven, retries, refused - unproven - retries));
}

}  // namespace crsp
