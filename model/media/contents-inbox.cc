// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/contents-inbox.h"

#include <algorithm>
#include <array>

#include "model/media/control-channel.h"

namespace crsp {
namespace {

/// A CONTENTS, with the length in front, is never longer than this.
constexpr std::size_t kMaxHeaderSize = 128;

struct Header {
    std::optional<Message> message;
    bool finished = false;  ///< the stream has ended
};

/// Reads what belongs to the first message, and no more.
Expected<Header, MediaErrorCode> ReadHeader(Endpoint& endpoint, ConnectionHandle connection,
                                            StreamId stream, MessageReader& reader) {
    std::array<std::byte, kMaxHeaderSize> buffer;
    Header header;
    while (true) {
        auto message = reader.Next();
        if (!message) return Fail(message.error());
        header.message = std::move(*message);
        if (header.message) return header;
        if (header.finished || reader.Wanted() > buffer.size()) {
            return Fail(MediaErrorCode::kMalformedMessage);
        }
        const auto space = ByteSpan(buffer).first(reader.Wanted());
        const auto result = endpoint.Read(connection, stream, space);
        if (!result) return Fail(MediaErrorCode::kConnectionLost);
        reader.Append(space.first(result->bytes));
        header.finished = result->finished;
        if (result->bytes == 0 && !result->finished) return header;
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
    const auto read = ReadHeader(endpoint, connection, stream, at->second);
    if (read && !read->message) return std::nullopt;
    m_streams.erase(at);
    const auto* header = read ? std::get_if<ContentsMessage>(&*read->message) : nullptr;
    if (header) return Arrival{stream, *header, read->finished};
    RefuseStream(endpoint, connection, stream);
    return std::nullopt;
}

}  // namespace crsp
