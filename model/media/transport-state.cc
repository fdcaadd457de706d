// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/transport-state.h"

#include <array>

namespace crsp {
namespace {

using S = TransportState;
using Cell = std::optional<TransportState>;

constexpr Cell kRefused = std::nullopt;

/// CRSP §9.5: rows are states, columns are render, pause, resume, restart, stop, status.
constexpr std::array<std::array<Cell, kTransportVerbCount>, kTransportStateCount> kByVerb = {{
    {S::kConnecting, kRefused, kRefused, kRefused, kRefused, S::kNoMedia},
    {S::kConnecting, S::kPaused, S::kConnecting, S::kConnecting, S::kStopped, S::kConnecting},
    {S::kConnecting, S::kPaused, S::kBuffering, S::kConnecting, S::kStopped, S::kBuffering},
    {S::kConnecting, S::kPaused, S::kPlaying, S::kConnecting, S::kStopped, S::kPlaying},
    {S::kConnecting, S::kPaused, S::kBuffering, S::kConnecting, S::kStopped, S::kPaused},
    {S::kConnecting, kRefused, kRefused, S::kConnecting, S::kStopped, S::kStopped},
    {S::kConnecting, kRefused, kRefused, S::kConnecting, S::kStopped, S::kEnded},
    {S::kConnecting, kRefused, kRefused, S::kConnecting, S::kStopped, S::kError},
}};

/// CRSP §9.5: columns are contents begun, data flowing, starved, completed, failed.
constexpr std::array<std::array<S, kTransportOccurrenceCount>, kTransportStateCount> kByOccurrence =
    {{
        {S::kNoMedia, S::kNoMedia, S::kNoMedia, S::kNoMedia, S::kNoMedia},
        {S::kBuffering, S::kPlaying, S::kConnecting, S::kEnded, S::kError},
        {S::kBuffering, S::kPlaying, S::kBuffering, S::kEnded, S::kError},
        {S::kPlaying, S::kPlaying, S::kBuffering, S::kEnded, S::kError},
        {S::kPaused, S::kPaused, S::kPaused, S::kPaused, S::kError},
        {S::kStopped, S::kStopped, S::kStopped, S::kStopped, S::kStopped},
        {S::kEnded, S::kEnded, S::kEnded, S::kEnded, S::kEnded},
        {S::kError, S::kError, S::kError, S::kError, S::kError},
    }};

constexpr std::array<std::string_view, kTransportStateCount> kStateNames = {
    "NO_MEDIA", "CONNECTING", "BUFFERING", "PLAYING", "PAUSED", "STOPPED", "ENDED", "ERROR"};
constexpr std::array<std::string_view, kTransportVerbCount> kVerbNames = {
    "RENDER", "PAUSE", "RESUME", "RESTART", "STOP", "STATUS"};

}  // namespace

std::string_view ToString(TransportState state) {
    const auto index = static_cast<std::size_t>(state);
    return index < kStateNames.size() ? kStateNames[index] : "UNKNOWN";
}

std::string_view ToString(TransportVerb verb) {
    const auto index = static_cast<std::size_t>(verb);
    return index < kVerbNames.size() ? kVerbNames[index] : "UNKNOWN";
}

std::optional<TransportState> Next(TransportState state, TransportVerb verb) {
    return kByVerb[static_cast<std::size_t>(state)][static_cast<std::size_t>(verb)];
}

TransportState Next(TransportState state, TransportOccurrence occurrence) {
    return kByOccurrence[static_cast<std::size_t>(state)][static_cast<std::size_t>(occurrence)];
}

std::uint8_t AvailableActions(TransportState state) {
    std::uint8_t actions = 0;
    for (std::size_t i = 0; i < kTransportVerbCount; ++i) {
        const auto verb = static_cast<TransportVerb>(i);
        const bool always = verb == TransportVerb::kRender || verb == TransportVerb::kStatus ||
                            verb == TransportVerb::kRestart;
        const auto next = Next(state, verb);
        if (next && (always || *next != state)) actions |= static_cast<std::uint8_t>(1u << i);
    }
    return actions;
}

bool IsActive(TransportState state) {
    return state == S::kConnecting || state == S::kBuffering || state == S::kPlaying ||
           state == S::kPaused;
}

}  // namespace crsp
