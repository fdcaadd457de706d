// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/original/message.h"

#include <fmt/format.h>

#include <optional>

#include "model/base/assert.h"

namespace crsp::original {
namespace {

/// `TT F `.
constexpr std::size_t kHeaderSize = 5;

bool IsDigit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<MessageType> TypeOf(int number) {
    switch (const auto type = static_cast<MessageType>(number); type) {
        case MessageType::kList:
        case MessageType::kListing:
        case MessageType::kRender:
        case MessageType::kContents:
        case MessageType::kBegun:
        case MessageType::kEnded:
        case MessageType::kPause:
        case MessageType::kPaused:
        case MessageType::kResume:
        case MessageType::kResumed:
        case MessageType::kRestart:
        case MessageType::kRestarted:
        case MessageType::kExit:
            return type;
    }
    return std::nullopt;
}

}  // namespace

std::string Encode(const Message& message) {
    CRSP_ASSERT(message.payload.size() <= kMaxPayload);
    return fmt::format("{:02} {} {}", static_cast<unsigned>(message.type), message.more ? 1 : 0,
                       message.payload);
}

Expected<Message, std::string> Decode(ConstByteSpan datagram) {
    const std::string_view text = AsText(datagram);
    if (text.size() < kHeaderSize) {
        return Fail(
            fmt::format("{} bytes are no message: expected at least {}", text.size(), kHeaderSize));
    }
    if (text.size() > kHeaderSize + kMaxPayload) {
        return Fail(fmt::format("a payload of {} bytes: expected at most {}",
                                text.size() - kHeaderSize, kMaxPayload));
    }
    if (!IsDigit(text[0]) || !IsDigit(text[1]) || text[2] != ' ' || text[4] != ' ') {
        return Fail(
            std::string("no message: expected a type of two digits, a space, 0 or 1, and a "
                        "space"));
    }
    if (text[3] != '0' && text[3] != '1') {
        return Fail(fmt::format("portion flag 0x{:02x}: expected 0 or 1",
                                static_cast<unsigned char>(text[3])));
    }
    const int number = (text[0] - '0') * 10 + (text[1] - '0');
    const auto type = TypeOf(number);
    if (!type) return Fail(fmt::format("type {}: expected one of the original's", number));
    return Message{*type, text[3] == '1', std::string(text.substr(kHeaderSize))};
}

}  // namespace crsp::original
