// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace crsp {

/// What a renderer is doing (CRSP §9.5). Numbers travel in STATUS_REPORT. In the words of UPnP
/// AVTransport: NO_MEDIA_PRESENT, TRANSITIONING (connecting and buffering), PLAYING,
/// PAUSED_PLAYBACK, STOPPED (stopped and ended); error is its TransportStatus ERROR_OCCURRED.
enum class TransportState : std::uint8_t {
    kNoMedia = 0,
    kConnecting = 1,  ///< asking the server for the entry
    kBuffering = 2,   ///< wants to play, has nothing to play
    kPlaying = 3,
    kPaused = 4,
    kStopped = 5,
    kEnded = 6,  ///< the last byte has been rendered
    kError = 7,
};
inline constexpr std::size_t kTransportStateCount = 8;

/// What a controller asks of a renderer. kStatus changes nothing and is always allowed.
enum class TransportVerb : std::uint8_t { kRender, kPause, kResume, kRestart, kStop, kStatus };
inline constexpr std::size_t kTransportVerbCount = 6;

/// What happens to a rendering by itself.
enum class TransportOccurrence : std::uint8_t {
    kContentsBegun,  ///< the server answered with CONTENTS
    kDataFlowing,    ///< bytes went to the sink
    kStarved,        ///< the timetable is due and nothing is there to render
    kCompleted,
    kFailed,
};
inline constexpr std::size_t kTransportOccurrenceCount = 5;

/// Upper-case name as in CRSP §9.5, as in `NO_MEDIA`; `UNKNOWN` for other numbers.
std::string_view ToString(TransportState state);
std::string_view ToString(TransportVerb verb);

/// The state after `verb`, or nothing if the verb is refused in `state` with kNotAvailableInState.
/// A verb whose wish is already fulfilled (pause while paused) is allowed and changes nothing.
std::optional<TransportState> Next(TransportState state, TransportVerb verb);

/// The state after `occurrence`; the same state where it means nothing (data while paused).
TransportState Next(TransportState state, TransportOccurrence occurrence);

/// Bit (1 << verb) for each verb that would do something in `state`; it travels in STATUS_REPORT.
std::uint8_t AvailableActions(TransportState state);

/// A rendering is under way: begun or about to, neither stopped, ended nor failed.
bool IsActive(TransportState state);

}  // namespace crsp
