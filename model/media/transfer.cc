// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/transfer.h"

#include <algorithm>

namespace crsp {
namespace {

/// Bytes read from the store at once.
constexpr std::size_t kChunkSize = 16 * 1024;

}  // namespace

Transfer::Transfer(ContentsMessage header, std::unique_ptr<ContentReader> reader, TimePoint begun)
    : m_header(header), m_reader(std::move(reader)), m_begun(begun), m_offset(header.offset) {
    EncodeMessage(m_header, m_buffer);
}

bool Transfer::OpenStream(Endpoint& endpoint, ConnectionHandle connection) {
    if (m_stream) return true;
    const auto stream = endpoint.OpenStream(connection, StreamDirection::kUnidirectional);
    if (stream) m_stream = *stream;
    return m_stream.has_value();
}

Expected<Transfer::Progress, MediaErrorCode> Transfer::Pump(Endpoint& endpoint,
                                                            ConnectionHandle connection,
                                                            std::uint64_t most) {
    if (m_done) return Progress::kDone;
    if (!OpenStream(endpoint, connection)) return Progress::kAwaitingStream;
    const std::uint64_t before = Sent();
    while (true) {
        if (Sent() - before >= most) return Progress::kBlocked;
        if (m_written == m_buffer.size() && m_offset < m_header.size) {
            if (const auto read = Refill(); !read) return Fail(read.error());
        }
        const auto rest = ConstByteSpan(m_buffer).subspan(m_written);
        const bool last = m_offset == m_header.size;
        const auto taken = endpoint.Write(connection, *m_stream, rest, last);
        if (!taken) return Progress::kBlocked;  // stopped or closed: the event is on its way
        m_written += *taken;
        if (*taken < rest.size()) return Progress::kBlocked;
        if (last) break;
    }
    Finish();
    return Progress::kDone;
}

Expected<void, MediaErrorCode> Transfer::Refill() {
    const std::uint64_t rest = m_header.size - m_offset;
    m_buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(rest, kChunkSize)));
    const auto read = m_reader->Read(m_offset, m_buffer);
    m_buffer.resize(read ? *read : 0);
    m_written = 0;
    if (!read) return Fail(read.error());
    if (*read == 0) return Fail(MediaErrorCode::kReadFailed);
    m_offset += *read;
    return {};
}

void Transfer::Finish() {
    m_done = true;
    m_reader.reset();
    m_buffer = {};
    m_written = 0;
}

void Transfer::Abandon(Endpoint& endpoint, ConnectionHandle connection, MediaErrorCode code) {
    if (!m_stream) return;
    (void)endpoint.ResetStream(connection, *m_stream, static_cast<std::uint64_t>(code));
}

std::uint64_t Transfer::Sent() const {
    if (m_offset == m_header.offset) return 0;
    return m_offset - m_header.offset - (m_buffer.size() - m_written);
}

}  // namespace crsp
