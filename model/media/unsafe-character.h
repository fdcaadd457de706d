// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crsp {

/// Whether `c` takes the place of letters and shows nothing: fillers, joiners, and the empty
/// pattern of Braille. Blanks between words are none of these.
inline bool IsInvisible(char32_t c) {
    return c == 0xad || c == 0x034f || c == 0x061c || c == 0x115f || c == 0x1160 || c == 0x17b4 ||
           c == 0x17b5 || (c >= 0x180b && c <= 0x180f) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0x2800 || c == 0x3164 || c == 0xfeff ||
           c == 0xffa0 || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

/// Characters that steer a terminal, break a line, change the direction of writing, or cannot be
/// seen: never shown as they are, whoever sent them.
inline bool IsUnsafe(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) || IsInvisible(c);
}

}  // namespace crsp
