// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/safe-text.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <utility>

#include "model/media/unsafe-character.h"

namespace crsp {
namespace {

constexpr std::uint32_t kMaxCodePoint = 0x10ffff;

std::size_t LengthFrom(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    if (first >= 0xf0 && first < 0xf5) return 4;
    return 0;
}

bool IsValid(std::uint32_t point, std::size_t length) {
    constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    return point >= kSmallest[length] && point <= kMaxCodePoint && !surrogate;
}

/// What a text may hold although a name may not.
bool BreaksText(std::uint32_t point) {
    return point == '\n' || point == '\t';
}

}  // namespace

void SafeText::Append(ConstByteSpan bytes, std::string& out) {
    for (const auto byte : bytes) Take(static_cast<unsigned char>(byte), out);
}

void SafeText::Finish(std::string& out) {
    Escape(out);
}

void SafeText::Take(unsigned char byte, std::string& out) {
    if (m_count == 0) return Begin(byte, out);
    if ((byte & 0xc0) != 0x80) {
        Escape(out);
        return Begin(byte, out);
    }
    m_held[m_count++] = byte;
    if (m_count == m_length) Settle(out);
}

void SafeText::Begin(unsigned char byte, std::string& out) {
    m_held[0] = byte;
    m_count = 1;
    m_length = LengthFrom(byte);
    if (m_length == 0) return Escape(out);
    if (m_length == 1) Settle(out);
}

void SafeText::Settle(std::string& out) {
    std::uint32_t point = m_length == 1 ? m_held[0] : m_held[0] & (0x7fu >> m_length);
    for (std::size_t i = 1; i < m_length; ++i) point = point << 6 | (m_held[i] & 0x3fu);
    if ((m_length > 1 && !IsValid(point, m_length)) || (IsUnsafe(point) && !BreaksText(point))) {
        return Escape(out);
    }
    out.append(reinterpret_cast<const char*>(m_held.data()), m_length);
    m_count = 0;
}

void SafeText::Escape(std::string& out) {
    for (std::size_t i = 0; i < m_count; ++i) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", m_held[i]);
    }
    m_count = 0;
}

std::string SafeLine(std::string_view text) {
    SafeText filter;
    std::string out;
    filter.Append(AsBytes(text), out);
    filter.Finish(out);
    for (const auto& [broken, shown] : {std::pair('\n', "\\x0a"), std::pair('\t', "\\x09")}) {
        for (auto at = out.find(broken); at != std::string::npos; at = out.find(broken, at)) {
            out.replace(at, 1, shown);
        }
    }
    return out;
}

}  // namespace crsp
