// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/player.h"

#include <gtest/gtest.h>

#include "tests/unit/media/stream-fixture.h"
#include "tests/unit/media/test-sink.h"

namespace crsp {
namespace {

using Outcome = Player::Outcome;

class PlayerTest : public test::StreamFixture {
  protected:
    /// A player of `size` bytes of an entry, of which `sent` are there already.
    void Begin(std::uint64_t rate, std::string_view sent, bool finish, std::uint64_t size) {
        m_player.emplace(std::size_t{4}, rate, m_sink);
        m_stream = Send(AsBytes(sent), finish);
        Near([&](TimePoint now, Endpoint&) {
            ASSERT_TRUE(
                m_player->Begin(now, {m_near.Connection(), m_stream, false}, 1, {9, 1, size, 0}));
        });
    }
    Player::Advanced Advance() {
        Player::Advanced advanced;
        Near([&](TimePoint now, Endpoint& endpoint) {
            const auto result = m_player->Advance(now, endpoint);
            m_error = result ? std::nullopt : std::optional(result.error());
            if (result) advanced = *result;
        });
        return advanced;
    }
    std::string Rendered() const { return std::string(AsText(m_sink.renderings.at(0).bytes)); }

    test::TestSink m_sink;
    std::optional<Player> m_player;
    std::optional<MediaErrorCode> m_error;
    StreamId m_stream = 0;
};

TEST_F(PlayerTest, RendersEverythingInPortions) {
    Begin(0, "0123456789", true, 10);
    const auto advanced = Advance();
    EXPECT_EQ(advanced.outcome, Outcome::kCompleted);
    EXPECT_TRUE(advanced.rendered);
    EXPECT_EQ(Rendered(), "0123456789");
    EXPECT_EQ(m_sink.largestOffer, 4u);
    EXPECT_EQ(m_player->Position(), 10u);
}

TEST_F(PlayerTest, StarvesUntilTheStreamGoesOn) {
    Begin(0, "0123", false, 8);
    EXPECT_EQ(Advance().outcome, Outcome::kStarved);
    EXPECT_EQ(m_player->NextTimeout(), std::nullopt);
    SendMore(m_stream, AsBytes("4567"), true);
    EXPECT_EQ(Advance().outcome, Outcome::kCompleted);
    EXPECT_EQ(Rendered(), "01234567");
}

TEST_F(PlayerTest, FollowsTheTimetable) {
    Begin(8, "0123456789ab", true, 12);  // a portion lasts half a second
    const TimePoint start = m_world.Now();
    EXPECT_EQ(Advance().outcome, Outcome::kWaiting);
    EXPECT_EQ(Rendered(), "0123");
    EXPECT_EQ(m_player->NextTimeout(), start + milliseconds(500));
    m_world.RunFor(milliseconds(499));
    EXPECT_FALSE(Advance().rendered);
    m_world.RunFor(milliseconds(1));
    EXPECT_TRUE(Advance().rendered);
    EXPECT_EQ(Rendered(), "01234567");
    m_world.RunFor(milliseconds(500));
    EXPECT_EQ(Advance().outcome, Outcome::kWaiting);
    m_world.RunFor(milliseconds(500));
    EXPECT_EQ(Advance().outcome, Outcome::kCompleted);
}

TEST_F(PlayerTest, CatchesUpAfterALateCallWithoutLosingTime) {
    Begin(8, "0123456789ab", true, 12);
    Advance();
    m_world.RunFor(milliseconds(1100));
    EXPECT_TRUE(Advance().rendered);
    EXPECT_EQ(Rendered(), "0123456789ab");
}

TEST_F(PlayerTest, AStarvedTimetableBeginsAnewWithTheNextByte) {
    Begin(8, "0123", false, 12);
    Advance();
    m_world.RunFor(seconds(5));
    EXPECT_EQ(Advance().outcome, Outcome::kStarved);
    SendMore(m_stream, AsBytes("456789ab"), true);
    EXPECT_TRUE(Advance().rendered);
    EXPECT_EQ(Rendered(), "01234567");
    EXPECT_EQ(m_player->NextTimeout(), m_world.Now() + milliseconds(500));
}

TEST_F(PlayerTest, APauseDoesNotShortenWhatIsPlayedBeforeIt) {
    Begin(8, "0123456789ab", true, 12);
    Advance();
    m_world.RunFor(milliseconds(200));
    Near([&](TimePoint now, Endpoint&) { m_player->Pause(now); });
    m_world.RunFor(seconds(10));
    Near([&](TimePoint now, Endpoint&) { m_player->Resume(now); });
    EXPECT_EQ(m_player->NextTimeout(), m_world.Now() + milliseconds(300));
}

TEST_F(PlayerTest, OffersTheRestAgainToASinkThatTookLess) {
    m_sink.appetite = 3;
    Begin(0, "01234", true, 5);
    EXPECT_EQ(Advance().outcome, Outcome::kWaiting);
    EXPECT_EQ(Rendered(), "012");
    EXPECT_EQ(m_player->NextTimeout(), m_world.Now() + kSinkRetryInterval);
    EXPECT_FALSE(Advance().rendered);
    m_world.RunFor(kSinkRetryInterval);
    m_sink.appetite = 100;
    EXPECT_EQ(Advance().outcome, Outcome::kCompleted);
    EXPECT_EQ(Rendered(), "01234");
    EXPECT_TRUE(m_sink.inOrder);
}

TEST_F(PlayerTest, AStreamOfAnotherLengthThanPromisedIsAFailure) {
    Begin(0, "01234", true, 6);
    Advance();
    EXPECT_EQ(m_error, MediaErrorCode::kReadFailed);
    m_player.reset();
    m_sink.renderings.clear();
    Begin(0, "01234", true, 3);
    Advance();
    EXPECT_EQ(m_error, MediaErrorCode::kReadFailed);
    EXPECT_LE(m_sink.Total(), 3u);
}

TEST_F(PlayerTest, AStreamThatIsGoneSetsNoTimer) {
    Begin(8, "0123", false, 12);
    Advance();
    m_farNode.Do([&](TimePoint, Endpoint& endpoint) {
        ASSERT_TRUE(endpoint.ResetStream(m_far.Connection(), m_stream, 0));
    });
    m_world.RunFor(seconds(1));
    EXPECT_EQ(Advance().outcome, Outcome::kStarved);
    EXPECT_EQ(m_player->NextTimeout(), std::nullopt);
}

TEST_F(PlayerTest, EndStopsTheStreamAndTellsTheSink) {
    Begin(0, "0123", false, 8);
    Advance();
    EXPECT_TRUE(m_player->Owns(m_near.Connection(), m_stream));
    Near([&](TimePoint now, Endpoint& endpoint) {
        EXPECT_TRUE(m_player->End(now, endpoint, false));
    });
    m_world.RunFor(milliseconds(100));
    EXPECT_EQ(m_far.streams[m_stream].stoppedCode, 0u);
    EXPECT_TRUE(m_sink.renderings[0].ended);
    EXPECT_FALSE(m_player->Owns(m_near.Connection(), m_stream));
    EXPECT_EQ(m_player->Rendered(), 4u);
    EXPECT_EQ(m_player->NextTimeout(), std::nullopt);
}

TEST_F(PlayerTest, EndSaysWhetherTheSinkHasEverything) {
    Begin(0, "0123", true, 4);
    EXPECT_EQ(Advance().outcome, Outcome::kCompleted);
    m_sink.failEnd = true;
    Near([&](TimePoint now, Endpoint& endpoint) {
        EXPECT_EQ(m_player->End(now, endpoint, true).error(), MediaErrorCode::kSinkFailed);
        EXPECT_FALSE(m_player->Begun());
        EXPECT_TRUE(m_player->End(now, endpoint, true)) << "there is nothing left to end";
    });
    EXPECT_TRUE(m_sink.inOrder);
}

}  // namespace
}  // namespace crsp
