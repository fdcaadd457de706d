// SPDX-License-Identifier: GPL-2.0-only
//
// The original's three parties on a table, in virtual time: datagrams pass at once, unless dropped.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "scenarios/original/controller.h"
#include "scenarios/original/renderer.h"
#include "scenarios/original/server.h"

namespace crsp::original {
namespace {

const SocketAddress kServer = SocketAddress::FromIpv4(0x0a000001, kServerPort);
const SocketAddress kControl = SocketAddress::FromIpv4(0x0a000002, kRendererControlPort);
const SocketAddress kContents = SocketAddress::FromIpv4(0x0a000002, kRendererContentsPort);
const SocketAddress kController = SocketAddress::FromIpv4(0x0a000003, 59004);

struct StringSink : Sink {
    Expected<void, MediaErrorCode> Begin(TimePoint, Generation, const ContentInfo&) override {
        text.clear();
        ++generations;
        return {};
    }
    Expected<std::size_t, MediaErrorCode> Render(TimePoint, Generation, std::uint64_t,
                                                 ConstByteSpan bytes) override {
        text += AsText(bytes);
        return bytes.size();
    }
    Expected<void, MediaErrorCode> End(TimePoint, Generation, bool complete) override {
        completed += complete;
        return {};
    }
    std::string text;
    int generations = 0;
    int completed = 0;
};

std::string Text(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
    return text;
}

class OriginalRoles : public testing::Test {
  protected:
    /// Plays a script to its end, or for `limit`.
    void Play(Script script, Duration limit = seconds(60)) {
        controller = std::make_unique<Controller>(
            Controller::Config{kServer, kControl, std::move(script), limit, true});
        for (Party* party : Parties()) party->OnStart(now);
        while (Deliver(), !controller->Finished()) {
            auto next = TimePoint::max();
            for (Party* party : Parties()) {
                next = std::min(next, party->NextTimeout().value_or(next));
            }
            ASSERT_LT(next, TimePoint::max());
            now = next;
            for (Party* party : Parties()) party->OnTimeout(now);
        }
    }

    std::vector<Party*> Parties() { return {&server, &renderer, controller.get()}; }

    void Deliver() {
        for (bool any = true; any;) {
            any = false;
            for (Party* party : Parties()) {
                for (const Outgoing& outgoing : party->TakeOutgoing()) {
                    any = true;
                    Pass(party, outgoing);
                }
            }
        }
    }

    void Pass(Party* party, const Outgoing& outgoing) {
        sent.push_back(outgoing.bytes.substr(0, 2));
        EXPECT_LE(outgoing.bytes.size(), kMaxPayload + 5);
        if (drop && drop(outgoing.bytes)) return;
        SocketAddress from = party == &server ? kServer : kController;
        if (party == &renderer) from = outgoing.port == 0 ? kControl : kContents;
        const auto bytes = AsBytes(outgoing.bytes);
        if (outgoing.to == kServer) server.OnDatagram(now, 0, from, bytes);
        if (outgoing.to == kControl) renderer.OnDatagram(now, 0, from, bytes);
        if (outgoing.to == kContents) renderer.OnDatagram(now, 1, from, bytes);
        if (outgoing.to == kController) controller->OnDatagram(now, 0, from, bytes);
    }

    TimePoint now{};
    StringSink sink;
    Server server{{{"one", Text(1201)}, {"empty", ""}}};
    Renderer renderer{kServer, sink};
    std::unique_ptr<Controller> controller;
    std::vector<std::string> sent;
    std::function<bool(const std::string&)> drop;
};

TEST_F(OriginalRoles, PlayIsRenderContentsBegunEnded) {
    Play({{seconds(1), Verb::kPlay, "one"}});
    EXPECT_EQ(sent,
              (std::vector<std::string>{"20", "20", "21", "22", "21", "21", "23", "99", "99"}));
    EXPECT_EQ(sink.text, Text(1201));
    EXPECT_EQ(sink.completed, 1);
    // Three portions, half a second between them.
    EXPECT_EQ(now, TimePoint(seconds(2)));
    EXPECT_TRUE(controller->Complete());
    EXPECT_TRUE(server.Finished());
    EXPECT_TRUE(renderer.Finished());
}

TEST_F(OriginalRoles, EmptyEntryIsOnePortion) {
    Play({{seconds(0), Verb::kPlay, "empty"}});
    EXPECT_EQ(sink.completed, 1);
    EXPECT_EQ(sink.text, "");
}

TEST_F(OriginalRoles, ListingComesInPortionsToo) {
    std::vector<Entry> entries;
    std::string names;
    for (int i = 100; i < 300; ++i) {
        entries.push_back({"entry-" + std::to_string(i), ""});
        names += entries.back().name + '\n';
    }
    server = Server(std::move(entries));
    Play({{seconds(0), Verb::kList, ""}});
    EXPECT_EQ(controller->Listing(), names);
    EXPECT_EQ(std::count(sent.begin(), sent.end(), "11"), 4);  // 2,000 bytes
    EXPECT_EQ(now, TimePoint(milliseconds(1500)));
}

TEST_F(OriginalRoles, PauseHoldsUntilResume) {
    Play({{seconds(0), Verb::kPlay, "one"},
          {milliseconds(600), Verb::kPause, ""},
          {seconds(9), Verb::kResume, ""}});
    EXPECT_EQ(sink.text, Text(1201));
    EXPECT_EQ(now, TimePoint(seconds(9)));
    const std::vector<std::string> expected = {"20", "20", "21", "22", "21", "30", "30", "31", "31",
                                               "32", "32", "33", "21", "33", "23", "99", "99"};
    EXPECT_EQ(sent, expected);
}

TEST_F(OriginalRoles, RestartBeginsAnew) {
    Play({{seconds(0), Verb::kPlay, "one"}, {milliseconds(600), Verb::kRestart, ""}});
    EXPECT_EQ(sink.generations, 2);
    EXPECT_EQ(sink.completed, 1);
    EXPECT_EQ(sink.text, Text(1201));
    EXPECT_EQ(now, TimePoint(milliseconds(1600)));
}

TEST_F(OriginalRoles, LostPortionIsMissingAndNobodyKnows) {
    int contents = 0;
    drop = [&](const std::string& bytes) { return bytes.starts_with("21") && ++contents == 2; };
    Play({{seconds(0), Verb::kPlay, "one"}});
    EXPECT_EQ(sink.text, Text(1201).substr(0, 500) + Text(1201).substr(1000));
    EXPECT_EQ(sink.completed, 1);
    EXPECT_TRUE(controller->Complete());
}

TEST_F(OriginalRoles, LostEndIsWaitedForInVain) {
    drop = [](const std::string& bytes) { return bytes.starts_with("21 0"); };
    Play({{seconds(0), Verb::kPlay, "one"}}, seconds(30));
    EXPECT_FALSE(controller->Complete());
    EXPECT_EQ(sink.completed, 0);
    EXPECT_EQ(now, TimePoint(seconds(30)));
}

TEST_F(OriginalRoles, LostCommandIsNeverRepeated) {
    drop = [](const std::string& bytes) { return bytes.starts_with("20"); };
    Play({{seconds(0), Verb::kPlay, "one"}}, seconds(30));
    EXPECT_FALSE(controller->Commands()[0].answered);
    EXPECT_EQ(std::count(sent.begin(), sent.end(), "20"), 1);
}

TEST_F(OriginalRoles, WhatIsNotForAPartyIsCountedAndChangesNothing) {
    const SocketAddress stranger = SocketAddress::FromIpv4(0x0a000009, 9);
    const auto refuses = [&](Party& party, std::size_t port, const SocketAddress& from,
                             std::string_view text) {
        const auto before = party.Refused();
        party.OnDatagram(now, port, from, AsBytes(text));
        return party.Refused() == before + 1 && party.TakeOutgoing().empty() &&
               !party.LastRefusal().empty();
    };
    EXPECT_TRUE(refuses(server, 0, stranger, "nonsense"));
    EXPECT_TRUE(refuses(server, 0, stranger, "20 0 nothing of that name"));
    EXPECT_TRUE(refuses(server, 0, stranger, "20 0 ../one"));
    EXPECT_TRUE(refuses(server, 0, stranger, "30 0 "));
    EXPECT_TRUE(refuses(server, 0, stranger, "21 0 x"));
    EXPECT_TRUE(refuses(renderer, 1, kServer, "21 0 unasked"));
    EXPECT_TRUE(refuses(renderer, 0, stranger, "34 0 "));
    Play({{seconds(0), Verb::kPlay, "one"}});
    EXPECT_TRUE(refuses(renderer, 1, stranger, "21 0 of another"));
    EXPECT_TRUE(refuses(*controller, 0, stranger, "23 0 "));
    EXPECT_EQ(sink.text, Text(1201));
}

TEST_F(OriginalRoles, ListingWithoutEndIsBounded) {
    Play({{seconds(0), Verb::kList, ""}});
    const std::string portion = "11 1 " + std::string(kMaxPayload, 'x');
    for (int i = 0; i < 1000; ++i) controller->OnDatagram(now, 0, kServer, AsBytes(portion));
    EXPECT_LE(controller->Listing().size(), kMaxListing);
    EXPECT_GT(controller->Refused(), 0u);
}

TEST_F(OriginalRoles, VerbsAreTheOriginalsOnly) {
    for (const Verb verb :
         {Verb::kList, Verb::kPlay, Verb::kPause, Verb::kResume, Verb::kRestart}) {
        EXPECT_TRUE(HasVerb(verb));
    }
    for (const Verb verb : {Verb::kStop, Verb::kStatus, Verb::kTakeOver}) {
        EXPECT_FALSE(HasVerb(verb));
    }
}

}  // namespace
}  // namespace crsp::original
