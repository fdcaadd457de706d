// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/source-limit.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

SocketAddress Host(std::uint32_t number, std::uint16_t port = 1) {
    return SocketAddress::FromIpv4(0x0a000000 + number, port);
}

class SourceLimitTest : public ::testing::Test {
  protected:
    int Taken(const SocketAddress& source) {
        int count = 0;
        while (m_limit.Take(m_now, source, 10, 5)) ++count;
        return count;
    }
    SourceLimit m_limit{Mac{}};
    TimePoint m_now = TimePoint{} + seconds(100);
};

TEST_F(SourceLimitTest, EachSourceHasItsOwn) {
    EXPECT_EQ(Taken(Host(1)), 5);
    EXPECT_EQ(Taken(Host(1)), 0);
    EXPECT_EQ(Taken(Host(2)), 5);
    EXPECT_EQ(Taken(Host(1, 2)), 5);
    m_now += milliseconds(200);
    EXPECT_EQ(Taken(Host(1)), 2);
}

TEST_F(SourceLimitTest, FewShareTheirsWithOthersWhoAskForAll) {
    constexpr std::uint32_t kOthers = 2'000;
    for (std::uint32_t i = 0; i < kOthers; ++i) Taken(Host(i));
    int starved = 0;
    for (std::uint32_t i = 0; i < 1'000; ++i) starved += Taken(Host(100'000 + i)) == 0 ? 1 : 0;
    // Both buckets of one are used up with a chance of (2,000 / 16,384)^2.
    EXPECT_LT(starved, 30);
}

}  // namespace
}  // namespace crsp
