// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/rendering-log.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace crsp {
namespace {

/// Counts what it is told, and wants to be called at `next`.
class CountingRole final : public Role {
  public:
    void OnStart(TimePoint, Endpoint&) override { ++calls; }
    void OnEvent(TimePoint, const Event&, Endpoint&) override { ++calls; }
    void OnTimeout(TimePoint, Endpoint&) override { ++calls; }
    std::optional<TimePoint> NextTimeout() const override { return next; }
    void OnShutdown(TimePoint, Endpoint&) override { ++calls; }

    int calls = 0;
    std::optional<TimePoint> next;
};

using Lines = std::vector<std::string>;

class RenderingLogTest : public ::testing::Test {
  protected:
    void RunFor(Duration time) {
        const TimePoint end = m_now + time;
        for (auto due = m_log.NextTimeout(); due && *due <= end; due = m_log.NextTimeout()) {
            m_now = std::max(m_now, *due);
            m_log.OnTimeout(m_now, m_endpoint);
        }
        m_now = end;
    }
    void EndMany(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) m_log.SayEnded(m_now, "rendered\n");
    }
    void FailMany(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            m_log.SayFailed(m_now, "failed");
            m_log.SayUnanswered(m_now, "is it running?");
        }
    }

    TimePoint m_now{seconds(100)};
    Endpoint m_endpoint{EndpointConfig{}};
    CountingRole m_role;
    Lines m_results;
    Lines m_warnings;
    RenderingLog m_log{m_role, [this](const std::string& line) { m_results.push_back(line); },
                       [this](const std::string& line) { m_warnings.push_back(line); }};
};

TEST_F(RenderingLogTest, C11_AsManyAsTheLimitAreAllTold) {
    for (int minute = 1; minute <= 3; ++minute) {
        EndMany(kResultsPerMinute);
        FailMany(kLinesPerMinute);
        EXPECT_EQ(m_log.NextTimeout(), std::nullopt) << "nothing was held back";
        RunFor(seconds(60));
        EXPECT_EQ(m_results.size(), minute * kResultsPerMinute);
        EXPECT_EQ(m_warnings.size(), 2 * minute * kLinesPerMinute);
    }
    m_log.Finish();
    EXPECT_EQ(m_warnings.size(), 6 * kLinesPerMinute);
}

TEST_F(RenderingLogTest, C11_OneMoreIsHeldBackAndToldAfterThatMinute) {
    EndMany(kResultsPerMinute + 1);
    FailMany(kLinesPerMinute + 2);
    RunFor(seconds(59));
    EXPECT_EQ(m_results, Lines(kResultsPerMinute, "rendered\n"));
    EXPECT_EQ(m_warnings.size(), 2 * kLinesPerMinute);
    RunFor(seconds(1));
    EXPECT_EQ(m_results.size(), kResultsPerMinute) << "who reads the results reads nothing else";
    m_warnings.erase(m_warnings.begin(), m_warnings.begin() + 2 * kLinesPerMinute);
    EXPECT_EQ(m_warnings, (Lines{"and 1 more ended renderings in that minute",
                                 "and 2 more failed renderings in that minute",
                                 "and 2 more renderings that nobody served in that minute"}));
    EndMany(1);
    EXPECT_EQ(m_results.size(), kResultsPerMinute + 1) << "a new minute";
    EXPECT_EQ(m_log.NextTimeout(), std::nullopt);
}

TEST_F(RenderingLogTest, C11_WhatWasHeldBackIsToldAtTheEnd) {
    EndMany(kResultsPerMinute + 5);
    m_log.Finish();
    EXPECT_EQ(m_warnings, (Lines{"and 5 more ended renderings in that minute"}));
}

TEST_F(RenderingLogTest, TheRoleIsToldEverything) {
    m_role.next = m_now + seconds(7);
    EndMany(kResultsPerMinute + 1);
    EXPECT_EQ(m_log.NextTimeout(), m_role.next);
    m_log.OnStart(m_now, m_endpoint);
    m_log.OnEvent(m_now, ClosedEvent{}, m_endpoint);
    m_log.OnTimeout(m_now, m_endpoint);
    m_log.OnShutdown(m_now, m_endpoint);
    EXPECT_EQ(m_role.calls, 4);
}

}  // namespace
}  // namespace crsp
