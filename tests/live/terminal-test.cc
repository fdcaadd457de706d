// SPDX-License-Identifier: BSD-3-Clause
// What foreign text can make of a terminal: nothing but characters on it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "apps/live/safe-text.h"
#include "model/media/catalogue.h"
#include "tests/support/escape-corpus.h"
#include "tests/support/vt-parser.h"

namespace crsp::test {
namespace {

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
