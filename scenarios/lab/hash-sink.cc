// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/hash-sink.h"

namespace crsp::lab {

Expected<void, MediaErrorCode> HashSink::Begin(TimePoint, Generation, const ContentInfo& info) {
    m_digest = ContentDigest();
    m_entry = info.entry;
    m_offset = m_position = info.offset;
    return {};
}

Expected<std::size_t, MediaErrorCode> HashSink::Render(TimePoint, Generation, std::uint64_t offset,
                                                       ConstByteSpan bytes) {
    m_digest.Update(bytes);
    m_position = offset + bytes.size();
    return bytes.size();
}

Expected<void, MediaErrorCode> HashSink::End(TimePoint, Generation, bool complete) {
    m_lastHash = m_digest.Finish();
    if (complete) m_completed.push_back({m_entry, m_offset, m_lastHash});
    return {};
}

}  // namespace crsp::lab
