// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/bytes.h"

#include <algorithm>
#include <cstring>

#include "model/base/assert.h"

namespace crsp {

ConstByteSpan AsBytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string_view AsText(ConstByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<std::uint64_t> ByteReader::BigEndian(std::size_t width) {
    if (Remaining() < width) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        value = value << 8 | std::to_integer<std::uint64_t>(m_bytes[m_position++]);
    }
    return value;
}

std::optional<std::uint8_t> ByteReader::U8() {
    return BigEndian(1);
}

std::optional<std::uint16_t> ByteReader::U16() {
    return BigEndian(2);
}

std::optional<std::uint32_t> ByteReader::U32() {
    return BigEndian(4);
}

std::optional<std::uint64_t> ByteReader::U64() {
    return BigEndian(8);
}

std::optional<std::uint64_t> ByteReader::LongVarint() {
    if (Empty()) return std::nullopt;
    const auto prefix = std::to_integer<unsigned>(m_bytes[m_position]) >> 6;
    const std::size_t width = std::size_t{1} << prefix;
    const auto value = BigEndian(width);
    if (!value) return std::nullopt;
    const std::uint64_t mask = ~std::uint64_t{0} >> (64 - (8 * width - 2));
    return *value & mask;
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

bool ByteWriter::Fits(std::size_t count) {
    if (!m_ok || Remaining() < count) m_ok = false;
    return m_ok;
}

void ByteWriter::BigEndian(std::uint64_t value, std::size_t width) {
    if (!Fits(width)) return;
    for (std::size_t i = width; i-- > 0;) {
        m_bytes[m_position++] = static_cast<std::byte>(value >> (8 * i));
    }
}

void ByteWriter::Varint(std::uint64_t value) {
    CRSP_ASSERT(value <= kVarintMax);
    const std::size_t width = VarintLength(value);
    const std::uint64_t prefix = width == 1 ? 0 : width == 2 ? 1 : width == 4 ? 2 : 3;
    BigEndian(value | prefix << (8 * width - 2), width);
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
