// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/bytes.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "model/base/assert.h"

namespace crsp {
namespace {

/// Says in its two highest bits how long a varint of this width is (RFC 9000 §16).
template <class Unsigned>
constexpr Unsigned kVarintPrefix = static_cast<Unsigned>(
    static_cast<Unsigned>(std::bit_width(sizeof(Unsigned)) - 1) << (8 * sizeof(Unsigned) - 2));

template <class Unsigned>
std::optional<std::uint64_t> WithoutPrefix(std::optional<Unsigned> varint) {
    if (!varint) return std::nullopt;
    return *varint ^ kVarintPrefix<Unsigned>;
}

}  // namespace

ConstByteSpan AsBytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string_view AsText(ConstByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<std::uint64_t> ByteReader::LongVarint() {
    if (Empty()) return std::nullopt;
    switch (std::to_integer<unsigned>(m_bytes[m_position]) >> 6) {
        case 0:
            return U8();
        case 1:
            return WithoutPrefix(U16());
        case 2:
            return WithoutPrefix(U32());
        default:
            return WithoutPrefix(U64());
    }
}

std::optional<ConstByteSpan> ByteReader::Bytes(std::size_t count) {
    if (Remaining() < count) return std::nullopt;
    const auto view = m_bytes.subspan(m_position, count);
    m_position += count;
    return view;
}

std::optional<ConstByteSpan> ByteReader::LengthPrefixed(std::size_t limit) {
    const std::size_t start = m_position;
    const auto length = Varint();
    if (length && *length <= limit) {
        if (const auto view = Bytes(*length)) return view;
    }
    m_position = start;
    return std::nullopt;
}

ConstByteSpan ByteReader::Rest() {
    return *Bytes(Remaining());
}

void ByteWriter::Varint(std::uint64_t value) {
    CRSP_ASSERT(value <= kVarintMax);
    switch (VarintLength(value)) {
        case 1:
            return U8(static_cast<std::uint8_t>(value));
        case 2:
            return U16(static_cast<std::uint16_t>(value | kVarintPrefix<std::uint16_t>));
        case 4:
            return U32(static_cast<std::uint32_t>(value | kVarintPrefix<std::uint32_t>));
        default:
            return U64(value | kVarintPrefix<std::uint64_t>);
    }
}

void ByteWriter::Bytes(ConstByteSpan bytes) {
    if (!Fits(bytes.size()) || bytes.empty()) return;
    std::memcpy(m_bytes.data() + m_position, bytes.data(), bytes.size());
    m_position += bytes.size();
}

void ByteWriter::LengthPrefixed(ConstByteSpan bytes) {
    Varint(bytes.size());
    Bytes(bytes);
}

void ByteWriter::Zeros(std::size_t count) {
    if (!Fits(count)) return;
    std::fill_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(m_position), count, std::byte{0});
    m_position += count;
}

ByteSpan ByteWriter::Reserve(std::size_t count) {
    if (!Fits(count)) return {};
    const auto view = m_bytes.subspan(m_position, count);
    m_position += count;
    return view;
}

}  // namespace crsp
