// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/corruption.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

namespace crsp {
namespace {

constexpr std::size_t kBytes = 100;

int OnesAfter(const Corruption& corruption, std::size_t bytes) {
    std::vector<std::byte> packet(bytes);
    ApplyCorruption(corruption, packet);
    int ones = 0;
    for (const auto b : packet) ones += std::popcount(std::to_integer<unsigned>(b));
    return ones;
}

TEST(Corruption, FlipsTheNamedBitsFromTheHighestOfEachByte) {
    std::vector<std::byte> packet(3);
    Corruption corruption;
    corruption.bits = {0, 15};
    corruption.bitCount = 2;
    EXPECT_EQ(ApplyCorruption(corruption, packet).size(), 3U);
    EXPECT_EQ(packet, (std::vector<std::byte>{std::byte{0x80}, std::byte{0x01}, std::byte{0}}));
    ApplyCorruption(corruption, packet);
    EXPECT_EQ(packet, std::vector<std::byte>(3));
}

TEST(Corruption, TruncationReturnsTheFront) {
    std::vector<std::byte> packet(10);
    Corruption corruption;
    corruption.truncateTo = 4;
    const auto rest = ApplyCorruption(corruption, packet);
    EXPECT_EQ(rest.data(), packet.data());
    EXPECT_EQ(rest.size(), 4U);
}

TEST(CorruptionModel, OffByDefault) {
    CorruptionModel model({}, 1, "link");
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(model.Draw(kBytes));
}

TEST(CorruptionModel, FlipsExactlyAsManyBitsAsConfiguredAllOverThePacket) {
    ImpairmentConfig config;
    config.corrupt = {.probability = 1, .flippedBits = 3, .maxBurst = 0};
    CorruptionModel model(config, 1, "link");
    std::vector<int> hits(kBytes);
    for (int i = 0; i < 10000; ++i) {
        const auto corruption = model.Draw(kBytes);
        ASSERT_TRUE(corruption);
        ASSERT_EQ(OnesAfter(*corruption, kBytes), 3);
        for (std::uint32_t b = 0; b < corruption->bitCount; ++b) ++hits[corruption->bits[b] / 8];
    }
    // 300 expected in each byte, with a standard deviation of 17.
    for (const int count : hits) EXPECT_NEAR(count, 300, 90);
}

TEST(CorruptionModel, SmallAndEmptyPacketsAreSafe) {
    ImpairmentConfig config;
    config.corrupt = {.probability = 1, .flippedBits = kMaxFlippedBits, .maxBurst = 0};
    config.truncate.probability = 1;
    CorruptionModel model(config, 1, "link");
    EXPECT_FALSE(model.Draw(0));
    const auto one = model.Draw(1);
    ASSERT_TRUE(one);
    EXPECT_EQ(OnesAfter(*one, 1), 8);
    EXPECT_EQ(one->truncateTo, 0U);
}

TEST(CorruptionModel, BurstCapLetsOnePacketPass) {
    ImpairmentConfig config;
    config.corrupt = {.probability = 1, .flippedBits = 1, .maxBurst = 3};
    CorruptionModel model(config, 1, "link");
    for (int i = 1; i <= 40; ++i) EXPECT_EQ(model.Draw(kBytes).has_value(), i % 4 != 0) << i;
}

TEST(CorruptionModel, RaisingTheProbabilityOnlyAddsDamage) {
    ImpairmentConfig config;
    config.corrupt = {.probability = 0.1, .flippedBits = 2, .maxBurst = 0};
    CorruptionModel few(config, 1, "link");
    config.corrupt.probability = 0.5;
    CorruptionModel more(config, 1, "link");
    for (int i = 0; i < 1000; ++i) {
        const auto damage = few.Draw(kBytes);
        const auto other = more.Draw(kBytes);
        EXPECT_TRUE(!damage || damage == other) << i;
    }
}

TEST(CorruptionModel, TruncationAlwaysShortensAndDoesNotMoveTheFlips) {
    ImpairmentConfig config;
    config.corrupt.probability = 0.5;
    CorruptionModel plain(config, 1, "link");
    config.truncate.probability = 0.5;
    CorruptionModel cutting(config, 1, "link");
    int cuts = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto before = plain.Draw(kBytes).value_or(Corruption{});
        auto after = cutting.Draw(kBytes).value_or(Corruption{});
        if (after.truncateTo) {
            EXPECT_LT(*after.truncateTo, kBytes);
            ++cuts;
        }
        after.truncateTo.reset();
        EXPECT_EQ(before, after);
    }
    EXPECT_NEAR(cuts, 500, 70);
}

}  // namespace
}  // namespace crsp
