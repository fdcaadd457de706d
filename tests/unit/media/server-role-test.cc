// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/server-role.h"

#include <gtest/gtest.h>

#include "model/media/memory-content-store.h"
#include "tests/unit/media/role-harness.h"

namespace crsp {
namespace {

using test::RawPeer;
using test::World;

/// A server, and one peer that talks to it word by word.
class ServerRoleTest : public testing::Test {
  protected:
    ServerRoleTest()
        : m_role({.maxSessions = 2, .maxWaiting = 0}, m_store), m_peer(World::AddressOf(1)) {}

    void Start() {
        m_server = &m_world.Add(m_role);
        m_client = &m_world.Add(m_peer);
        ASSERT_TRUE(m_world.Run(seconds(2), [this] { return m_peer.Connected(); }));
    }
    void Say(const Message& message) {
        m_client->Do([&](TimePoint now, Endpoint& endpoint) {
            m_peer.Channel().Send(now, endpoint, message);
        });
    }
    /// What the peer hears in answer.
    Message Ask(const Message& message) {
        const std::size_t before = m_peer.heard.size();
        Say(message);
        m_world.Run(seconds(2), [&] { return m_peer.heard.size() > before; });
        return m_peer.heard.size() > before ? m_peer.heard.back() : Message(ExitMessage{});
    }
    /// Waits until `count` contents streams have ended one way or the other.
    bool Ended(std::size_t count) {
        return m_world.Run(seconds(30), [&] {
            std::size_t ended = 0;
            for (const auto& [id, stream] : m_peer.streams) {
                ended += stream.finished || stream.resetCode;
            }
            return ended >= count;
        });
    }
    /// Takes the CONTENTS off the front of a stream.
    static std::pair<ContentsMessage, std::string> Split(const RawPeer::Stream& stream) {
        ByteReader reader(stream.bytes);
        const auto body = reader.LengthPrefixed(kMaxMessageSize);
        const auto header = DecodeMessage(body.value_or(ConstByteSpan()));
        EXPECT_TRUE(header && std::holds_alternative<ContentsMessage>(*header));
        return {std::get<ContentsMessage>(*header), std::string(AsText(reader.Rest()))};
    }
    EntryId AddText(std::string name, std::string_view text) {
        const auto bytes = AsBytes(text);
        return m_store.AddBytes(std::move(name), {bytes.begin(), bytes.end()});
    }

    World m_world;
    MemoryContentStore m_store;
    ServerRole m_role;
    RawPeer m_peer;
    test::TestNode* m_server = nullptr;
    test::TestNode* m_client = nullptr;
};

TEST_F(ServerRoleTest, ListsWhatTheStoreHolds) {
    AddText("one", "1");
    AddText("two\n", "22");
    Start();
    const ListingMessage expected{7, m_store.ChangeCounter(), 2, 0, m_store.List(0, 2)};
    EXPECT_EQ(Ask(ListMessage{7, 0, 0}), Message(expected));
}

TEST_F(ServerRoleTest, PagesAreCutAndStayInRange) {
    for (std::size_t i = 0; i < kMaxEntriesPerListing + 5; ++i) {
        AddText(std::string(kMaxNameSize, 'x'), "");
    }
    Start();
    EXPECT_EQ(std::get<ListingMessage>(Ask(ListMessage{1, 0, 0})).entries.size(),
              kMaxEntriesPerListing);
    EXPECT_EQ(std::get<ListingMessage>(Ask(ListMessage{1, 3, 4})).entries.size(), 4u);
    EXPECT_EQ(std::get<ListingMessage>(Ask(ListMessage{1, 220, kVarintMax})).entries.size(), 5u);
    const auto beyond = std::get<ListingMessage>(Ask(ListMessage{1, kVarintMax, 1}));
    EXPECT_TRUE(beyond.entries.empty());
    EXPECT_EQ(beyond.start, beyond.total);
}

TEST_F(ServerRoleTest, SendsContentsAndThenTheBytesFromTheOffset) {
    const EntryId entry = AddText("x", "hello world");
    Start();
    Say(RenderMessage{9, 4, "ignored", entry, 0, 6});
    ASSERT_TRUE(Ended(1));
    const auto [header, content] = Split(m_peer.streams.begin()->second);
    EXPECT_EQ(header, (ContentsMessage{9, 4, entry, 1, 6, 11}));
    EXPECT_EQ(content, "world");
    EXPECT_EQ(m_role.Counters().transfersCompleted, 1u);
    EXPECT_EQ(m_role.Counters().contentBytes, 5u);
}

TEST_F(ServerRoleTest, SendsEntriesOfEverySizeRight) {
    const std::uint64_t sizes[] = {0, 1, 16 * 1024, 16 * 1024 + 1, 1'500'000};
    std::vector<EntryId> entries;
    for (const std::uint64_t size : sizes) entries.push_back(m_store.AddGenerated("g", size, size));
    Start();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        Say(RenderMessage{i + 1, i + 1, "", entries[i], 0, 0});
        ASSERT_TRUE(Ended(i + 1)) << sizes[i];
        const auto [header, content] = Split(m_peer.streams.rbegin()->second);
        std::vector<std::byte> expected(sizes[i]);
        FillGenerated(sizes[i], 0, expected);
        EXPECT_EQ(header.size, sizes[i]);
        EXPECT_TRUE(content == AsText(expected)) << sizes[i];
    }
    EXPECT_EQ(m_role.Counters().contentBytes, 1'500'000u + 2 * 16 * 1024 + 2);
}

TEST_F(ServerRoleTest, RefusesWhatItCannotSend) {
    const EntryId entry = AddText("x", "hello");
    Start();
    EXPECT_EQ(Ask(RenderMessage{1, 1, "", entry + 1, 0, 0}),
              Message(MakeError(1, MediaErrorCode::kNoSuchEntry)));
    EXPECT_EQ(Ask(RenderMessage{2, 1, "", entry, 77, 0}),
              Message(MakeError(2, MediaErrorCode::kVersionChanged)));
    EXPECT_EQ(Ask(RenderMessage{3, 1, "", entry, 0, 6}),
              Message(MakeError(3, MediaErrorCode::kOffsetOutOfRange)));
    EXPECT_TRUE(m_peer.streams.empty());
    EXPECT_EQ(m_role.Counters().errorsSent, 3u);
}

TEST_F(ServerRoleTest, AnswersWhatItDoesNotServeInsteadOfClosing) {
    Start();
    EXPECT_EQ(Ask(PauseMessage{5, 0}), Message(MakeError(5, MediaErrorCode::kNotSupported)));
    EXPECT_EQ(Ask(ListingMessage{6, 0, 0, 0, {}}),
              Message(MakeError(6, MediaErrorCode::kNotSupported)));
    // SEEK, which this version does not know.
    const std::byte seek[] = {std::byte{9}, std::byte{36}, {}, {}, {}, {}, {}, {},
                              {},           std::byte{8}};
    m_client->Do([&](TimePoint, Endpoint& endpoint) {
        ASSERT_TRUE(endpoint.Write(m_peer.Connection(), kControlStream, seek));
    });
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return m_peer.heard.size() == 3; }));
    EXPECT_EQ(m_peer.heard.back(), Message(MakeError(8, MediaErrorCode::kNotSupported)));
    EXPECT_TRUE(m_peer.closed.empty());
}

TEST_F(ServerRoleTest, ANewRenderReplacesTheOldStream) {
    const EntryId entry = m_store.AddGenerated("big", 50'000'000, 1);
    const EntryId small = AddText("small", "s");
    Start();
    m_peer.readStreams = false;
    Say(RenderMessage{1, 1, "", entry, 0, 0});
    m_world.RunFor(seconds(1));
    m_peer.readStreams = true;
    Say(RenderMessage{2, 2, "", small, 0, 0});
    ASSERT_TRUE(Ended(2));
    EXPECT_EQ(m_peer.streams.begin()->second.resetCode,
              static_cast<std::uint64_t>(MediaErrorCode::kSuperseded));
    EXPECT_EQ(Split(m_peer.streams.rbegin()->second).second, "s");
    EXPECT_EQ(m_role.Counters().transfersStopped, 1u);
    EXPECT_EQ(Ask(RenderMessage{3, 1, "", small, 0, 0}),
              Message(MakeError(3, MediaErrorCode::kStaleGeneration)));
}

TEST_F(ServerRoleTest, B5_APeerThatDoesNotReadGetsNoMoreThanItsCredit) {
    const EntryId entry = m_store.AddGenerated("big", 50'000'000, 1);
    Start();
    m_peer.readStreams = false;
    Say(RenderMessage{1, 1, "", entry, 0, 0});
    m_world.RunFor(seconds(5));
    const TransportConfig limits;
    EXPECT_LE(m_role.Counters().contentBytes,
              limits.streamReceiveWindow + limits.streamSendBuffer + 16 * 1024);
    EXPECT_GE(m_role.Counters().contentBytes, limits.streamReceiveWindow);
}

TEST_F(ServerRoleTest, AnEntryThatChangesInMidStreamIsNotSpliced) {
    const EntryId entry = m_store.AddGenerated("big", 5'000'000, 1);
    Start();
    m_peer.readStreams = false;
    Say(RenderMessage{1, 1, "", entry, 0, 0});
    m_world.RunFor(seconds(1));
    m_store.Replace(entry, {});
    m_peer.readStreams = true;
    m_client->Do([&](TimePoint now, Endpoint& endpoint) {
        m_peer.OnEvent(now, StreamReadableEvent{m_peer.Connection(), 3}, endpoint);
    });
    ASSERT_TRUE(Ended(1));
    EXPECT_EQ(m_peer.streams.begin()->second.resetCode,
              static_cast<std::uint64_t>(MediaErrorCode::kVersionChanged));
    EXPECT_EQ(m_peer.heard.back(), Message(MakeError(1, MediaErrorCode::kVersionChanged)));
    EXPECT_EQ(m_role.Counters().transfersFailed, 1u);
}

TEST_F(ServerRoleTest, AnEntryThatCannotBeReadEndsInAnError) {
    const EntryId entry = AddText("x", "hello");
    m_store.Break(entry);
    Start();
    EXPECT_EQ(Ask(RenderMessage{1, 1, "", entry, 0, 0}),
              Message(MakeError(1, MediaErrorCode::kReadFailed)));
}

TEST_F(ServerRoleTest, StopSendingEndsATransfer) {
    const EntryId entry = m_store.AddGenerated("big", 50'000'000, 1);
    Start();
    m_peer.readStreams = false;
    Say(RenderMessage{1, 1, "", entry, 0, 0});
    m_world.RunFor(milliseconds(200));
    m_client->Do([&](TimePoint, Endpoint& endpoint) {
        ASSERT_TRUE(endpoint.StopSending(m_peer.Connection(), 3, 0));
    });
    m_world.RunFor(milliseconds(200));
    EXPECT_EQ(m_role.Counters().transfersStopped, 1u);
    EXPECT_TRUE(std::holds_alternative<ListingMessage>(Ask(ListMessage{2, 0, 0})));
}

TEST_F(ServerRoleTest, ExitIsAnsweredByACleanClose) {
    Start();
    Say(ExitMessage{});
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return !m_peer.closed.empty(); }));
    EXPECT_EQ(m_peer.closed[0].applicationCode, 0u);
    EXPECT_TRUE(m_peer.closed[0].byPeer);
    EXPECT_EQ(m_role.SessionCount(), 0u);
}

TEST_F(ServerRoleTest, AMalformedMessageClosesTheConnection) {
    Start();
    const std::byte junk[] = {std::byte{1}, std::byte{10}};
    m_client->Do([&](TimePoint, Endpoint& endpoint) {
        ASSERT_TRUE(endpoint.Write(m_peer.Connection(), kControlStream, junk));
    });
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return !m_peer.closed.empty(); }));
    EXPECT_EQ(m_peer.closed[0].applicationCode,
              static_cast<std::uint64_t>(MediaErrorCode::kMalformedMessage));
}

TEST_F(ServerRoleTest, APeerThatNeverReadsItsListingsIsClosed) {
    for (int i = 0; i < 300; ++i) AddText(std::string(kMaxNameSize, 'x'), "");
    Start();
    m_client->Do([&](TimePoint, Endpoint& endpoint) {
        std::vector<std::byte> many;
        for (CommandId id = 1; id <= 200; ++id) EncodeMessage(ListMessage{id, 0, 0}, many);
        ASSERT_EQ(endpoint.Write(m_peer.Connection(), kControlStream, many), many.size());
    });
    ASSERT_TRUE(m_world.Run(seconds(5), [&] { return !m_peer.closed.empty(); }));
    EXPECT_EQ(m_peer.closed[0].applicationCode, static_cast<std::uint64_t>(MediaErrorCode::kBusy));
}

TEST_F(ServerRoleTest, TurnsAwayMoreSessionsThanItsLimit) {
    Start();
    RawPeer second(World::AddressOf(1));
    RawPeer third(World::AddressOf(1));
    m_world.Add(second);
    m_world.RunFor(milliseconds(200));
    m_world.Add(third);
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return !third.closed.empty(); }));
    EXPECT_EQ(third.closed[0].applicationCode, static_cast<std::uint64_t>(MediaErrorCode::kBusy));
    EXPECT_EQ(m_role.SessionCount(), 2u);
    EXPECT_TRUE(second.closed.empty());
}

TEST_F(ServerRoleTest, RefusesStreamsThatNobodyAskedFor) {
    Start();
    m_client->Do([&](TimePoint, Endpoint& endpoint) {
        const auto stream =
            endpoint.OpenStream(m_peer.Connection(), StreamDirection::kUnidirectional);
        ASSERT_TRUE(stream);
        ASSERT_TRUE(endpoint.Write(m_peer.Connection(), *stream, AsBytes("junk")));
    });
    m_world.RunFor(milliseconds(200));
    ASSERT_EQ(m_peer.streams.size(), 1u);
    EXPECT_EQ(m_peer.streams.begin()->second.stoppedCode,
              static_cast<std::uint64_t>(MediaErrorCode::kNotSupported));
}

TEST_F(ServerRoleTest, ShutdownClosesEverySession) {
    Start();
    Ask(ListMessage{1, 0, 0});
    m_server->Shutdown();
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return !m_peer.closed.empty(); }));
    EXPECT_EQ(m_peer.closed[0].applicationCode, 0u);
}

}  // namespace
}  // namespace crsp
