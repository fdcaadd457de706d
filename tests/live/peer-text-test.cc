// SPDX-License-Identifier: BSD-3-Clause
// What peers say in logs, traces and messages to people: an event is a line, and says nothing to a
// terminal (SECURITY C11).
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/live/controller-report.h"
#include "apps/live/failure-text.h"
#include "apps/live/log-tracer.h"
#include "apps/live/log.h"
#include "model/media/media-trace.h"
#include "model/trace/qlog-writer.h"
#include "tests/support/escape-corpus.h"
#include "tests/support/vt-parser.h"

namespace crsp::test {
namespace {

/// What a peer may say, each in the middle of words: every attack, and every break of a line
/// followed by what would pass for another event.
std::vector<std::string> Sayings() {
    std::vector<std::string> all;
    for (const auto& attack : kAttacks) all.push_back("a" + std::string(attack.bytes) + "b");
    for (const auto& line : kLineBreaks) {
        all.push_back("a" + std::string(line.bytes) + "crsp-server: offering 1 file");
        all.push_back("a\"}" + std::string(line.bytes) + "{\"time\":0}");
    }
    return all;
}

bool HasLineBreak(std::string_view text) {
    return std::any_of(kLineBreaks.begin(), kLineBreaks.end(), [&](const auto& line) {
        return text.find(line.bytes) != std::string_view::npos;
    });
}

void ExpectOneHarmlessLine(std::string_view text, std::string_view saying) {
    VtParser terminal(false);
    terminal.Feed(text);
    EXPECT_EQ(terminal.ControlFunctions(), 0u) << text << " of " << PrintableName(saying);
    EXPECT_TRUE(terminal.AtRest()) << text;
    EXPECT_FALSE(HasLineBreak(text)) << text << " of " << PrintableName(saying);
    EXPECT_FALSE(text.empty());
}

std::vector<std::string> LinesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// Tells `tracer` of everything in which the words of a peer can stand; returns how many events.
std::size_t TellAll(Tracer& tracer, std::string_view saying) {
    const TimePoint now{};
    tracer.OnEvent(now, 1, trace::ConnectionClosed{"application_error", 7, saying, true});
    ErrorMessage error = MakeError(1, MediaErrorCode::kReadFailed, saying);
    TraceMessage(&tracer, now, "received", error);
    RenderMessage render;
    render.server = saying;
    render.grant = saying;
    TraceMessage(&tracer, now, "received", render);
    ListingMessage listing;
    listing.entries.push_back({1, 1, 1, std::string(saying)});
    TraceMessage(&tracer, now, "received", listing);
    return 4;
}

TEST(PeerText, C11_AnEventOfTheLogIsOneLine) {
    for (const auto& saying : Sayings()) {
        testing::internal::CaptureStderr();
        StartLog("crsp-test", Verbosity::kVerbose);
        LogTracer tracer;
        const auto events = TellAll(tracer, saying);
        const auto lines = LinesOf(testing::internal::GetCapturedStderr());
        EXPECT_EQ(lines.size(), events) << PrintableName(saying);
        for (const auto& line : lines) {
            EXPECT_EQ(line.rfind("crsp-test: ", 0), 0u) << line;
            ExpectOneHarmlessLine(line, saying);
        }
    }
}

TEST(PeerText, C11_AnEventOfTheQlogIsOneLine) {
    for (const auto& saying : Sayings()) {
        std::string written;
        std::size_t events = 0;
        {
            QlogWriter writer({}, [&](std::string_view text) { written.append(text); });
            events = TellAll(writer, saying);
        }
        auto lines = LinesOf(written);
        ASSERT_EQ(lines.size(), 1 + events) << PrintableName(saying);
        for (auto& line : lines) {
            ASSERT_EQ(line.front(), '\x1e');
            line.erase(0, 1);
            EXPECT_TRUE(nlohmann::json::accept(line)) << line;
            ExpectOneHarmlessLine(line, saying);
        }
    }
}

TEST(PeerText, C11_WhatPeopleAreToldIsOneLine) {
    for (const auto& saying : Sayings()) {
        RenderingFailure failure;
        failure.server = saying;
        failure.code = MediaErrorCode::kReadFailed;
        failure.text = saying;
        ExpectOneHarmlessLine(FailureText(failure, ""), saying);
        CommandResult result;
        result.error = MediaErrorCode::kReadFailed;
        result.text = saying;
        ExpectOneHarmlessLine(ResultText(result), saying);
        ExpectOneHarmlessLine(ResultJson(result).dump(), saying);
        Notification notification;
        notification.kind = Notification::Kind::kError;
        notification.text = saying;
        ExpectOneHarmlessLine(NotificationText(notification), saying);
        ExpectOneHarmlessLine(NotificationJson(notification).dump(), saying);
    }
}

TEST(PeerText, C11_AnEntryOfAListIsOneLine) {
    for (const auto& saying : Sayings()) {
        CommandResult result;
        result.verb = Verb::kList;
        result.listing = {{1, 1, 1, saying}, {2, 1, 1, saying}};
        result.total = 2;
        const auto lines = LinesOf(ResultText(result));
        EXPECT_EQ(lines.size(), 3u) << PrintableName(saying);
        for (const auto& line : lines) ExpectOneHarmlessLine(line, saying);
        ExpectOneHarmlessLine(ResultJson(result).dump(), saying);
    }
}

}  // namespace
}  // namespace crsp::test
