// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/error-codes.h"

#include <gtest/gtest.h>

#include <set>

namespace crsp {
namespace {

// RFC 9000 §20.1: a peer that logs our number finds the same name.
TEST(TransportErrorCode, HasTheNumbersAndNamesOfTheRfc) {
    const std::pair<std::uint64_t, std::string_view> table[] = {
        {0x00, "NO_ERROR"},
        {0x01, "INTERNAL_ERROR"},
        {0x02, "CONNECTION_REFUSED"},
        {0x03, "FLOW_CONTROL_ERROR"},
        {0x04, "STREAM_LIMIT_ERROR"},
        {0x05, "STREAM_STATE_ERROR"},
        {0x06, "FINAL_SIZE_ERROR"},
        {0x07, "FRAME_ENCODING_ERROR"},
        {0x08, "TRANSPORT_PARAMETER_ERROR"},
        {0x0a, "PROTOCOL_VIOLATION"},
        {0x0c, "APPLICATION_ERROR"},
        {0x0f, "AEAD_LIMIT_REACHED"},
        {0x20, "CONGESTED"},
        {0x100, "HANDSHAKE_TIMEOUT"},
        {0x101, "IDLE_TIMEOUT"},
        {0x102, "VERSION_MISMATCH"},
    };
    for (const auto& [number, name] : table) {
        EXPECT_EQ(ToString(static_cast<TransportErrorCode>(number)), name);
    }
}

TEST(TransportErrorCode, AnyOtherNumberOfAPeerHasANameToo) {
    EXPECT_EQ(ToString(static_cast<TransportErrorCode>(0x3fffffffffffffff)), "UNKNOWN");
}

TEST(UsageError, EveryErrorHasATextOfItsOwn) {
    std::set<std::string_view> texts;
    for (int i = 0; i <= static_cast<int>(UsageError::kTooManyConnections); ++i) {
        texts.insert(ToString(static_cast<UsageError>(i)));
    }
    EXPECT_EQ(texts.size(), 7u);
    EXPECT_FALSE(texts.contains("unknown usage error"));
}

}  // namespace
}  // namespace crsp
