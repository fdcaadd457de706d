// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crsp {
namespace {

using testing::HasSubstr;

ScriptError ErrorOf(std::string_view text) {
    const auto script = ParseScript(text);
    EXPECT_FALSE(script) << text;
    return script ? ScriptError{} : script.error();
}

TEST(Script, ReadsTimesVerbsAndArguments) {
    const auto script = ParseScript(
        "# a comment\n"
        "0 play  a song.mp3 \r\n"
        "\n"
        "\t2.5 pause\n"
        "2.500000001 resume\n"
        "10 restart");
    ASSERT_TRUE(script) << script.error().message;
    const Script expected = {{seconds(0), Verb::kPlay, "a song.mp3"},
                             {milliseconds(2500), Verb::kPause, ""},
                             {milliseconds(2500) + nanoseconds(1), Verb::kResume, ""},
                             {seconds(10), Verb::kRestart, ""}};
    EXPECT_EQ(*script, expected);
}

TEST(Script, MayBeEmpty) {
    EXPECT_TRUE(ParseScript("")->empty());
    EXPECT_TRUE(ParseScript("\n# nothing\n  \n")->empty());
}

TEST(Script, ErrorsNameTheLineAndWhatWasExpected) {
    const ScriptError time = ErrorOf("0 list\n\n1,5 pause\n");
    EXPECT_EQ(time.line, 3u);
    EXPECT_THAT(time.message, HasSubstr("expected a time in seconds such as 2.5, found '1,5'"));
    const ScriptError verb = ErrorOf("1 paws");
    EXPECT_EQ(verb.line, 1u);
    EXPECT_THAT(verb.message, HasSubstr("found 'paws'"));
    EXPECT_THAT(ErrorOf("1").message, HasSubstr("expected list, play, pause"));
    EXPECT_THAT(ErrorOf("1 play").message, HasSubstr("expected the name or the id"));
    EXPECT_THAT(ErrorOf("1 stop now").message, HasSubstr("expected nothing after 'stop'"));
    EXPECT_THAT(ErrorOf("2 stop\n1 list").message, HasSubstr("expected a time not before 2 s"));
}

TEST(Script, RefusesEveryOtherFormOfTime) {
    for (const char* time :
         {"-1", "1e3", "0x10", ".5", "1.", "1.0000000001", "nan", "9999999999", "1.2.3"}) {
        EXPECT_EQ(ErrorOf(std::string(time) + " list").line, 1u) << time;
    }
}

TEST(Script, ErrorsDoNotRepeatControlCharacters) {
    EXPECT_THAT(ErrorOf("1 \x1b[2J").message, HasSubstr("\\x1b[2J"));
}

TEST(Script, HasALimit) {
    std::string text;
    for (std::size_t i = 0; i <= kMaxScriptSteps; ++i) text += "1 status\n";
    EXPECT_EQ(ErrorOf(text).line, kMaxScriptSteps + 1);
}

TEST(Script, PlusCountsFromTheEndOfWhatPlays) {
    const auto script = ParseScript("1 play a\n+0.5 play b\n2 status\n");
    ASSERT_TRUE(script) << script.error().message;
    EXPECT_FALSE((*script)[0].afterEnd);
    EXPECT_EQ((*script)[1], (ScriptStep{milliseconds(500), Verb::kPlay, "b", true}));
    EXPECT_FALSE(ParseScript("1 play a\n+0 play b\n0.5 status\n")) << "never backwards";
    EXPECT_FALSE(ParseScript("+ play a\n"));
}

}  // namespace
}  // namespace crsp
