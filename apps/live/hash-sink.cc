// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/hash-sink.h"

#include <array>

namespace crsp {
namespace {

std::string HexDigest(crypto_hash_sha256_state& state) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&state, digest.data());
    std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
    return hex.data();
}

}  // namespace

Expected<void, MediaErrorCode> HashSink::Begin(TimePoint now, Generation generation,
                                               const ContentInfo& info) {
    m_current = {};
    m_current.generation = generation;
    m_current.info = info;
    m_current.begunAt = now;
    crypto_hash_sha256_init(&m_state);
    return m_next.Begin(now, generation, info);
}

Expected<std::size_t, MediaErrorCode> HashSink::Render(TimePoint now, Generation generation,
                                                       std::uint64_t offset, ConstByteSpan bytes) {
    const auto taken = m_next.Render(now, generation, offset, bytes);
    if (taken) {
        crypto_hash_sha256_update(&m_state, reinterpret_cast<const unsigned char*>(bytes.data()),
                                  *taken);
        m_current.bytes += *taken;
    }
    return taken;
}

Expected<void, MediaErrorCode> HashSink::End(TimePoint now, Generation generation, bool complete) {
    const auto ended = m_next.End(now, generation, complete);
    m_current.complete = complete && ended;
    m_current.endedAt = now;
    m_current.sha256 = HexDigest(m_state);
    m_last = m_current;
    if (m_report) m_report(*m_last);
    return ended;
}

}  // namespace crsp
