// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/unsafe-character.h"

#include <gtest/gtest.h>

#include "model/media/catalogue.h"

namespace crsp {
namespace {

TEST(UnsafeCharacter, C10_SteersBreaksTurnsOrCannotBeSeen) {
    for (const char32_t c : {0x00, 0x1b, 0x0a, 0x7f, 0x9b, 0xad, 0x200b, 0x2028, 0x202e, 0x2066,
                             0x3164, 0x2800, 0x115f, 0xffa0, 0xfeff, 0xe0041}) {
        EXPECT_TRUE(IsUnsafe(c)) << std::hex << static_cast<unsigned>(c);
    }
    for (const char32_t c : {0x20, 0x41, 0xa0, 0xe4, 0x2801, 0x3000, 0x4e16, 0xac00, 0x1f600}) {
        EXPECT_FALSE(IsUnsafe(c)) << std::hex << static_cast<unsigned>(c);
    }
}

TEST(UnsafeCharacter, C10_NoNameIsShownBlankByThem) {
    EXPECT_EQ(PrintableName("\u3164"), "\\xe3\\x85\\xa4");
    EXPECT_EQ(PrintableName("\u2800"), "\\xe2\\xa0\\x80");
    EXPECT_EQ(PrintableName("a\u00a0b"), "a\u00a0b");
}

}  // namespace
}  // namespace crsp
