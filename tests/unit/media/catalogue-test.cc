// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/catalogue.h"

#include <gtest/gtest.h>

#include <set>

#include "model/base/random.h"

namespace crsp {
namespace {

TEST(PrintableName, LeavesOrdinaryNamesAlone) {
    EXPECT_EQ(PrintableName("a song.mp3"), "a song.mp3");
    EXPECT_EQ(PrintableName("Müller – 東京 🎵"), "Müller – 東京 🎵");
    EXPECT_EQ(PrintableName(""), "");
}

TEST(PrintableName, EscapesWhatSteersATerminal) {
    EXPECT_EQ(PrintableName("a\nb"), "a\\x0ab");
    EXPECT_EQ(PrintableName("\x1b[2J"), "\\x1b[2J");
    EXPECT_EQ(PrintableName("\x7f"), "\\x7f");
    EXPECT_EQ(PrintableName(std::string_view("\0", 1)), "\\x00");
    EXPECT_EQ(PrintableName("\xc2\x9b"
                            "31m"),
              "\\xc2\\x9b31m");  // CSI of C1
}

TEST(PrintableName, EscapesWhatBreaksOrTurnsALine) {
    EXPECT_EQ(PrintableName("\xe2\x80\xa8"), "\\xe2\\x80\\xa8");          // U+2028
    EXPECT_EQ(PrintableName("x\xe2\x80\xaegpj"), "x\\xe2\\x80\\xaegpj");  // U+202E
    EXPECT_EQ(PrintableName("\xe2\x81\xa6"), "\\xe2\\x81\\xa6");          // U+2066
    EXPECT_EQ(PrintableName("\xef\xbb\xbf"), "\\xef\\xbb\\xbf");          // U+FEFF
}

TEST(PrintableName, EscapesInvalidUtf8ByteByByte) {
    EXPECT_EQ(PrintableName("\xff\xfe"), "\\xff\\xfe");
    EXPECT_EQ(PrintableName("\xc0\xaf"), "\\xc0\\xaf");                    // overlong /
    EXPECT_EQ(PrintableName("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // a surrogate
    EXPECT_EQ(PrintableName("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // past U+10FFFF
    EXPECT_EQ(PrintableName("ab\xe6\x9d"), "ab\\xe6\\x9d");                // cut short
    EXPECT_EQ(PrintableName("\xe6"
                            "A"),
              "\\xe6"
              "A");
}

TEST(PrintableName, DifferentNamesStayDifferent) {
    EXPECT_EQ(PrintableName("\\x0a"), "\\\\x0a");
    EXPECT_NE(PrintableName("\\x0a"), PrintableName("\n"));
}

TEST(PrintableName, NoControlByteSurvivesRandomNames) {
    Random random(1);
    for (int i = 0; i < 20'000; ++i) {
        std::string name(random.Below(40), '\0');
        for (char& c : name) c = static_cast<char>(random.Below(256));
        for (const char c : PrintableName(name)) {
            const auto byte = static_cast<unsigned char>(c);
            ASSERT_TRUE(byte >= 0x20 && byte != 0x7f) << i;
        }
        ASSERT_EQ(PrintableName(PrintableName(name)).find('\n'), std::string::npos);
    }
}

}  // namespace
}  // namespace crsp
