// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/hash-sink.h"

#include <fmt/format.h>

namespace crsp::lab {

std::string HexOf(const Sha256Digest& digest) {
    std::string hex;
    for (const std::byte byte : digest) hex += fmt::format("{:02x}", static_cast<unsigned>(byte));
    return hex;
}

Expected<void, MediaErrorCode> HashSink::Begin(TimePoint, Generation, const ContentInfo& info) {
    m_hash = Sha256();
    m_entry = info.entry;
    m_offset = m_position = info.offset;
    return {};
}

Expected<std::size_t, MediaErrorCode> HashSink::Render(TimePoint, Generation, std::uint64_t offset,
                                                       ConstByteSpan bytes) {
    m_hash.Update(bytes);
    m_position = offset + bytes.size();
    return bytes.size();
}

Expected<void, MediaErrorCode> HashSink::End(TimePoint, Generation, bool complete) {
    m_lastHash = HexOf(m_hash.Finish());
    if (complete) m_completed.push_back({m_entry, m_offset, m_lastHash});
    return {};
}

}  // namespace crsp::lab
