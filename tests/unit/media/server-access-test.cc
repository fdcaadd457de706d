// SPDX-License-Identifier: BSD-3-Clause
// Who may list and open what at a server (CRSP §9.10), with real keys.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "model/base/random.h"
#include "tests/unit/media/access-fixture.h"

namespace crsp {
namespace {

using test::kRenderer;
using test::kServer;
using test::PublicKeyOf;
using test::Reads;
using test::Talker;

class ServerRoleAccess : public test::AccessFixture {
  protected:
    static GrantMessage AskFor(EntryId entry, EntryVersion version = 0,
                               std::uint8_t renderer = kRenderer, std::uint64_t lifetime = 60'000) {
        return {500, entry, version, PublicKeyOf(renderer), lifetime};
    }
    static RenderMessage Render(CommandId id, EntryId entry, std::string grant = {},
                                EntryVersion version = 0) {
        return {id, id, "", entry, version, 0, std::move(grant)};
    }
    static std::string GrantFrom(Talker& controller, const GrantMessage& request) {
        const Message answer = controller.Ask(request);
        const auto* granted = std::get_if<GrantedMessage>(&answer);
        return granted ? granted->grant : std::string();
    }
    /// A server with one entry, a controller (10) that may read it, two renderers that may not.
    void StartGrants() {
        m_entry = AddText("film", "content");
        m_other = AddText("other film", "content");
        Start();
        SetServerAccess({{10, Reads()}, {kRenderer, {}}, {3, {}}});
        m_controller = &Join(10, kServer);
        ASSERT_TRUE(m_controller->Connected());
        m_puller = &Join(kRenderer, kServer);
        ASSERT_TRUE(m_puller->Connected());
    }

    EntryId m_entry = 0;
    EntryId m_other = 0;
    Talker* m_controller = nullptr;
    Talker* m_puller = nullptr;
};

/// The bytes on the wire, with the command id taken out.
std::vector<std::byte> WireBytes(Message message) {
    std::visit([](auto& m) { m.command = 1; }, message);
    std::vector<std::byte> bytes;
    EncodeMessage(message, bytes);
    return bytes;
}

TEST_F(ServerRoleAccess, C4_EveryKeyListsAndOpensWhatTheModelSaysAndNothingElse) {
    Random random(4);
    const std::vector<std::string> folders = {"films/", "songs/", "private/", ""};
    std::map<EntryId, std::string> names;
    for (int i = 0; i < 24; ++i) {
        const auto name = fmt::format("{}{}", folders[random.Below(4)], i);
        names[AddText(name, name)] = name;
    }
    // What each key may read, as patterns and as a plain predicate.
    using Says = std::function<bool(const std::string&)>;
    const std::map<std::uint8_t, std::pair<PeerRights, Says>> model = {
        {10, {Reads(), [](const auto&) { return true; }}},
        {11, {Reads({"films/*"}), [](const auto& n) { return n.rfind("films/", 0) == 0; }}},
        {12,
         {Reads({"songs/*", "?"}),
          [](const auto& n) { return n.rfind("songs/", 0) == 0 || n.size() == 1; }}},
        {13, {Reads({"nothing like it"}), [](const auto&) { return false; }}},
        {14, {test::Observes(), [](const auto&) { return false; }}},
        {15, {Reads({"*3"}), [](const auto& n) { return n.back() == '3'; }}},
    };
    Rights rights;
    for (const auto& [which, row] : model) rights[which] = row.first;
    Start();
    SetServerAccess(rights);
    const auto nothing = WireBytes(MakeError(1, MediaErrorCode::kNoSuchEntry));
    for (const auto& [which, row] : model) {
        Talker& peer = Join(which, kServer);
        ASSERT_TRUE(peer.Connected()) << int(which);
        std::set<std::string> expected;
        for (const auto& [id, name] : names) {
            if (row.second(name)) expected.insert(name);
        }
        const auto page = std::get<ListingMessage>(peer.Ask(ListMessage{1, 0, 0}));
        std::set<std::string> listed;
        for (const auto& entry : page.entries) listed.insert(entry.name);
        EXPECT_EQ(listed, expected) << int(which);
        EXPECT_EQ(page.total, expected.size()) << int(which);
        CommandId id = 100;
        for (const auto& [entry, name] : names) {
            ++id;
            if (row.second(name)) {
                EXPECT_TRUE(peer.Opens(Render(id, entry))) << int(which) << " " << name;
                continue;
            }
            // Also for another version, and beyond the end: exactly what an unknown id hears.
            EXPECT_EQ(WireBytes(peer.Ask(Render(id, entry))), nothing) << int(which) << name;
            EXPECT_EQ(WireBytes(peer.Ask(Render(id, entry, {}, 77))), nothing);
            EXPECT_EQ(WireBytes(peer.Ask(RenderMessage{id, id, "", entry, 0, kVarintMax})),
                      nothing);
            EXPECT_EQ(WireBytes(peer.Ask(AskFor(entry))), nothing);
        }
        EXPECT_EQ(WireBytes(peer.Ask(Render(id + 1, 999'999, {}, 77))), nothing);
        EXPECT_EQ(WireBytes(peer.Ask(AskFor(999'999))), nothing);
    }
}

TEST_F(ServerRoleAccess, C4_AnEntryThatCannotBeReadIsNotBetrayedEither) {
    const EntryId hidden = AddText("hidden", "x");
    Start();
    SetServerAccess({{10, Reads({"shown*"})}});
    Talker& peer = Join(10, kServer);
    ASSERT_TRUE(peer.Connected());
    m_store.Break(hidden);
    EXPECT_EQ(peer.ErrorTo(Render(1, hidden)), MediaErrorCode::kNoSuchEntry);
}

TEST_F(ServerRoleAccess, C4_ChangesOfOtherEntriesAreNotBetrayed) {
    AddText("shown 1", "x");
    const EntryId hidden = AddText("hidden", "x");
    const EntryId shown = AddText("shown 2", "x");
    Start();
    SetServerAccess({{10, Reads({"shown*"})}});
    Talker& peer = Join(10, kServer);
    ASSERT_TRUE(peer.Connected());
    const auto first = peer.Ask(ListMessage{1, 0, 0});
    m_store.Replace(hidden, std::vector<std::byte>(9));
    EXPECT_EQ(WireBytes(peer.Ask(ListMessage{2, 0, 0})), WireBytes(first));
    AddText("hidden too", "x");
    m_store.Remove(hidden);
    EXPECT_EQ(WireBytes(peer.Ask(ListMessage{3, 0, 0})), WireBytes(first));
    m_store.Replace(shown, std::vector<std::byte>(9));
    const auto changed = std::get<ListingMessage>(peer.Ask(ListMessage{4, 0, 0}));
    EXPECT_GT(changed.changeCounter, std::get<ListingMessage>(first).changeCounter);
    EXPECT_EQ(changed.entries[1].size, 9u);
}

TEST_F(ServerRoleAccess, C4_PagesOfAPartialCatalogueAreCutFromThatPart) {
    for (int i = 0; i < 600; ++i) AddText(fmt::format("{}{}", i % 2 ? "even" : "odd", i), "");
    Start();
    SetServerAccess({{10, Reads({"odd*"})}});
    Talker& peer = Join(10, kServer);
    ASSERT_TRUE(peer.Connected());
    std::vector<std::string> gathered;
    for (std::uint64_t start = 0; start < 300;) {
        const auto page = std::get<ListingMessage>(peer.Ask(ListMessage{start + 1, start, 0}));
        ASSERT_EQ(page.total, 300u);
        ASSERT_EQ(page.start, start);
        ASSERT_FALSE(page.entries.empty());
        for (const auto& entry : page.entries) gathered.push_back(entry.name);
        start += page.entries.size();
    }
    ASSERT_EQ(gathered.size(), 300u);
    for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(gathered[i], fmt::format("odd{}", 2 * i));
}

TEST_F(ServerRoleAccess, C4_AKeyThatIsNotListedIsTurnedAwayAndOneThatIsRevokedToo) {
    const EntryId film = m_store.AddGenerated("film", 50'000'000, 1);
    Start();
    SetServerAccess({{10, Reads()}, {11, Reads()}});
    Talker& stranger = Join(20, kServer);
    EXPECT_EQ(stranger.ClosedWith(), static_cast<std::uint64_t>(MediaErrorCode::kNotAllowed));
    Talker& peer = Join(10, kServer);
    Talker& partly = Join(11, kServer);
    ASSERT_TRUE(peer.Connected() && partly.Connected());
    ASSERT_TRUE(partly.Opens(Render(1, film)));
    SetServerAccess({{11, Reads({"songs/*"})}});
    EXPECT_EQ(peer.ClosedWith(), static_cast<std::uint64_t>(MediaErrorCode::kNotAllowed));
    // What is under way ends, and the catalogue shrinks.
    m_world.RunFor(seconds(1));
    EXPECT_EQ(partly.peer.streams.begin()->second.resetCode,
              static_cast<std::uint64_t>(MediaErrorCode::kNoSuchEntry));
    EXPECT_EQ(std::get<ListingMessage>(partly.Ask(ListMessage{9, 0, 0})).total, 0u);
    EXPECT_TRUE(partly.peer.closed.empty());
}

TEST_F(ServerRoleAccess, PairingGivesNoAccess) {
    Start();
    auto config = test::IdentityConfig(kServer);
    config.pairing = true;
    ServerRole role({}, m_store);
    m_world.Add(role, config);  // node 3
    auto ours = test::IdentityConfig(30);
    ours.pairing = true;
    test::RawPeer peer(test::World::AddressOf(3));
    m_world.Add(peer, ours);
    ASSERT_TRUE(m_world.Run(seconds(3), [&] { return !peer.closed.empty(); }));
    EXPECT_EQ(peer.closed[0].applicationCode,
              static_cast<std::uint64_t>(MediaErrorCode::kNotAllowed));
    EXPECT_EQ(role.SessionCount(), 0u);
}

TEST_F(ServerRoleAccess, C6_ResumeIsAnOpenLikeAnyOther) {
    const EntryId entry = AddText("film", "content");
    Start();
    SetServerAccess({{10, Reads()}, {11, Reads({"x"})}});
    Talker& peer = Join(10, kServer);
    Talker& other = Join(11, kServer);
    ASSERT_TRUE(peer.Connected() && other.Connected());
    EXPECT_TRUE(peer.Opens(RenderMessage{1, 1, "", entry, 1, 3}));
    EXPECT_TRUE(peer.Opens(RenderMessage{2, 2, "", entry, 1, 7}));  // at the very end
    EXPECT_EQ(peer.ErrorTo(RenderMessage{3, 3, "", entry, 2, 3}), MediaErrorCode::kVersionChanged);
    EXPECT_EQ(peer.ErrorTo(RenderMessage{4, 4, "", entry, 1, 8}),
              MediaErrorCode::kOffsetOutOfRange);
    EXPECT_EQ(peer.ErrorTo(RenderMessage{5, 5, "", entry, 1, kVarintMax}),
              MediaErrorCode::kOffsetOutOfRange);
    EXPECT_EQ(other.ErrorTo(RenderMessage{6, 6, "", entry, 1, 3}), MediaErrorCode::kNoSuchEntry);
    // 2^63 does not fit the field: whatever is put there, the message says something smaller or is
    // malformed. Here: as an identifier, where 64 bits fit.
    EXPECT_EQ(peer.ErrorTo(RenderMessage{7, 7, "", std::uint64_t{1} << 63, 1, 3}),
              MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(peer.ErrorTo(RenderMessage{8, 8, "", entry, std::uint64_t{1} << 63, 3}),
              MediaErrorCode::kVersionChanged);
}

TEST_F(ServerRoleAccess, C8_AGrantOpensWhatTheRendererMayNotReadItself) {
    StartGrants();
    EXPECT_EQ(m_puller->ErrorTo(Render(1, m_entry)), MediaErrorCode::kNoSuchEntry);
    const auto grant = GrantFrom(*m_controller, AskFor(m_entry));
    ASSERT_FALSE(grant.empty());
    EXPECT_TRUE(m_puller->Opens(Render(2, m_entry, grant)));
    EXPECT_TRUE(m_puller->Opens(Render(3, m_entry, grant)));  // again: a restart
    EXPECT_EQ(m_server->Counters().grants, 1u);
}

TEST_F(ServerRoleAccess, C8_AGrantIsOfNoUseToAnotherRendererOrForAnotherEntry) {
    StartGrants();
    const auto grant = GrantFrom(*m_controller, AskFor(m_entry));
    EXPECT_EQ(m_puller->ErrorTo(Render(1, m_other, grant)), MediaErrorCode::kNoSuchEntry);
    Talker& thief = Join(3, kServer);
    ASSERT_TRUE(thief.Connected());
    EXPECT_EQ(thief.ErrorTo(Render(2, m_entry, grant)), MediaErrorCode::kNoSuchEntry);
}

TEST_F(ServerRoleAccess, C8_AGrantForOneVersionOpensNoOther) {
    StartGrants();
    const auto grant = GrantFrom(*m_controller, AskFor(m_entry, 1));
    EXPECT_EQ(m_puller->ErrorTo(Render(1, m_entry, grant, 2)), MediaErrorCode::kNoSuchEntry);
    EXPECT_TRUE(m_puller->Opens(Render(2, m_entry, grant, 1)));
    EXPECT_TRUE(m_puller->Opens(Render(3, m_entry, grant)));
    m_store.Replace(m_entry, std::vector<std::byte>(3));
    EXPECT_EQ(m_puller->ErrorTo(Render(4, m_entry, grant)), MediaErrorCode::kVersionChanged);
    EXPECT_EQ(m_puller->ErrorTo(Render(5, m_entry, grant, 2)), MediaErrorCode::kNoSuchEntry);
}

TEST_F(ServerRoleAccess, C8_AGrantChangedInAnyByteIsNone) {
    StartGrants();
    const auto grant = GrantFrom(*m_controller, AskFor(m_entry));
    CommandId id = 1;
    for (std::size_t i = 0; i < grant.size(); ++i, ++id) {
        auto changed = grant;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_EQ(m_puller->ErrorTo(Render(id, m_entry, changed)), MediaErrorCode::kNoSuchEntry)
            << i;
    }
    EXPECT_EQ(m_puller->ErrorTo(Render(++id, m_entry, grant + 'x')), MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(m_puller->ErrorTo(Render(++id, m_entry, grant.substr(1))),
              MediaErrorCode::kNoSuchEntry);
    EXPECT_TRUE(m_puller->Opens(Render(++id, m_entry, grant)));
}

TEST_F(ServerRoleAccess, C8_AGrantExpires) {
    StartGrants();
    const auto grant = GrantFrom(*m_controller, AskFor(m_entry, 0, kRenderer, 5'000));
    EXPECT_TRUE(m_puller->Opens(Render(1, m_entry, grant)));
    m_world.RunFor(seconds(5));
    EXPECT_EQ(m_puller->ErrorTo(Render(2, m_entry, grant)), MediaErrorCode::kNoSuchEntry);
    const auto longest =
        std::get<GrantedMessage>(m_controller->Ask(AskFor(m_entry, 0, kRenderer, kVarintMax)));
    EXPECT_EQ(longest.lifetime, kMaxGrantLifetimeMs);
}

TEST_F(ServerRoleAccess, C8_AGrantExpiresAlsoIfTheMachineWasStartedAnew) {
    m_serverConfig.unixTimeAtZero = std::chrono::hours(1000);
    StartGrants();
    const auto grant = GrantFrom(*m_controller, AskFor(m_entry, 0, kRenderer, 60'000));
    const auto opensAfterStarting = [&](Duration unixTimeAtZero) {
        test::World world;
        m_serverConfig.unixTimeAtZero = unixTimeAtZero;
        ServerRole server(m_serverConfig, m_store);
        world.Add(server, test::IdentityConfig(kServer, m_everyKey))
            .Do([&](TimePoint now, Endpoint& e) {
                server.SetAccess(now, e, ListOf({{10, Reads()}, {kRenderer, {}}}));
            });
        Talker renderer(world, kServer, test::IdentityConfig(kRenderer));
        return renderer.Connected() && renderer.Opens(Render(1, m_entry, grant));
    };
    EXPECT_TRUE(opensAfterStarting(m_serverConfig.unixTimeAtZero + seconds(30)));
    EXPECT_FALSE(opensAfterStarting(m_serverConfig.unixTimeAtZero + seconds(70)));
}

TEST_F(ServerRoleAccess, C8_WhoBringsAGrantIsJudgedByItAlone) {
    StartGrants();
    SetServerAccess({{10, Reads()}, {kRenderer, Reads()}});
    EXPECT_TRUE(m_puller->Opens(Render(1, m_entry)));
    EXPECT_EQ(m_puller->ErrorTo(Render(2, m_entry, "no grant of this server")),
              MediaErrorCode::kNoSuchEntry);
    const auto grant = GrantFrom(*m_controller, AskFor(m_entry));
    SetServerAccess({{kRenderer, Reads()}});
    EXPECT_EQ(m_puller->ErrorTo(Render(3, m_entry, grant)), MediaErrorCode::kNoSuchEntry);
}

TEST_F(ServerRoleAccess, C8_AGrantLastsNoLongerThanTheRightOfItsController) {
    StartGrants();
    const auto grant = GrantFrom(*m_controller, AskFor(m_entry));
    SetServerAccess({{10, Reads({"other*"})}, {kRenderer, {}}});
    EXPECT_EQ(m_puller->ErrorTo(Render(1, m_entry, grant)), MediaErrorCode::kNoSuchEntry);
    SetServerAccess({{kRenderer, {}}});
    EXPECT_EQ(m_puller->ErrorTo(Render(2, m_entry, grant)), MediaErrorCode::kNoSuchEntry);
    SetServerAccess({{10, Reads()}, {kRenderer, {}}});
    EXPECT_TRUE(m_puller->Opens(Render(3, m_entry, grant)));
}

TEST_F(ServerRoleAccess, C8_OnlyWhoMayReadAnEntryGetsAGrantForIt) {
    StartGrants();
    EXPECT_EQ(m_puller->ErrorTo(AskFor(m_entry)), MediaErrorCode::kNoSuchEntry);
    SetServerAccess({{10, Reads({"film"})}, {kRenderer, {}}});
    EXPECT_EQ(m_controller->ErrorTo(AskFor(m_other)), MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(m_controller->ErrorTo(AskFor(m_entry)), MediaErrorCode::kNone);
}

TEST_F(ServerRoleAccess, C8_AServerWithoutASecretGivesNoGrants) {
    m_serverConfig.serverSecret.reset();
    StartGrants();
    EXPECT_EQ(m_controller->ErrorTo(AskFor(m_entry)), MediaErrorCode::kNotSupported);
}

TEST_F(ServerRoleAccess, B7_OneGateForTheSessionsOfAPeer) {
    m_serverConfig.maxSessionsPerPeer = 3;
    Start();
    SetServerAccess({{10, Reads()}, {11, Reads()}});
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(Join(10, kServer).Connected());
    m_world.RunFor(seconds(1));
    Talker& fourth = Join(10, kServer);
    EXPECT_EQ(fourth.ClosedWith(), static_cast<std::uint64_t>(MediaErrorCode::kBusy));
    EXPECT_EQ(m_server->SessionCount(), 3u);
    Talker& other = Join(11, kServer);
    ASSERT_TRUE(other.Connected());
    EXPECT_EQ(other.ErrorTo(ListMessage{1, 0, 0}), MediaErrorCode::kNone);
    // A place that is left can be had again.
    m_talkers[0]->Say(ExitMessage{});
    m_world.RunFor(seconds(1));
    Talker& fifth = Join(10, kServer);
    ASSERT_TRUE(fifth.Connected());
    EXPECT_EQ(fifth.ErrorTo(ListMessage{1, 0, 0}), MediaErrorCode::kNone);
}

TEST_F(ServerRoleAccess, B18_WhatAKeyAsksForHasABudgetOfItsOwn) {
    constexpr CommandId kRequests = 600;
    static_assert(kRequests * kRenderCost > kRequestBytesAtOnce + kRequestBytesPerSecond / 2);
    const EntryId film = AddText("film", "content");
    Start();
    SetServerAccess({{10, Reads()}, {11, Reads()}});
    Talker& greedy = Join(10, kServer);
    Talker& other = Join(11, kServer);
    ASSERT_TRUE(greedy.Connected() && other.Connected());
    for (CommandId id = 1; id <= kRequests; ++id) greedy.Say(Render(id, film));
    m_world.RunFor(milliseconds(500));
    const auto refused = greedy.peer.Heard<ErrorMessage>();
    ASSERT_FALSE(refused.empty());
    EXPECT_LT(refused.size(), 100u);
    for (const auto& error : refused) EXPECT_EQ(error.code, MediaErrorCode::kBusy);
    EXPECT_GT(refused.back().retryAfter, 0u);
    EXPECT_TRUE(other.Opens(Render(1, film))) << "another key does not pay for it";
    EXPECT_TRUE(Join(10, kServer).Connected());
    EXPECT_TRUE(m_talkers.back()->Opens(Render(1, film))) << "nor is the budget gone for good";
}

// What is read ahead of the path and thrown away costs as much as what is rendered.
TEST_F(ServerRoleAccess, B18_WhatIsReadAndNeverLeavesIsPaidFor) {
    const EntryId film = m_store.AddGenerated("film", 500'000'000, 1);
    Start();
    SetServerAccess({{10, Reads()}});
    Talker& greedy = Join(10, kServer);
    ASSERT_TRUE(greedy.Connected());
    greedy.Say(Render(1, film));
    m_world.RunFor(seconds(5));
    // Far fewer than those that the cost of RENDER alone would end.
    constexpr CommandId kRequests = 300;
    static_assert(kRequests * kRenderCost < kRequestBytesAtOnce);
    for (CommandId id = 2; id < 2 + kRequests; ++id) {
        greedy.Say(Render(id, film));
        m_world.RunFor(milliseconds(1));
    }
    m_world.RunFor(milliseconds(500));
    const auto refused = greedy.peer.Heard<ErrorMessage>();
    ASSERT_FALSE(refused.empty());
    EXPECT_EQ(refused.back().code, MediaErrorCode::kBusy);
}

TEST_F(ServerRoleAccess, B18_ASecondConnectionOfAKeyHasNoBudgetOfItsOwn) {
    const EntryId film = AddText("film", "content");
    Start();
    SetServerAccess({{10, Reads()}});
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(Join(10, kServer).Connected());
    for (auto& talker : m_talkers) {
        for (CommandId id = 1; id <= 300; ++id) talker->Say(Render(id, film));
    }
    m_world.RunFor(milliseconds(100));
    EXPECT_FALSE(m_talkers[0]->peer.Heard<ErrorMessage>().empty() &&
                 m_talkers[1]->peer.Heard<ErrorMessage>().empty());
}

TEST_F(ServerRoleAccess, B7_NoFrameOpensMoreThanTheContentsStreamsOfAPeer) {
    m_serverConfig.maxContentsPerPeer = 2;
    const EntryId film = m_store.AddGenerated("film", 50'000'000, 1);
    Start();
    SetServerAccess({{10, Reads()}, {11, Reads()}});
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(Join(10, kServer).Connected());
    for (auto& talker : m_talkers) talker->peer.readStreams = false;
    EXPECT_TRUE(m_talkers[0]->Opens(Render(1, film)));
    EXPECT_TRUE(m_talkers[1]->Opens(Render(1, film)));
    // Nor does a stream of the peer's own, or a second RENDER: that replaces the first.
    EXPECT_TRUE(m_talkers[1]->Opens(Render(2, film)));
    m_talkers[2]->Node().Do([&](TimePoint, Endpoint& endpoint) {
        const auto own =
            endpoint.OpenStream(m_talkers[2]->peer.Connection(), StreamDirection::kUnidirectional);
        ASSERT_TRUE(own);
        (void)endpoint.Write(m_talkers[2]->peer.Connection(), *own, AsBytes("junk"));
    });
    const auto busy = std::get<ErrorMessage>(m_talkers[2]->Ask(Render(3, film)));
    EXPECT_EQ(busy.code, MediaErrorCode::kBusy);
    EXPECT_TRUE(RetryAfter(busy));
    EXPECT_EQ(m_server->Counters().transfersBegun, 3u);
    Talker& other = Join(11, kServer);
    ASSERT_TRUE(other.Connected());
    EXPECT_TRUE(other.Opens(Render(1, film)));
}

TEST_F(ServerRoleAccess, R12_OverItsCapacityAServerSaysWhenToAskAgain) {
    m_serverConfig.maxSessions = 2;
    m_serverConfig.maxWaiting = 2;
    const EntryId film = m_store.AddGenerated("film", 2'000'000, 1);
    Start();
    for (std::uint8_t which = 10; which < 14; ++which)
        ASSERT_TRUE(Join(which, kServer).Connected());
    EXPECT_TRUE(m_talkers[0]->Opens(Render(1, film)));
    EXPECT_TRUE(m_talkers[1]->Opens(Render(1, film)));
    const TimePoint asked = m_world.Now();
    const auto busy = std::get<ErrorMessage>(m_talkers[2]->Ask(ListMessage{1, 0, 0}));
    EXPECT_LE(m_world.Now() - asked, milliseconds(10));  // one round trip
    EXPECT_EQ(busy.code, MediaErrorCode::kBusy);
    EXPECT_GE(RetryAfter(busy), Duration(kBusyRetryAfter));
    EXPECT_EQ(m_talkers[3]->ErrorTo(Render(1, film)), MediaErrorCode::kBusy);
    // Those beyond the waiting room are closed.
    EXPECT_EQ(Join(14, kServer).ClosedWith(), static_cast<std::uint64_t>(MediaErrorCode::kBusy));
    // Who was served goes on, and a place that comes free is had by asking again.
    EXPECT_TRUE(m_world.Run(seconds(20), [&] {
        return m_talkers[0]->peer.streams.begin()->second.finished &&
               m_talkers[1]->peer.streams.begin()->second.finished;
    }));
    EXPECT_EQ(m_talkers[2]->ErrorTo(ListMessage{2, 0, 0}), MediaErrorCode::kBusy);
    m_talkers[0]->Say(ExitMessage{});
    m_world.RunFor(seconds(1));
    EXPECT_EQ(m_talkers[2]->ErrorTo(ListMessage{3, 0, 0}), MediaErrorCode::kNone);
}

}  // namespace
}  // namespace crsp
