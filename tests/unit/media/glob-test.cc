// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/glob.h"

#include <gtest/gtest.h>

#include <string>

#include "model/base/random.h"

namespace crsp {
namespace {

/// What a glob means, without a thought for time.
bool Means(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) return name.empty();
    if (pattern[0] == '*') {
        return Means(pattern.substr(1), name) || (!name.empty() && Means(pattern, name.substr(1)));
    }
    return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) &&
           Means(pattern.substr(1), name.substr(1));
}

TEST(Glob, StarIsAnyBytesAndQuestionMarkOne) {
    EXPECT_TRUE(MatchesGlob("", ""));
    EXPECT_FALSE(MatchesGlob("", "a"));
    EXPECT_TRUE(MatchesGlob("*", ""));
    EXPECT_TRUE(MatchesGlob("films/*", "films/a/b"));
    EXPECT_FALSE(MatchesGlob("films/*", "films"));
    EXPECT_FALSE(MatchesGlob("films/*", "private/films/a"));
    EXPECT_TRUE(MatchesGlob("*.mp?", "a.mp4"));
    EXPECT_FALSE(MatchesGlob("*.mp?", "a.mp"));
    EXPECT_TRUE(MatchesGlob("a\\*", "a\\b"));  // no byte but these two is special
    EXPECT_FALSE(MatchesGlob("[ab]", "a"));
    EXPECT_FALSE(MatchesGlob("A", "a"));
    EXPECT_TRUE(MatchesGlob(std::string_view("\0*\xff", 3), std::string_view("\0\0\xff", 3)));
}

TEST(Glob, AgreesWithItsMeaning) {
    Random random(1);
    const auto draw = [&](std::string_view letters, std::size_t most) {
        std::string text(random.Below(most + 1), ' ');
        for (char& c : text) c = letters[random.Below(letters.size())];
        return text;
    };
    int matched = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto pattern = draw("aab*?", 8);
        const auto name = draw("ab", 10);
        const bool matches = MatchesGlob(pattern, name);
        matched += matches;
        ASSERT_EQ(matches, Means(pattern, name)) << pattern << " " << name;
    }
    EXPECT_GT(matched, 1000);
}

TEST(Glob, ManyStarsTakeNoLongerThanTheirProduct) {
    // Would not end within the age of the world if each `*` were tried against each other.
    std::string pattern;
    for (int i = 0; i < 100; ++i) pattern += "*a";
    EXPECT_FALSE(MatchesGlob(pattern + "b", std::string(255, 'a')));
}

}  // namespace
}  // namespace crsp
