// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/media-error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace crsp {
namespace {

TEST(MediaError, EveryNumberKeepsItsMeaningOnTheWire) {
    EXPECT_EQ(MediaErrorFromWire(1), MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(MediaErrorFromWire(6), MediaErrorCode::kStaleGeneration);
    EXPECT_EQ(MediaErrorFromWire(15), MediaErrorCode::kSuperseded);
    EXPECT_EQ(MediaErrorFromWire(17), MediaErrorCode::kNotAllowed);
    EXPECT_EQ(MediaErrorFromWire(18), MediaErrorCode::kNotSupported);
    EXPECT_EQ(MediaErrorFromWire(~std::uint64_t{0}), MediaErrorCode::kNotSupported);
}

TEST(MediaError, EveryCodeHasWordsOfItsOwn) {
    std::set<std::string> words;
    for (std::uint64_t i = 0; i <= 17; ++i) words.emplace(ToString(MediaErrorFromWire(i)));
    EXPECT_EQ(words.size(), 18u);
    EXPECT_EQ(words.count("unknown error"), 0u);
    EXPECT_EQ(ToString(static_cast<MediaErrorCode>(999)), "unknown error");
}

TEST(MediaError, OnlyPassingTroubleIsRetryable) {
    EXPECT_TRUE(IsRetryable(MediaErrorCode::kServerUnreachable));
    EXPECT_TRUE(IsRetryable(MediaErrorCode::kBusy));
    EXPECT_FALSE(IsRetryable(MediaErrorCode::kNoSuchEntry));
    EXPECT_FALSE(IsRetryable(MediaErrorCode::kStaleGeneration));
}

}  // namespace
}  // namespace crsp
