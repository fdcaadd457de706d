// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string_view>

namespace crsp {

/// Why a command failed, a rendering ended, or a role closed a connection (CRSP §9.8). The number
/// travels in ERROR, in RENDERING_ENDED, in RESET_STREAM and STOP_SENDING of contents streams, and
/// as the application code of CONNECTION_CLOSE. Codes marked local are never sent.
enum class MediaErrorCode : std::uint64_t {
    kNone = 0,
    kNoSuchEntry = 1,          ///< the catalogue holds no such id or name
    kVersionChanged = 2,       ///< the entry is not, or no longer, the version asked for
    kUnknownServer = 3,        ///< the renderer was not configured with a server of that name
    kServerUnreachable = 4,    ///< no connection to the server, or it went away in mid-stream
    kNotAvailableInState = 5,  ///< the verb has no meaning in the current state (CRSP §9.5)
    kStaleGeneration = 6,      ///< the command expected another generation; nothing happened
    kReadFailed = 7,           ///< the server could not read the entry
    kBusy = 8,                 ///< a limit of CRSP §9.9 is reached
    kNotSupported = 9,         ///< unknown message, or one that this role does not serve
    kMalformedMessage = 10,    ///< undecodable or oversized; the connection is closed with it
    kTimeout = 11,             ///< no answer within the bound
    kConnectionLost = 12,      ///< local: the connection that carried the command has ended
    kSinkFailed = 13,          ///< the renderer's output refused the content for good
    kOffsetOutOfRange = 14,    ///< the offset lies beyond the end of the entry
    kSuperseded = 15,          ///< another command took its place before it was answered
    kNotOwner = 16,            ///< another controller owns the renderer; TAKE_OVER would change it
    kNotAllowed = 17,          ///< the peer has no such right at this node
};

/// Lower-case words, as in `no such entry`; `unknown error` for other numbers.
std::string_view ToString(MediaErrorCode code);

/// The code of a number from the wire; numbers without a meaning here become kNotSupported.
MediaErrorCode MediaErrorFromWire(std::uint64_t number);

/// Whether the same command, sent again later, may succeed without anybody changing anything.
bool IsRetryable(MediaErrorCode code);

}  // namespace crsp
