// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/media-error.h"

namespace crsp {

std::string_view ToString(MediaErrorCode code) {
    switch (code) {
        case MediaErrorCode::kNone:
            return "no error";
        case MediaErrorCode::kNoSuchEntry:
            return "no such entry";
        case MediaErrorCode::kVersionChanged:
            return "the entry has changed";
        case MediaErrorCode::kUnknownServer:
            return "unknown server";
        case MediaErrorCode::kServerUnreachable:
            return "server unreachable";
        case MediaErrorCode::kNotAvailableInState:
            return "not available in this state";
        case MediaErrorCode::kStaleGeneration:
            return "another generation plays by now";
        case MediaErrorCode::kReadFailed:
            return "the entry cannot be read";
        case MediaErrorCode::kBusy:
            return "busy";
        case MediaErrorCode::kNotSupported:
            return "not supported";
        case MediaErrorCode::kMalformedMessage:
            return "malformed message";
        case MediaErrorCode::kTimeout:
            return "no answer in time";
        case MediaErrorCode::kConnectionLost:
            return "connection lost";
        case MediaErrorCode::kSinkFailed:
            return "the output failed";
        case MediaErrorCode::kOffsetOutOfRange:
            return "offset beyond the end of the entry";
        case MediaErrorCode::kSuperseded:
            return "superseded by another command";
        case MediaErrorCode::kNotOwner:
            return "another controller owns the renderer";
        case MediaErrorCode::kNotAllowed:
            return "not allowed";
    }
    return "unknown error";
}

MediaErrorCode MediaErrorFromWire(std::uint64_t number) {
    const bool known = number <= static_cast<std::uint64_t>(MediaErrorCode::kNotAllowed);
    return known ? static_cast<MediaErrorCode>(number) : MediaErrorCode::kNotSupported;
}

bool IsRetryable(MediaErrorCode code) {
    switch (code) {
        case MediaErrorCode::kServerUnreachable:
        case MediaErrorCode::kBusy:
        case MediaErrorCode::kTimeout:
        case MediaErrorCode::kConnectionLost:
            return true;
        default:
            return false;
    }
}

}  // namespace crsp
