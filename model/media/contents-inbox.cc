// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/contents-inbox.h"

#include <algorithm>
#include <array>

#include "model/media/control-channel.h"

namespace crsp {
namespace {

/// A CONTENTS, with the length in front, is never longer than this.
constexpr std::size_t kMaxHeaderSize = 128;

using HeaderResult = Expected<std::optional<Message>, MediaErrorCode>;

HeaderResult ReadHeader(Endpoint& endpoint, ConnectionHandle connection, StreamId stream,
                        MessageReader& reader) {
    std::array<std::byte, kMaxHeaderSize> buffer;
    while (true) {
        auto message = reader.Next();
        if (!message || *message) return message;
        if (reader.Wanted() > buffer.size()) return Fail(MediaErrorCode::kMalformedMessage);
        const auto space = ByteSpan(buffer).first(reader.Wanted());
        const auto result = endpoint.Read(connection, stream, space);
        if (!result) return Fail(MediaErrorCode::kConnectionLost);
        reader.Append(space.first(result->bytes));
        if (result->bytes != 0) continue;
        if (result->finished) return Fail(MediaErrorCode::kMalformedMessage);
        return std::nullopt;
    }
}

}  // namespace

void ContentsInbox::Opened(Endpoint& endpoint, ConnectionHandle connection, StreamId stream) {
    const bool unidirectional = DirectionOf(stream) == StreamDirection::kUnidirectional;
    if (!unidirectional || m_streams.size() >= kMaxUnreadContents) {
        return RefuseStream(endpoint, connection, stream);
    }
    m_streams.try_emplace(stream);
}

std::optional<ContentsInbox::Arrival> ContentsInbox::Readable(Endpoint& endpoint,
                                                              ConnectionHandle connection,
                                                              StreamId stream) {
    const auto at = m_streams.find(stream);
    if (at == m_streams.end()) return std::nullopt;
    const auto message = ReadHeader(endpoint, connection, stream, at->second);
    if (message && !*message) return std::nullopt;
    m_streams.erase(at);
    const auto* header = message ? std::get_if<ContentsMessage>(&**message) : nullptr;
    if (header) return Arrival{stream, *header};
    RefuseStream(endpoint, connection, stream);
    return std::nullopt;
}

}  // namespace crsp
