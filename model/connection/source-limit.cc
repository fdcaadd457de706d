// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/source-limit.h"

#include <array>

#include "model/base/assert.h"
#include "model/base/bytes.h"

namespace crsp {
namespace {

/// Family, address, port.
constexpr std::size_t kSourceLength = 1 + 16 + 2;

}  // namespace

bool SourceLimit::Take(TimePoint now, const SocketAddress& source, std::uint32_t perSecond,
                       std::uint32_t burst) {
    if (!m_buckets) m_buckets = std::make_unique<TokenBucket[]>(kSourceHashes * kSourceBuckets);
    std::array<std::byte, kSourceLength> input{};
    ByteWriter writer(input);
    writer.U8(static_cast<std::uint8_t>(source.family));
    writer.Bytes(std::as_bytes(std::span(source.bytes)));
    writer.U16(source.port);
    CRSP_ASSERT(writer.Ok() && writer.Remaining() == 0);
    const Mac hash = SipHashMac(m_key, input);
    ByteReader reader(hash);
    bool may = false;
    for (std::size_t i = 0; i < kSourceHashes; ++i) {
        TokenBucket& bucket = m_buckets[i * kSourceBuckets + *reader.U64() % kSourceBuckets];
        may |= bucket.Take(now, perSecond, burst);
    }
    return may;
}

}  // namespace crsp
