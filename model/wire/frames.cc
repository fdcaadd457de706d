// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/frames.h"

#include <array>

namespace crsp {

std::string_view FrameName(const Frame& frame) {
    static constexpr std::array<std::string_view, std::variant_size_v<Frame>> kNames = {
        "padding",         "ping",          "ack",
        "reset_stream",    "stop_sending",  "stream",
        "datagram",        "max_data",      "max_stream_data",
        "max_streams",     "data_blocked",  "stream_data_blocked",
        "path_challenge",  "path_response", "data_skipped",
        "immediate_ack",   "repair",        "data_recovered",
        "connection_close"};
    return kNames[frame.index()];
}

bool IsAckEliciting(const Frame& frame) {
    return !std::holds_alternative<PaddingFrame>(frame) &&
           !std::holds_alternative<AckFrame>(frame) &&
           !std::holds_alternative<ConnectionCloseFrame>(frame);
}

bool IsProbing(const Frame& frame) {
    return std::holds_alternative<PathChallengeFrame>(frame) ||
           std::holds_alternative<PathResponseFrame>(frame) ||
           std::holds_alternative<PaddingFrame>(frame);
}

}  // namespace crsp
