// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/hash-sink.h"

namespace crsp {

Expected<void, MediaErrorCode> HashSink::Begin(TimePoint now, Generation generation,
                                               const ContentInfo& info) {
    m_current = {};
    m_current.generation = generation;
    m_current.info = info;
    m_current.begunAt = now;
    m_digest = ContentDigest();
    return m_next.Begin(now, generation, info);
}

Expected<std::size_t, MediaErrorCode> HashSink::Render(TimePoint now, Generation generation,
                                                       std::uint64_t offset, ConstByteSpan bytes) {
    const auto taken = m_next.Render(now, generation, offset, bytes);
    if (taken) {
        m_digest.Update(bytes.first(*taken));
        m_current.bytes += *taken;
    }
    return taken;
}

Expected<void, MediaErrorCode> HashSink::End(TimePoint now, Generation generation, bool complete) {
    const auto ended = m_next.End(now, generation, complete);
    m_current.complete = complete && ended;
    m_current.endedAt = now;
    m_current.sha256 = m_digest.Finish();
    m_last = m_current;
    if (m_report) m_report(*m_last);
    return ended;
}

}  // namespace crsp
