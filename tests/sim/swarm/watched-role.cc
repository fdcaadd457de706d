// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/watched-role.h"

#include <fmt/format.h>

#include <algorithm>

namespace crsp::sim {
namespace {

std::optional<Moment> MomentOf(TransportErrorCode code) {
    switch (code) {
        case TransportErrorCode::kHandshakeTimeout:
            return Moment::kHandshakeTimeout;
        case TransportErrorCode::kIdleTimeout:
            return Moment::kIdleTimeout;
        case TransportErrorCode::kVersionMismatch:
            return Moment::kVersionMismatch;
        case TransportErrorCode::kStatelessReset:
            return Moment::kForgotten;
        case TransportErrorCode::kNoError:
        case TransportErrorCode::kApplicationError:
            return Moment::kAppClose;
        default:
            return std::nullopt;
    }
}

}  // namespace

WatchedRole::WatchedRole(std::unique_ptr<Role> inner, std::string node,
                         const EndpointConfig& config, WireLedger& ledger, Verdict& verdict)
    : m_inner(std::move(inner)),
      m_node(std::move(node)),
      m_limits(config.transport),
      m_ledger(ledger),
      m_verdict(verdict) {}

void WatchedRole::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        m_ledger.OnValidated(connected->remote);
        m_verdict.Reached(Moment::kConnected);
    } else if (const auto* moved = std::get_if<PathChangedEvent>(&event)) {
        m_ledger.OnValidated(moved->remote);
        m_verdict.Reached(Moment::kPathChanged);
    } else if (const auto* closed = std::get_if<ClosedEvent>(&event)) {
        OnClosed(*closed, endpoint);
    }
    // A program that ends takes no more calls.
    const auto* late = m_over ? std::get_if<ConnectedEvent>(&event) : nullptr;
    if (late) (void)endpoint.Close(now, late->connection, 0, "over");
    if (!m_over || std::holds_alternative<ClosedEvent>(event)) {
        m_inner->OnEvent(now, event, endpoint);
    }
}

void WatchedRole::OnClosed(const ClosedEvent& event, const Endpoint& endpoint) {
    const auto moment = MomentOf(event.code);
    if (!moment) {
        return Fail(
            fmt::format("a connection ended with {}: {}", ToString(event.code), event.reason));
    }
    m_verdict.Reached(*moment);
    if (const auto stats = endpoint.StatsOf(event.connection)) CheckCounters(*stats);
}

void WatchedRole::CheckCounters(const ConnectionStats& stats) {
    const auto atMost = [&](const char* what, std::uint64_t value, std::uint64_t bound) {
        if (value > bound) Fail(fmt::format("{}: {} above {}", what, value, bound));
    };
    atMost("lost packets", stats.packetsLost, stats.packetsSent);
    atMost("spuriously lost packets", stats.packetsSpuriouslyLost, stats.packetsLost);
    atMost("bytes in flight", stats.bytesInFlight, stats.bytesSent);
    atMost("stream bytes", stats.streamBytesSent + stats.streamBytesRetransmitted, stats.bytesSent);
    atMost("bytes sent", stats.bytesSent, m_ledger.BytesSent() + kMaxDatagramSize * 16);
    atMost("bytes received", stats.bytesReceived, m_ledger.BytesReceived());
    atMost("acknowledged datagrams", stats.datagramsAcked, stats.datagramsSent);
    atMost("stream window", stats.largestStreamWindow,
           std::max(m_limits.streamReceiveWindow, m_limits.maxStreamReceiveWindow));
    atMost("connection window", stats.connectionWindow,
           std::max(m_limits.connectionReceiveWindow, m_limits.maxConnectionReceiveWindow));
}

}  // namespace crsp::sim
