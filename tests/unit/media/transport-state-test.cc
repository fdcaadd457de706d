// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/transport-state.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace crsp {
namespace {

using S = TransportState;
using V = TransportVerb;
using O = TransportOccurrence;

constexpr std::array<S, kTransportStateCount> kStates = {S::kNoMedia, S::kConnecting, S::kBuffering,
                                                         S::kPlaying, S::kPaused,     S::kStopped,
                                                         S::kEnded,   S::kError};

std::uint8_t Bit(V verb) {
    return static_cast<std::uint8_t>(1u << static_cast<unsigned>(verb));
}

TEST(TransportState, RenderConnectsFromEveryState) {
    for (const S state : kStates) EXPECT_EQ(Next(state, V::kRender), S::kConnecting);
}

TEST(TransportState, StatusChangesNothing) {
    for (const S state : kStates) EXPECT_EQ(Next(state, V::kStatus), state);
}

TEST(TransportState, RestartPlaysFromEveryStateWithMedia) {
    for (const S state : kStates) {
        if (state == S::kNoMedia) continue;
        EXPECT_EQ(Next(state, V::kRestart), S::kConnecting) << ToString(state);
    }
    EXPECT_EQ(Next(S::kNoMedia, V::kRestart), std::nullopt);
}

TEST(TransportState, PauseAndResumeNeedARendering) {
    for (const S state : {S::kConnecting, S::kBuffering, S::kPlaying, S::kPaused}) {
        EXPECT_EQ(Next(state, V::kPause), S::kPaused) << ToString(state);
        EXPECT_TRUE(Next(state, V::kResume)) << ToString(state);
    }
    for (const S state : {S::kNoMedia, S::kStopped, S::kEnded, S::kError}) {
        EXPECT_FALSE(Next(state, V::kPause)) << ToString(state);
        EXPECT_FALSE(Next(state, V::kResume)) << ToString(state);
    }
}

TEST(TransportState, ResumeWhilePlayingChangesNothing) {
    EXPECT_EQ(Next(S::kPlaying, V::kResume), S::kPlaying);
    EXPECT_EQ(Next(S::kConnecting, V::kResume), S::kConnecting);
    EXPECT_EQ(Next(S::kPaused, V::kResume), S::kBuffering);
}

TEST(TransportState, StopStopsWhateverThereIs) {
    for (const S state : kStates) {
        const auto next = Next(state, V::kStop);
        if (state == S::kNoMedia) {
            EXPECT_FALSE(next);
        } else {
            EXPECT_EQ(next, S::kStopped) << ToString(state);
        }
    }
}

TEST(TransportState, PlayingBeginsWithDataAndEndsWithTheLastByte) {
    EXPECT_EQ(Next(S::kConnecting, O::kContentsBegun), S::kBuffering);
    EXPECT_EQ(Next(S::kBuffering, O::kDataFlowing), S::kPlaying);
    EXPECT_EQ(Next(S::kPlaying, O::kStarved), S::kBuffering);
    EXPECT_EQ(Next(S::kPlaying, O::kCompleted), S::kEnded);
    EXPECT_EQ(Next(S::kBuffering, O::kCompleted), S::kEnded);
}

TEST(TransportState, APausedRendererDoesNotAdvanceByItself) {
    for (const O o : {O::kContentsBegun, O::kDataFlowing, O::kStarved, O::kCompleted}) {
        EXPECT_EQ(Next(S::kPaused, o), S::kPaused);
    }
    EXPECT_EQ(Next(S::kPaused, O::kFailed), S::kError);
}

TEST(TransportState, NothingHappensByItselfWhereNothingIsRendered) {
    for (const S state : {S::kNoMedia, S::kStopped, S::kEnded, S::kError}) {
        EXPECT_FALSE(IsActive(state));
        for (std::size_t o = 0; o < kTransportOccurrenceCount; ++o) {
            EXPECT_EQ(Next(state, static_cast<O>(o)), state) << ToString(state);
        }
    }
}

TEST(TransportState, FailureEndsEveryRendering) {
    for (const S state : kStates) {
        if (IsActive(state)) {
            EXPECT_EQ(Next(state, O::kFailed), S::kError) << ToString(state);
        }
    }
}

TEST(TransportState, AvailableActionsAreThoseThatDoSomething) {
    EXPECT_EQ(AvailableActions(S::kNoMedia), Bit(V::kRender) | Bit(V::kStatus));
    EXPECT_EQ(AvailableActions(S::kPlaying), Bit(V::kRender) | Bit(V::kPause) | Bit(V::kRestart) |
                                                 Bit(V::kStop) | Bit(V::kStatus));
    EXPECT_EQ(AvailableActions(S::kPaused), Bit(V::kRender) | Bit(V::kResume) | Bit(V::kRestart) |
                                                Bit(V::kStop) | Bit(V::kStatus));
    EXPECT_EQ(AvailableActions(S::kStopped), Bit(V::kRender) | Bit(V::kRestart) | Bit(V::kStatus));
}

TEST(TransportState, NoActionIsOfferedThatWouldBeRefused) {
    for (const S state : kStates) {
        for (std::size_t v = 0; v < kTransportVerbCount; ++v) {
            const auto verb = static_cast<V>(v);
            if (AvailableActions(state) & Bit(verb)) {
                EXPECT_TRUE(Next(state, verb)) << ToString(state) << ToString(verb);
            }
        }
    }
}

TEST(TransportState, NamesAreDistinctAndSafeForAnyNumber) {
    std::set<std::string> names;
    for (const S state : kStates) names.emplace(ToString(state));
    EXPECT_EQ(names.size(), kTransportStateCount);
    EXPECT_EQ(ToString(static_cast<S>(200)), "UNKNOWN");
    EXPECT_EQ(ToString(static_cast<V>(200)), "UNKNOWN");
}

}  // namespace
}  // namespace crsp
