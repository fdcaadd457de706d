// SPDX-License-Identifier: BSD-3-Clause
#include "tests/fuzz/any-message.h"

#include <string>

namespace crsp::fuzz {
namespace {

CommandId PickCommand(FuzzedData& data, const MessageHints& hints) {
    const auto choice = data.U8();
    if (choice < 128) return hints.command;
    return choice < 224 ? choice & 7 : data.Number();
}

std::uint64_t PickNumber(FuzzedData& data, std::uint64_t hint) {
    return data.Below(4) == 0 ? data.Number() : hint;
}

EndReason PickReason(FuzzedData& data) {
    return static_cast<EndReason>(data.Below(4));
}

MediaErrorCode PickCode(FuzzedData& data) {
    return static_cast<MediaErrorCode>(data.Below(16));
}

ListingMessage PickListing(FuzzedData& data, CommandId command) {
    ListingMessage listing{command, data.U8(), data.Number(), data.Number(), {}};
    const auto count = data.Below(8);
    for (std::size_t i = 0; i < count; ++i) {
        listing.entries.push_back(
            {data.Number(), data.Number(), data.Number() % kVarintMax, PickName(data)});
    }
    return listing;
}

ErrorMessage PickError(FuzzedData& data, CommandId command) {
    auto error = MakeError(command, PickCode(data), PickName(data));
    error.retryable = data.Flag();
    if (error.retryable) error.retryAfter = data.Number();
    return error;
}

Message PickOfServer(FuzzedData& data, CommandId command, const RenderMessage& asked) {
    switch (data.Below(5)) {
        case 0:
            return PickListing(data, command);
        case 1:
            return PickError(data, command);
        case 2:
            return GrantedMessage{command, data.Number(), PickName(data)};
        default:
            return ContentsMessage{command,
                                   PickNumber(data, asked.generation),
                                   PickNumber(data, asked.entry),
                                   PickNumber(data, asked.version),
                                   PickNumber(data, asked.offset),
                                   data.Number()};
    }
}

Message PickOfRenderer(FuzzedData& data, CommandId command) {
    const auto kind = data.Below(10);
    const Generation generation = data.U8();
    switch (kind) {
        case 0:
            return RenderingBegunMessage{command, generation, data.U8(), 1, data.Number()};
        case 1:
            return RenderingEndedMessage{0, generation, data.Number(), PickReason(data),
                                         PickCode(data)};
        case 2:
            return PausedMessage{command, generation, data.Number()};
        case 3:
            return ResumedMessage{command, generation, data.Number()};
        case 4:
            return RestartedMessage{command, generation, data.Number()};
        case 5:
            return StoppedMessage{command, generation, data.Number()};
        case 6:
            return PickError(data, command);
        case 7:
            return OwnershipMessage{command, static_cast<Owner>(data.Below(3))};
        default:
            return StatusReportMessage{command,       static_cast<TransportState>(data.Below(8)),
                                       generation,    data.Number(),
                                       data.Number(), data.Number(),
                                       data.U8(),     PickCode(data)};
    }
}

RenderMessage PickRender(FuzzedData& data, CommandId command, const MessageHints& hints) {
    RenderMessage render{command, data.Below(4), {}, 1 + data.Below(4), 0, 0};
    const auto more = data.U8();
    if ((more & 1) != 0) render.server = PickName(data);
    if ((more & 2) != 0) render.offset = data.Number();
    if ((more & 4) != 0) render.version = data.Number();
    if ((more & 8) != 0) render.grant = (more & 16) != 0 ? PickName(data) : hints.grant;
    return render;
}

Message PickOfController(FuzzedData& data, CommandId command, const MessageHints& hints) {
    const auto kind = data.Below(12);
    const Generation generation = data.Below(4);
    switch (kind) {
        case 0:
            return ListMessage{command, data.Number(), data.Number()};
        case 1:
            return PauseMessage{command, generation};
        case 2:
            return ResumeMessage{command, generation};
        case 3:
            return RestartMessage{command, generation};
        case 4:
            return StopMessage{command, generation};
        case 5:
            return StatusMessage{command};
        case 6:
            return data.Below(8) == 0 ? Message{ExitMessage{command}} : StatusMessage{command};
        case 7:
            return TakeOverMessage{command};
        case 8:
            return GrantMessage{command, 1 + data.Below(4), data.Below(3), hints.renderer,
                                data.Number()};
        default:
            return PickRender(data, command, hints);
    }
}

}  // namespace

Message PickMessage(FuzzedData& data, const MessageHints& hints) {
    const auto whose = data.Below(3);
    const auto command = PickCommand(data, hints);
    if (whose == 0) return PickOfServer(data, command, hints.render);
    return whose == 1 ? PickOfRenderer(data, command) : PickOfController(data, command, hints);
}

std::string PickName(FuzzedData& data) {
    const auto name = data.Chunk();
    return std::string(AsText(name.first(std::min(name.size(), kMaxNameSize))));
}

}  // namespace crsp::fuzz
