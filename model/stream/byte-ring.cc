// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/byte-ring.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "model/base/assert.h"

namespace crsp {
namespace {

constexpr std::size_t kMinCapacity = 1024;

std::size_t CapacityFor(std::size_t needed, std::size_t limit) {
    return std::min(std::bit_ceil(std::max(needed, kMinCapacity)), limit);
}

}  // namespace

void ByteRing::Reserve(Range held, Range window) {
    const auto needed = static_cast<std::size_t>(window.Length());
    if (needed <= m_capacity) return;
    CRSP_ASSERT(needed <= m_limit);
    Resize(held, CapacityFor(needed, m_limit));
}

void ByteRing::Shrink(Range held) {
    if (held.Empty()) return Release();
    const auto capacity = CapacityFor(static_cast<std::size_t>(held.Length()), m_limit);
    if (capacity < m_capacity) Resize(held, capacity);
}

void ByteRing::Resize(Range held, std::size_t capacity) {
    ByteRing other(m_limit);
    other.m_capacity = capacity;
    other.m_bytes = std::make_unique_for_overwrite<std::byte[]>(capacity);
    while (!held.Empty()) {
        const auto at = static_cast<std::size_t>(held.begin % m_capacity);
        const auto length =
            static_cast<std::size_t>(std::min<std::uint64_t>(m_capacity - at, held.Length()));
        other.Put(held.begin, {m_bytes.get() + at, length});
        held.begin += length;
    }
    *this = std::move(other);
}

void ByteRing::Put(std::uint64_t offset, ConstByteSpan data) {
    if (data.empty()) return;
    CRSP_ASSERT(data.size() <= m_capacity);
    const auto at = static_cast<std::size_t>(offset % m_capacity);
    const std::size_t straight = std::min(m_capacity - at, data.size());
    std::memcpy(m_bytes.get() + at, data.data(), straight);
    std::memcpy(m_bytes.get(), data.data() + straight, data.size() - straight);
}

void ByteRing::Get(std::uint64_t offset, ByteSpan out) const {
    if (out.empty()) return;
    CRSP_ASSERT(out.size() <= m_capacity);
    const auto at = static_cast<std::size_t>(offset % m_capacity);
    const std::size_t straight = std::min(m_capacity - at, out.size());
    std::memcpy(out.data(), m_bytes.get() + at, straight);
    std::memcpy(out.data() + straight, m_bytes.get(), out.size() - straight);
}

void ByteRing::Release() {
    m_bytes.reset();
    m_capacity = 0;
}

}  // namespace crsp
