// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/types.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

// RFC 9000 §2.1, table 1.
TEST(StreamId, LowBitsSayWhoOpenedItAndWhichWaysItGoes) {
    EXPECT_EQ(MakeStreamId(Side::kInitiator, StreamDirection::kBidirectional, 0), kControlStream);
    EXPECT_EQ(MakeStreamId(Side::kResponder, StreamDirection::kBidirectional, 0), 1u);
    EXPECT_EQ(MakeStreamId(Side::kInitiator, StreamDirection::kUnidirectional, 0), 2u);
    EXPECT_EQ(MakeStreamId(Side::kResponder, StreamDirection::kUnidirectional, 5), 23u);
}

TEST(StreamId, ComesApartAgain) {
    for (StreamId id = 0; id < 64; ++id) {
        EXPECT_EQ(MakeStreamId(OpenerOf(id), DirectionOf(id), IndexOf(id)), id);
    }
}

}  // namespace
}  // namespace crsp
