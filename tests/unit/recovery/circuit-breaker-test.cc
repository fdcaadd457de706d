// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/circuit-breaker.h"

#include <gtest/gtest.h>

#include "model/base/random.h"
#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

class CircuitBreakerTest : public ::testing::Test {
  protected:
    /// `seconds` of 100 packets, of which `lost` are lost.
    void Run(int duration, std::uint64_t lost, bool small = true) {
        for (int i = 0; i < duration; ++i) {
            m_now += seconds(1);
            m_breaker.OnFates(m_now, 100 - lost, lost, 0, small);
        }
    }

    CircuitBreaker m_breaker;
    TimePoint m_now = At(1000);
};

TEST_F(CircuitBreakerTest, TripsAfterThreePeriodsOfAFifthLostAtTheSmallestWindow) {
    Run(15, 20);
    EXPECT_FALSE(m_breaker.Tripped());
    EXPECT_EQ(m_breaker.BadPeriods(), 2u);
    Run(1, 20);
    EXPECT_TRUE(m_breaker.Tripped());
}

TEST_F(CircuitBreakerTest, LessThanAFifthNeverDoes) {
    Run(100, 19);
    EXPECT_EQ(m_breaker.BadPeriods(), 0u);
}

TEST_F(CircuitBreakerTest, AboveTheSmallestWindowThereIsStillRoomToGoBack) {
    Run(100, 60, false);
    EXPECT_EQ(m_breaker.BadPeriods(), 0u);
}

TEST_F(CircuitBreakerTest, OneGoodPeriodBeginsTheCountAnew) {
    Run(11, 30);
    EXPECT_EQ(m_breaker.BadPeriods(), 2u);
    Run(5, 0);
    EXPECT_EQ(m_breaker.BadPeriods(), 0u);
    Run(14, 30);
    EXPECT_FALSE(m_breaker.Tripped());
}

TEST_F(CircuitBreakerTest, AFewPacketsDecideNothing) {
    for (int i = 0; i < 100; ++i) {
        m_now += seconds(1);
        const auto period = m_breaker.OnFates(m_now, 1, 1, 0, true);
        EXPECT_EQ(period.has_value(), (i + 1) % 50 == 0) << i;
    }
    EXPECT_EQ(m_breaker.BadPeriods(), 2u);
}

TEST_F(CircuitBreakerTest, WhatWasLostForNothingIsTakenBack) {
    for (int i = 0; i < 100; ++i) {
        m_now += seconds(1);
        m_breaker.OnFates(m_now, 70, 30, 20, true);
    }
    EXPECT_EQ(m_breaker.BadPeriods(), 0u);
}

/// RFC 8084: not on light congestion. A hundred hours at the smallest window over a path that loses
/// a tenth.
TEST_F(CircuitBreakerTest, ChanceNeverTripsItAtATenth) {
    Random random(5);
    for (int i = 0; i < 360'000; ++i) {
        m_now += seconds(1);
        std::uint64_t lost = 0;
        for (int n = 0; n < 10; ++n) lost += random.Chance(0.1);
        m_breaker.OnFates(m_now, 10 - lost, lost, 0, true);
        ASSERT_FALSE(m_breaker.Tripped()) << i;
    }
}

}  // namespace
}  // namespace crsp
