// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/peer-link.h"

#include <gtest/gtest.h>

#include "tests/unit/media/role-harness.h"

namespace crsp {
namespace {

using test::RawPeer;
using test::World;
using State = PeerLink::State;

/// Nothing but a link.
class LinkRole : public Role {
  public:
    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        if (const auto* e = std::get_if<ConnectedEvent>(&event); e && link.Is(e->connection)) {
            link.OnConnected(endpoint);
        }
        if (const auto* e = std::get_if<ClosedEvent>(&event); e && link.Is(e->connection)) {
            link.OnClosed(now, *e);
        }
    }
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    PeerLink link{nullptr};
};

class PeerLinkTest : public testing::Test {
  protected:
    PeerLinkTest() : m_node(m_world.Add(m_role)) {
        m_world.Add(m_first);
        m_world.Add(m_second);
    }
    bool Use(std::uint32_t number) {
        bool usable = false;
        m_node.Do([&](TimePoint now, Endpoint& endpoint) {
            usable = m_role.link.Use(now, endpoint, PeerTarget{World::AddressOf(number)});
        });
        return usable;
    }
    void EndByCongestion() {
        m_node.Do([&](TimePoint now, Endpoint&) {
            const auto connection = m_role.link.Channel().Connection();
            m_role.link.OnClosed(now,
                                 {connection, TransportErrorCode::kCongested, 0, "a test", true});
        });
    }
    bool Becomes(State state) {
        return m_world.Run(seconds(90), [&] { return m_role.link.Current() == state; });
    }

    World m_world;
    LinkRole m_role;
    test::TestNode& m_node;
    RawPeer m_first;   // node 2
    RawPeer m_second;  // node 3
};

TEST_F(PeerLinkTest, ConnectsAndCarriesMessages) {
    EXPECT_EQ(m_role.link.Current(), State::kIdle);
    EXPECT_TRUE(Use(2));
    EXPECT_EQ(m_role.link.Current(), State::kConnecting);
    ASSERT_TRUE(Becomes(State::kConnected));
    m_node.Do([&](TimePoint now, Endpoint& endpoint) {
        m_role.link.Channel().Send(now, endpoint, StatusMessage{1});
    });
    EXPECT_TRUE(m_world.Run(seconds(1), [&] { return m_first.heard.size() == 1; }));
}

TEST_F(PeerLinkTest, KeepsAConnectionToTheSamePeer) {
    Use(2);
    ASSERT_TRUE(Becomes(State::kConnected));
    EXPECT_TRUE(Use(2));
    EXPECT_EQ(m_role.link.Current(), State::kConnected);
    EXPECT_EQ(m_node.GetEndpoint().ConnectionCount(), 1u);
}

TEST_F(PeerLinkTest, LeavesOnePeerForAnother) {
    Use(2);
    ASSERT_TRUE(Becomes(State::kConnected));
    EXPECT_TRUE(Use(3));
    ASSERT_TRUE(Becomes(State::kConnected));
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return !m_first.closed.empty(); }));
    EXPECT_EQ(m_first.closed[0].applicationCode, 0u);
    m_node.Do([&](TimePoint now, Endpoint& endpoint) {
        m_role.link.Channel().Send(now, endpoint, StatusMessage{1});
    });
    EXPECT_TRUE(m_world.Run(seconds(1), [&] { return m_second.heard.size() == 1; }));
}

TEST_F(PeerLinkTest, KnowsWhyItWasClosedAndConnectsAgain) {
    Use(77);
    ASSERT_TRUE(Becomes(State::kClosed));
    EXPECT_EQ(m_role.link.Why(), TransportErrorCode::kHandshakeTimeout);
    EXPECT_TRUE(Use(2));
    EXPECT_TRUE(Becomes(State::kConnected));
}

TEST_F(PeerLinkTest, ClosesAndDrops) {
    Use(2);
    ASSERT_TRUE(Becomes(State::kConnected));
    m_node.Do([&](TimePoint now, Endpoint& e) { m_role.link.Close(now, e, "bye"); });
    EXPECT_TRUE(Becomes(State::kClosed));
    Use(3);
    ASSERT_TRUE(Becomes(State::kConnected));
    m_node.Do([&](TimePoint now, Endpoint& e) { m_role.link.Drop(now, e, "bye"); });
    EXPECT_EQ(m_role.link.Current(), State::kIdle);
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return !m_second.closed.empty(); }));
    EXPECT_EQ(m_second.closed[0].reason, "bye");
}

// CRSP §6.8, RFC 8084 §4.
TEST_F(PeerLinkTest, AfterCongestionItLeavesThatPeerAloneForHalfAMinute) {
    Use(2);
    ASSERT_TRUE(Becomes(State::kConnected));
    EndByCongestion();
    EXPECT_EQ(m_role.link.Why(), TransportErrorCode::kCongested);
    EXPECT_FALSE(Use(2));
    m_world.RunFor(seconds(29));
    EXPECT_FALSE(Use(2));
    EXPECT_EQ(m_role.link.Current(), State::kClosed);
    EXPECT_EQ(m_role.link.Why(), TransportErrorCode::kCongested);
    m_world.RunFor(seconds(2));
    EXPECT_TRUE(Use(2));
    EXPECT_TRUE(Becomes(State::kConnected));
}

TEST_F(PeerLinkTest, AfterCongestionAnotherPeerCanBeUsedAtOnce) {
    Use(2);
    ASSERT_TRUE(Becomes(State::kConnected));
    EndByCongestion();
    EXPECT_TRUE(Use(3));
    EXPECT_TRUE(Becomes(State::kConnected));
}

}  // namespace
}  // namespace crsp
