// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <map>
#include <optional>

#include "model/connection/endpoint.h"
#include "model/media/message-reader.h"

namespace crsp {

/// Streams of a server whose CONTENTS a renderer has not read yet, at most: more are refused.
inline constexpr std::size_t kMaxUnreadContents = 32;

/// The contents streams that a server has opened and whose first message is still on its way. They
/// belong to no generation before it is read (CRSP §9.6).
class ContentsInbox {
  public:
    /// A stream that said what it is, and of which nothing behind CONTENTS has been read.
    struct Arrival {
        StreamId stream;
        ContentsMessage header;
        bool finished;  ///< and nothing follows: the stream has ended behind it
    };

    void Opened(Endpoint& endpoint, ConnectionHandle connection, StreamId stream);
    /// Reads on; the arrival once its CONTENTS is complete. A stream that begins with anything
    /// else is refused.
    std::optional<Arrival> Readable(Endpoint& endpoint, ConnectionHandle connection,
                                    StreamId stream);
    /// The peer has reset the stream.
    void Forget(StreamId stream) { m_streams.erase(stream); }
    void Clear() { m_streams.clear(); }
    std::size_t Count() const { return m_streams.size(); }

  private:
    std::map<StreamId, MessageReader> m_streams;
};

}  // namespace crsp
