// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "model/base/varint.h"

namespace crsp {

using ByteSpan = std::span<std::byte>;
using ConstByteSpan = std::span<const std::byte>;

/// Views text as bytes, without a copy.
ConstByteSpan AsBytes(std::string_view text);
/// Views bytes as text, without a copy and without any check of what they are.
std::string_view AsText(ConstByteSpan bytes);

/// From the machine's byte order to that of the network, or back.
template <class Unsigned>
Unsigned SwapNetworkOrder(Unsigned value) {
    if constexpr (std::endian::native == std::endian::big) return value;
    if constexpr (sizeof value == 8) return __builtin_bswap64(value);
    if constexpr (sizeof value == 4) return __builtin_bswap32(value);
    if constexpr (sizeof value == 2) return __builtin_bswap16(value);
    return value;
}

/// Reads network byte order from untrusted bytes. Every getter returns nothing, and moves nothing,
/// when too few bytes remain, so a parser is a chain of checks that cannot run past the end.
class ByteReader {
  public:
    explicit ByteReader(ConstByteSpan bytes) : m_bytes(bytes) {}

    std::size_t Remaining() const { return m_bytes.size() - m_position; }
    std::size_t Position() const { return m_position; }
    bool Empty() const { return Remaining() == 0; }

    std::optional<std::uint8_t> U8() { return BigEndian<std::uint8_t>(); }
    std::optional<std::uint16_t> U16() { return BigEndian<std::uint16_t>(); }
    std::optional<std::uint32_t> U32() { return BigEndian<std::uint32_t>(); }
    std::optional<std::uint64_t> U64() { return BigEndian<std::uint64_t>(); }
    /// A variable-length integer (RFC 9000 §16); encodings longer than needed are accepted.
    std::optional<std::uint64_t> Varint() {
        // Nearly all of the hundreds in an ACK are this short.
        if (m_position < m_bytes.size()) {
            const auto first = std::to_integer<std::uint64_t>(m_bytes[m_position]);
            if (first < kOneByteVarints) {
                ++m_position;
                return first;
            }
        }
        return LongVarint();
    }
    /// A view of the next `count` bytes; valid as long as the bytes given to the constructor.
    std::optional<ConstByteSpan> Bytes(std::size_t count);
    /// A varint length, then as many bytes; nothing if the length exceeds `limit`.
    std::optional<ConstByteSpan> LengthPrefixed(std::size_t limit);
    /// All that is left.
    ConstByteSpan Rest();

  private:
    static constexpr std::uint64_t kOneByteVarints = 64;

    std::optional<std::uint64_t> LongVarint();
    template <class Unsigned>
    std::optional<Unsigned> BigEndian() {
        Unsigned value;
        if (Remaining() < sizeof value) return std::nullopt;
        std::memcpy(&value, m_bytes.data() + m_position, sizeof value);
        m_position += sizeof value;
        return SwapNetworkOrder(value);
    }

    ConstByteSpan m_bytes;
    std::size_t m_position = 0;
};

/// Writes network byte order into a fixed span. A put that does not fit writes nothing and makes
/// Ok() false from then on; callers that sized the buffer assert Ok() once at the end.
class ByteWriter {
  public:
    explicit ByteWriter(ByteSpan bytes) : m_bytes(bytes) {}

    std::size_t Remaining() const { return m_bytes.size() - m_position; }
    std::size_t Position() const { return m_position; }
    bool Ok() const { return m_ok; }
    /// What has been written so far.
    ByteSpan Written() const { return m_bytes.first(m_position); }

    void U8(std::uint8_t value) { BigEndian(value); }
    void U16(std::uint16_t value) { BigEndian(value); }
    void U32(std::uint32_t value) { BigEndian(value); }
    void U64(std::uint64_t value) { BigEndian(value); }
    void Varint(std::uint64_t value);
    void Bytes(ConstByteSpan bytes);
    void LengthPrefixed(ConstByteSpan bytes);
    /// `count` zero bytes.
    void Zeros(std::size_t count);
    /// Hands out the next `count` bytes to be filled by the caller; empty if they do not fit.
    ByteSpan Reserve(std::size_t count);

  private:
    bool Fits(std::size_t count) {
        if (!m_ok || Remaining() < count) m_ok = false;
        return m_ok;
    }
    template <class Unsigned>
    void BigEndian(Unsigned value) {
        if (!Fits(sizeof value)) return;
        const Unsigned swapped = SwapNetworkOrder(value);
        std::memcpy(m_bytes.data() + m_position, &swapped, sizeof swapped);
        m_position += sizeof swapped;
    }

    ByteSpan m_bytes;
    std::size_t m_position = 0;
    bool m_ok = true;
};

}  // namespace crsp
