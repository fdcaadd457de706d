// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "model/base/bytes.h"
#include "scenarios/original/message.h"

namespace crsp::original {
namespace {

std::string ErrorOf(std::string_view text) {
    const auto message = Decode(AsBytes(text));
    return message ? "" : message.error();
}

TEST(OriginalMessage, HasThePublishedNumbers) {
    EXPECT_EQ(Encode({MessageType::kList, false, ""}), "10 0 ");
    EXPECT_EQ(Encode({MessageType::kListing, true, "a\n"}), "11 1 a\n");
    EXPECT_EQ(Encode({MessageType::kRender, false, "song"}), "20 0 song");
    EXPECT_EQ(Encode({MessageType::kContents, true, "la"}), "21 1 la");
    EXPECT_EQ(Encode({MessageType::kBegun, false, ""}), "22 0 ");
    EXPECT_EQ(Encode({MessageType::kEnded, false, ""}), "23 0 ");
    EXPECT_EQ(Encode({MessageType::kPause, false, ""}), "30 0 ");
    EXPECT_EQ(Encode({MessageType::kPaused, false, ""}), "31 0 ");
    EXPECT_EQ(Encode({MessageType::kResume, false, ""}), "32 0 ");
    EXPECT_EQ(Encode({MessageType::kResumed, false, ""}), "33 0 ");
    EXPECT_EQ(Encode({MessageType::kRestart, false, ""}), "34 0 ");
    EXPECT_EQ(Encode({MessageType::kRestarted, false, ""}), "35 0 ");
    EXPECT_EQ(Encode({MessageType::kExit, false, ""}), "99 0 ");
}

TEST(OriginalMessage, EveryPayloadComesBack) {
    std::string payload;
    for (std::size_t i = 0; i < kMaxPayload; ++i) payload += static_cast<char>(i);
    const Message message{MessageType::kContents, true, payload};
    const auto decoded = Decode(AsBytes(Encode(message)));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, message);
}

TEST(OriginalMessage, WhatIsNoMessageIsRefusedWithAReason) {
    EXPECT_EQ(ErrorOf(""), "0 bytes are no message: expected at least 5");
    EXPECT_EQ(ErrorOf("10 0"), "4 bytes are no message: expected at least 5");
    EXPECT_EQ(ErrorOf("21 1 " + std::string(kMaxPayload, 'x')), "");
    EXPECT_EQ(ErrorOf("21 1 " + std::string(kMaxPayload + 1, 'x')),
              "a payload of 501 bytes: expected at most 500");
    for (const char* text : {"1a 0 ", "a1 0 ", "10_0 ", "10 0_", "-1 0 "}) {
        EXPECT_TRUE(ErrorOf(text).starts_with("no message: expected")) << text;
    }
    EXPECT_EQ(ErrorOf("10 2 "), "portion flag 0x32: expected 0 or 1");
    EXPECT_EQ(ErrorOf("44 0 x"), "type 44: expected one of the original's");
    for (int type = 0; type < 100; ++type) {
        const auto text = std::to_string(type / 10) + std::to_string(type % 10) + " 0 ";
        const auto message = Decode(AsBytes(text));
        if (message) {
            EXPECT_EQ(Encode(*message), text);
        }
    }
}

}  // namespace
}  // namespace crsp::original
