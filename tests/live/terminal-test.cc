// SPDX-License-Identifier: BSD-3-Clause
// What foreign text can make of a terminal: nothing but characters on it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "apps/live/safe-text.h"
#include "model/media/catalogue.h"
#include "tests/support/vt-parser.h"

namespace crsp::test {
namespace {

using namespace std::string_view_literals;

struct Attack {
    std::string_view bytes;
    std::string_view what;
};

/// One of every kind of control function, in every encoding that terminals have taken.
const std::vector<Attack> kAttacks = {
    {"\x1b[31m", "colour"},
    {"\x1b[2J\x1b[H", "clear"},
    {"\x1b[6n", "cursor report, answered on the input"},
    {"\x1b[c", "device attributes, answered on the input"},
    {"\x1b[21t", "title report"},
    {"\x1b]0;title\x07", "title"},
    {"\x1b]0;title\x1b\\", "title, ended by ST"},
    {"\x1b]52;c;cm0=\x07", "clipboard"},
    {"\x1b]8;;http://e.example\x1b\\x", "hyperlink"},
    {"\x1bP$q\"p\x1b\\", "DCS request"},
    {"\x1b_G\x1b\\", "APC"},
    {"\x1b^x\x1b\\", "PM"},
    {"\x1bXx\x1b\\", "SOS"},
    {"\x1b(0", "character set"},
    {"\x1b#8", "alignment screen"},
    {"\x1b"
     "c",
     "reset"},
    {"\xc2\x9b"
     "31m",
     "CSI of one character"},
    {"\xc2\x9d"
     "0;t\xc2\x9c",
     "OSC of one character"},
    {"\xc2\x90q\xc2\x9c", "DCS of one character"},
    {"\x9b"
     "31m",
     "CSI of one byte"},
    {"\x90q\x9c", "DCS of one byte"},
    {"\xc0\x9b[31m", "ESC in an overlong form"},
    {"\xe0\x80\x9b[31m", "ESC in a longer one"},
    {"\xe2\x80\x1b[31m", "ESC inside a character"},
    {"\x0e\x0f", "shifts"},
    {"\x05", "answerback"},
    {"\x08\x08\x08", "backspaces"},
    {"good\rbad", "carriage return"},
    {"\x7f", "DEL"},
    {"\x00"sv, "NUL"},
    {"\x18\x1a", "cancel"},
};

/// Counts what a terminal is told besides characters.
std::size_t ControlFunctions(std::string_view text) {
    VtParser terminal(true);
    terminal.Feed(text);
    return terminal.ControlFunctions() + (terminal.AtRest() ? 0 : 1);
}

TEST(VtParser, SeesEveryAttack) {
    for (const auto& attack : kAttacks)
        EXPECT_GT(ControlFunctions(attack.bytes), 0u) << attack.what;
}

TEST(VtParser, TakesTextForText) {
    VtParser terminal(true);
    terminal.Feed("plain\n\ttext \xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xac [31m ]0;");
    EXPECT_EQ(terminal.ControlFunctions(), 0u);
    EXPECT_EQ(terminal.Newlines(), 1u);
    EXPECT_EQ(terminal.Printed(), 24u);
    EXPECT_TRUE(terminal.AtRest());
}

TEST(VtParser, RemembersWhatHasBegun) {
    VtParser terminal(false);
    terminal.Feed("\x1b]0;");
    EXPECT_FALSE(terminal.AtRest());
    terminal.Feed("text that is not shown");
    EXPECT_EQ(terminal.Printed(), 0u);
    terminal.Feed("\x07shown");
    EXPECT_EQ(terminal.Printed(), 5u);
    EXPECT_TRUE(terminal.AtRest());
}

TEST(SafeTextTerminal, C10_NoControlFunctionReachesATerminalHoweverItIsCut) {
    for (const auto& attack : kAttacks) {
        for (std::size_t cut = 0; cut <= attack.bytes.size(); ++cut) {
            SafeText safe;
            std::string text;
            safe.Append(AsBytes(attack.bytes.substr(0, cut)), text);
            safe.Append(AsBytes(attack.bytes.substr(cut)), text);
            safe.Finish(text);
            EXPECT_EQ(ControlFunctions(text), 0u) << attack.what << ", cut at " << cut;
        }
    }
}

TEST(PrintableNameTerminal, C10_NoNameHoldsAControlFunction) {
    for (const auto& attack : kAttacks) {
        const auto printed = PrintableName(attack.bytes);
        EXPECT_EQ(ControlFunctions(printed), 0u) << attack.what;
        EXPECT_EQ(printed.find_first_of("\n\t"), std::string::npos) << attack.what;
    }
}

}  // namespace
}  // namespace crsp::test
