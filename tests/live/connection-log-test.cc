// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/connection-log.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <vector>

#include "model/media/media-error.h"
#include "tests/live/keyed-nodes.h"

namespace crsp {
namespace {

/// Nobody's role.
class Silent final : public Role {
  public:
    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint, const Event&, Endpoint&) override { ++events; }
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    int events = 0;
};

class ConnectionLogTest : public ::testing::Test {
  protected:
    ConnectionLogTest() { m_log.OnStart(m_now, m_endpoint); }

    void Connect(ConnectionHandle handle, Side side = Side::kResponder,
                 std::optional<PeerKey> peer = PeerKey{}) {
        m_log.OnEvent(m_now,
                      ConnectedEvent{handle, side, SocketAddress::FromIpv4(0x0a000001, 7),
                                     HandshakeMode::kKeyed, peer},
                      m_endpoint);
    }
    void End(ConnectionHandle handle, TransportErrorCode code, MediaErrorCode media, bool byPeer) {
        m_log.OnEvent(m_now,
                      ClosedEvent{handle, code, static_cast<std::uint64_t>(media), "why", byPeer},
                      m_endpoint);
    }
    /// Packets that are none, which the endpoint counts.
    void SendGarbage(int count) {
        std::vector<std::byte> packet(kMinDatagramSize);
        packet[0] = std::byte{0x80};
        for (int i = 0; i < count; ++i) {
            auto copy = packet;
            m_endpoint.HandleDatagram(m_now, {SocketAddress::FromIpv4(1, 1), Ecn::kNotEct, copy});
        }
    }
    /// First packets of handshakes without keys, from as many addresses: each is answered by Retry.
    void SendInitials(std::uint32_t count) {
        EndpointConfig config;
        config.seed.fill(std::byte{7});
        Endpoint caller(config);
        ASSERT_TRUE(caller.Connect(m_now, SocketAddress::FromIpv4(0x0a000002, 1)));
        std::array<std::byte, kMaxDatagramSize> buffer;
        const auto initial = caller.PollTransmit(m_now, buffer);
        ASSERT_TRUE(initial);
        for (std::uint32_t i = 0; i < count; ++i) {
            auto copy = buffer;
            m_endpoint.HandleDatagram(m_now, {SocketAddress::FromIpv4(0x0b000000 + i, 1),
                                              Ecn::kNotEct, ByteSpan(copy).first(initial->size)});
        }
    }
    void RunFor(Duration time) {
        const TimePoint end = m_now + time;
        for (auto due = m_log.NextTimeout(); due && *due <= end; due = m_log.NextTimeout()) {
            m_now = std::max(m_now, *due);
            m_log.OnTimeout(m_now, m_endpoint);
        }
        m_now = end;
    }

    TimePoint m_now{seconds(100)};
    Endpoint m_endpoint{EndpointConfig{}};
    Silent m_role;
    std::vector<std::string> m_lines;
    ConnectionLog m_log{m_role, [](const PeerKey&) { return std::string("t\nv"); },
                        [this](const std::string& line) { m_lines.push_back(line); }};
};

using Lines = std::vector<std::string>;

TEST_F(ConnectionLogTest, SaysWhoComesAndHowItEnds) {
    Connect(1);
    End(1, TransportErrorCode::kNoError, MediaErrorCode::kNone, true);
    Connect(2);
    End(2, TransportErrorCode::kIdleTimeout, MediaErrorCode::kNone, false);
    Connect(3);
    End(3, TransportErrorCode::kApplicationError, MediaErrorCode::kNotAllowed, false);
    Connect(4, Side::kResponder, std::nullopt);
    End(4, TransportErrorCode::kApplicationError, MediaErrorCode::kBusy, false);
    EXPECT_EQ(
        m_lines,
        (Lines{"'t\\x0av' at 10.0.0.1:7 connected", "'t\\x0av' at 10.0.0.1:7 closed by the peer",
               "'t\\x0av' at 10.0.0.1:7 connected", "'t\\x0av' at 10.0.0.1:7 ended: IDLE_TIMEOUT",
               "'t\\x0av' at 10.0.0.1:7 connected",
               "'t\\x0av' at 10.0.0.1:7 refused: not allowed here", "10.0.0.1:7 connected",
               "10.0.0.1:7 closed: busy"}));
    EXPECT_EQ(m_role.events, 8);
}

TEST_F(ConnectionLogTest, OwnConnectionsAreNoNews) {
    Connect(1, Side::kInitiator);
    End(1, TransportErrorCode::kIdleTimeout, MediaErrorCode::kNone, false);
    EXPECT_TRUE(m_lines.empty());
}

TEST_F(ConnectionLogTest, C11_AFloodOfConnectionsIsAFewLinesAMinute) {
    for (ConnectionHandle i = 0; i < 1000; ++i) {
        Connect(i);
        End(i, TransportErrorCode::kNoError, MediaErrorCode::kNone, true);
    }
    EXPECT_EQ(m_lines.size(), 2 * kLinesPerMinute);
    RunFor(seconds(59));
    EXPECT_EQ(m_lines.size(), 2 * kLinesPerMinute);
    RunFor(seconds(2));
    ASSERT_EQ(m_lines.size(), 2 * kLinesPerMinute + 2);
    EXPECT_EQ(m_lines[2 * kLinesPerMinute], "and 980 more connections in that minute");
    EXPECT_EQ(m_lines.back(), "and 980 more ends of connections in that minute");
    Connect(2000);
    EXPECT_EQ(m_lines.size(), 2 * kLinesPerMinute + 3) << "a new minute";
    EXPECT_EQ(m_log.NextTimeout(), std::nullopt);
}

TEST_F(ConnectionLogTest, C11_RefusedPacketsAreALineInTenSeconds) {
    SendGarbage(1);
    RunFor(Duration{});
    ASSERT_EQ(m_lines.size(), 1u);
    EXPECT_TRUE(m_lines[0].starts_with("refused 1 packets: 1 of unknown or wrong keys"))
        << m_lines[0];
    for (int i = 0; i < 9; ++i) {
        SendGarbage(100);
        RunFor(seconds(1));
    }
    EXPECT_EQ(m_lines.size(), 1u);
    RunFor(seconds(30));
    ASSERT_EQ(m_lines.size(), 2u) << "and none where nothing came";
    EXPECT_TRUE(m_lines[1].starts_with("refused 900 packets")) << m_lines[1];
}

TEST_F(ConnectionLogTest, A4_AFloodThatIsAnsweredByRetryIsTold) {
    for (int i = 0; i < 10; ++i) {
        SendInitials(200);
        RunFor(seconds(1));
    }
    RunFor(seconds(30));
    ASSERT_EQ(m_lines.size(), 2u);
    EXPECT_EQ(m_lines[0],
              "refused 200 packets: 0 of unknown or wrong keys, or forged, 200 answered by Retry, "
              "and 0 beyond what this node takes");
    EXPECT_TRUE(m_lines[1].starts_with("refused 1800 packets: 0 of")) << m_lines[1];
    EXPECT_EQ(m_log.NextTimeout(), std::nullopt);
}

TEST_F(ConnectionLogTest, NewcomersThatAreAskedForACookieAreNoNews) {
    for (int minute = 0; minute < 60; ++minute) {
        SendInitials(kFewRetries - 1);
        RunFor(seconds(60));
    }
    EXPECT_EQ(m_endpoint.Stats().retriesSent, 60 * (kFewRetries - 1));
    EXPECT_TRUE(m_lines.empty()) << m_lines[0];
    SendInitials(2);
    SendGarbage(1);
    RunFor(seconds(60));
    ASSERT_EQ(m_lines.size(), 1u);
    EXPECT_TRUE(
        m_lines[0].starts_with("refused 3 packets: 1 of unknown or wrong keys, or forged, "
                               "2 answered by Retry"))
        << m_lines[0];
}

TEST_F(ConnectionLogTest, WhatWasHeldBackIsSaidAtTheEnd) {
    for (ConnectionHandle i = 0; i < 30; ++i) Connect(i);
    SendGarbage(1);
    RunFor(Duration{});
    SendGarbage(2);
    m_log.OnShutdown(m_now, m_endpoint);
    ASSERT_GE(m_lines.size(), 2u);
    EXPECT_EQ(m_lines[m_lines.size() - 2], "and 10 more connections in that minute");
    EXPECT_TRUE(m_lines.back().starts_with("refused 2 packets")) << m_lines.back();
}

TEST_F(KeyedNodes, C11_TheLogSaysWhoDidWhat) {
    m_dir.Write("root/long", PatternText(3'000'000));
    StartTrio();
    EXPECT_EQ(Control({"list"}).code, 0);
    EXPECT_TRUE(m_server->WaitSaid("crsp-server: 'controller' at 127.0.0.1:")) << m_server->Err();
    EXPECT_TRUE(m_server->WaitSaid(" closed\n")) << m_server->Err();
    m_renderer.reset();
    m_renderer.emplace("crsp-renderer",
                       Join(Node("renderer"), {"--server", "server", "--rate", "100000"}));
    m_rendererReference = "renderer=" + m_renderer->WaitListening();
    ASSERT_EQ(Control({"play", "long"}).code, 0);
    EXPECT_TRUE(m_renderer->WaitSaid("crsp-renderer: 'controller' at 127.0.0.1:"));
    EXPECT_TRUE(m_server->WaitSaid("'renderer' at 127.0.0.1:")) << m_server->Err();
    ASSERT_EQ(RunToEnd("crsp", {"revoke", "renderer", "--peers", m_dir.Path("server.peers")}).code,
              0);
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(m_server->WaitSaid("refused: not allowed here")) << m_server->Err();
    // Without a line in the peers file there is no answer, and a line in the log.
    EXPECT_EQ(
        RunToEnd("crsp", {"revoke", "controller", "--peers", m_dir.Path("server.peers")}).code, 0);
    m_server->Signal(SIGHUP);
    ASSERT_TRUE(m_server->WaitSaid("again: 0 known")) << m_server->Err();
    EXPECT_EQ(Control({"list"}).code, 69);
    EXPECT_TRUE(m_server->WaitSaid("of unknown or wrong keys")) << m_server->Err();
    EXPECT_EQ(m_server->Out(), "");
}

}  // namespace
}  // namespace crsp
