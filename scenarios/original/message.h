// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/base/bytes.h"
#include "model/base/result.h"

namespace crsp::original {

/// The messages of the original CRSP; CRSP §9.2 has kept their numbers.
enum class MessageType : std::uint8_t {
    kList = 10,
    kListing = 11,
    kRender = 20,
    kContents = 21,
    kBegun = 22,
    kEnded = 23,
    kPause = 30,
    kPaused = 31,
    kResume = 32,
    kResumed = 33,
    kRestart = 34,
    kRestarted = 35,
    kExit = 99,
};

/// Bytes of payload in one message, at most.
inline constexpr std::size_t kMaxPayload = 500;

struct Message {
    MessageType type = MessageType::kExit;
    bool more = false;  ///< portion flag: this payload goes on in a message that follows
    std::string payload;
    bool operator==(const Message&) const = default;
};

/// `21 1 PAYLOAD`: the type in two digits, the portion flag as 0 or 1, each with a space behind.
/// `message.payload` is at most kMaxPayload bytes, of any value.
std::string Encode(const Message& message);

/// Reads one datagram, of which nothing is trusted. The error is one sentence for a person.
Expected<Message, std::string> Decode(ConstByteSpan datagram);

}  // namespace crsp::original
