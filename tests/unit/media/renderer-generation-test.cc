// SPDX-License-Identifier: BSD-3-Clause
#include <memory>
#include <vector>

#include "tests/unit/media/renderer-fixture.h"

namespace crsp::test {
namespace {

/// A server with a secret of its own, by which its next process tells peers that it has begun anew.
class ServerThatBeginsAnew : public RendererFixture {
  protected:
    ServerThatBeginsAnew() : m_next({}, m_store) { m_serverEndpoint.secret.emplace(); }
    void BeginAnew() { m_serverNode = &m_world.Replace(*m_serverNode, m_next, m_serverEndpoint); }

    ServerRole m_next;
};

TEST_F(ServerThatBeginsAnew, R6_TheRendererGoesOnAtTheNextByte) {
    m_config.renderRate = 1'000'000;
    const EntryId entry = m_store.AddGenerated("song", 6'000'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    m_world.RunFor(seconds(2));
    m_serverNode->Kill();
    m_world.RunFor(seconds(1));
    BeginAnew();
    const std::size_t before = m_sink.Total();
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return m_sink.Total() > before; }))
        << "no byte within 2 s after the server listens again";
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0].reason, EndReason::kComplete);
    EXPECT_EQ(Ends()[0].rendered, 6'000'000u);
    ASSERT_EQ(m_sink.renderings.size(), 1u) << "one generation, whatever happened to the server";
    EXPECT_TRUE(m_sink.renderings[0].complete);
    EXPECT_TRUE(IsGenerated(m_sink.renderings[0], 5));
    EXPECT_TRUE(m_controller.Heard<ErrorMessage>().empty());
}

TEST_F(ServerThatBeginsAnew, APauseOutlivesIt) {
    m_config.renderRate = 1'000'000;
    const EntryId entry = m_store.AddGenerated("song", 2'000'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    m_world.RunFor(seconds(1));
    Ask(PauseMessage{2, 0});
    const std::size_t before = m_sink.Total();
    BeginAnew();
    m_world.RunFor(seconds(20));
    EXPECT_EQ(m_sink.Total(), before);
    EXPECT_EQ(Status().state, TransportState::kPaused);
    Ask(ResumeMessage{3, 0});
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_TRUE(m_sink.renderings[0].complete);
    EXPECT_TRUE(IsGenerated(m_sink.renderings[0], 5));
}

TEST_F(ServerThatBeginsAnew, C5_WithAnotherContentItEndsTheRendering) {
    m_config.renderRate = 1'000'000;
    const EntryId entry = m_store.AddGenerated("song", 6'000'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    m_world.RunFor(seconds(1));
    m_serverNode->Kill();
    m_store.Replace(entry, std::vector<std::byte>(6'000'000));
    BeginAnew();
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0].reason, EndReason::kFailed);
    EXPECT_EQ(Ends()[0].code, MediaErrorCode::kVersionChanged);
    EXPECT_FALSE(m_sink.renderings[0].complete);
    EXPECT_TRUE(IsGenerated(m_sink.renderings[0], 5)) << "and nothing of the other was rendered";
}

TEST_F(ServerThatBeginsAnew, AgainAndAgainEndsTheRendering) {
    const EntryId entry = m_store.AddGenerated("song", 60'000'000, 5);
    m_sink.appetite = 0;
    Start();
    ASSERT_TRUE(Play(1, entry));
    std::vector<std::unique_ptr<ServerRole>> servers;
    for (int i = 0; i < 100 && Ends().empty(); ++i) {
        servers.push_back(std::make_unique<ServerRole>(ServerConfig{}, m_store));
        m_serverNode = &m_world.Replace(*m_serverNode, *servers.back(), m_serverEndpoint);
        m_world.RunFor(seconds(10));
    }
    ASSERT_EQ(Ends().size(), 1u);
    EXPECT_EQ(Ends()[0].code, MediaErrorCode::kServerUnreachable);
    EXPECT_LE(servers.size(), kMaxFruitlessReconnects + 2);
}

}  // namespace
}  // namespace crsp::test
