// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/failure-text.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

const std::string kOutput = "cannot write 'x.part': No space left on device";

RenderingFailure FailureOf(MediaErrorCode code, std::string_view text = {}) {
    return {3, 77, "main", 4096, EndReason::kFailed, code, text};
}

TEST(FailureText, NamesRenderingPlaceAndCause) {
    EXPECT_EQ(FailureText(FailureOf(MediaErrorCode::kVersionChanged), ""),
              "rendering 3 (entry #77 of 'main') failed at byte 4096: the entry has changed");
    EXPECT_EQ(FailureText(FailureOf(MediaErrorCode::kServerUnreachable, "it is lost"), ""),
              "rendering 3 (entry #77 of 'main') failed at byte 4096: server unreachable: "
              "it is lost");
    EXPECT_EQ(FailureText(FailureOf(MediaErrorCode::kNoSuchEntry, "no such entry"), ""),
              "rendering 3 (entry #77 of 'main') failed at byte 4096: no such entry");
}

TEST(FailureText, TellsOfTheOutputWhereItIsTheCause) {
    EXPECT_EQ(
        FailureText(FailureOf(MediaErrorCode::kSinkFailed), kOutput),
        "rendering 3 (entry #77 of 'main') failed at byte 4096: the output failed: " + kOutput);
    EXPECT_EQ(FailureText(FailureOf(MediaErrorCode::kTimeout), kOutput).find(kOutput),
              std::string::npos);
    auto stopped = FailureOf(MediaErrorCode::kSinkFailed);
    stopped.reason = EndReason::kStopped;
    EXPECT_EQ(FailureText(stopped, ""),
              "rendering 3 (entry #77 of 'main') was ended at byte 4096: the output failed");
}

TEST(FailureText, WhatAServerSaysCannotCommandTheTerminal) {
    const auto text = FailureText(FailureOf(MediaErrorCode::kReadFailed, "\x1b[2J\n"), "");
    EXPECT_EQ(text.find_first_of("\x1b\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace crsp
