// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "model/connection/endpoint.h"
#include "model/media/content-store.h"
#include "model/media/messages.h"

namespace crsp {

/// One entry on its way to one renderer: a unidirectional stream that begins with CONTENTS
/// (CRSP §9.4). Holds one chunk of the entry, and that only until it is written.
class Transfer {
  public:
    Transfer(ContentsMessage header, std::unique_ptr<ContentReader> reader, TimePoint begun);

    enum class Progress : std::uint8_t {
        kBlocked,         ///< go on when the stream is writable
        kAwaitingStream,  ///< the peer has granted no stream yet: go on a little later
        kDone,            ///< everything, and the end, is in the stream's hands
    };
    /// Writes as much as the stream takes, and at most about `most` bytes. kVersionChanged or
    /// kReadFailed if the entry cannot be read on; abandon the transfer then.
    Expected<Progress, MediaErrorCode> Pump(
        Endpoint& endpoint, ConnectionHandle connection,
        std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
    /// Resets the stream, if it was opened.
    void Abandon(Endpoint& endpoint, ConnectionHandle connection, MediaErrorCode code);

    const ContentsMessage& Header() const { return m_header; }
    std::optional<StreamId> Stream() const { return m_stream; }
    TimePoint Begun() const { return m_begun; }
    bool Done() const { return m_done; }
    /// Bytes of the entry handed to the stream.
    std::uint64_t Sent() const;

  private:
    bool OpenStream(Endpoint& endpoint, ConnectionHandle connection);
    Expected<void, MediaErrorCode> Refill();
    void Finish();

    ContentsMessage m_header;
    std::unique_ptr<ContentReader> m_reader;
    TimePoint m_begun;
    std::optional<StreamId> m_stream;
    std::uint64_t m_offset;           ///< of the entry: read so far
    std::vector<std::byte> m_buffer;  ///< first the header, then chunk after chunk
    std::size_t m_written = 0;        ///< of m_buffer
    bool m_done = false;
};

}  // namespace crsp
