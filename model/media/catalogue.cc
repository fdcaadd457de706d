// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/catalogue.h"

#include <array>

#include "model/media/unsafe-character.h"

namespace crsp {
namespace {

struct CodePoint {
    char32_t value = 0;
    std::size_t size = 0;  ///< bytes; 0 if they are not valid UTF-8
};

unsigned Byte(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// Bytes that a lead byte announces, 0 if it cannot lead (RFC 3629 §3).
std::size_t SequenceSize(unsigned lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead < 0xe0) return 2;
    if (lead >= 0xe0 && lead < 0xf0) return 3;
    if (lead >= 0xf0 && lead < 0xf5) return 4;
    return 0;
}

/// Overlong forms, surrogates, and what lies beyond U+10FFFF.
bool IsForbidden(char32_t value, std::size_t size) {
    constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
    return value < kSmallest[size] || (value >= 0xd800 && value < 0xe000) || value > 0x10ffff;
}

CodePoint FirstCodePoint(std::string_view text) {
    const unsigned lead = Byte(text, 0);
    const std::size_t size = SequenceSize(lead);
    if (size == 0 || size > text.size()) return {};
    if (size == 1) return {lead, 1};
    char32_t value = lead & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        const unsigned next = Byte(text, i);
        if ((next & 0xc0u) != 0x80u) return {};
        value = value << 6 | (next & 0x3fu);
    }
    if (IsForbidden(value, size)) return {};
    return {value, size};
}

void AppendEscaped(std::string& out, std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out += "\\x";
        out += kDigits[Byte(bytes, i) >> 4];
        out += kDigits[Byte(bytes, i) & 15];
    }
}

}  // namespace

std::string PrintableName(std::string_view name) {
    std::string out;
    out.reserve(name.size());
    while (!name.empty()) {
        const CodePoint c = FirstCodePoint(name);
        const std::string_view bytes = name.substr(0, c.size == 0 ? 1 : c.size);
        if (c.size == 0 || IsUnsafe(c.value)) {
            AppendEscaped(out, bytes);
        } else if (c.value == U'\\') {
            out += "\\\\";
        } else {
            out += bytes;
        }
        name.remove_prefix(bytes.size());
    }
    return out;
}

}  // namespace crsp
