// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/shown-names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "apps/live/controller-report.h"
#include "model/media/catalogue-walk.h"

namespace crsp {
namespace {

std::vector<std::string> Shown(const std::vector<std::string>& names) {
    std::vector<CatalogueEntry> entries;
    for (const auto& name : names) entries.push_back({entries.size() + 1, 1, 0, name});
    return ShownNames(entries);
}

using Names = std::vector<std::string>;

TEST(ShownNames, C3_NamesThatDifferAreShownAsTheyAre) {
    EXPECT_EQ(Shown({"a", "b", "a/b", "caf\xc3\xa9"}), (Names{"a", "b", "a/b", "caf\xc3\xa9"}));
}

TEST(ShownNames, C3_NamesThatLookTheSameEndInTheirId) {
    EXPECT_EQ(Shown({"Film", "other", "film"}), (Names{"Film [#1]", "other", "film [#3]"}));
    EXPECT_EQ(Shown({"same", "same"}), (Names{"same [#1]", "same [#2]"}));
    // One letter, or a letter and an accent; sharp s; wide letters; a ligature.
    EXPECT_EQ(Shown({"caf\xc3\xa9", "cafe\xcc\x81"}),
              (Names{"caf\xc3\xa9 [#1]", "cafe\xcc\x81 [#2]"}));
    EXPECT_EQ(Shown({"STRASSE",
                     "stra\xc3\x9f"
                     "e"}),
              (Names{"STRASSE [#1]",
                     "stra\xc3\x9f"
                     "e [#2]"}));
    EXPECT_EQ(Shown({"a", "\xef\xbd\x81"}), (Names{"a [#1]", "\xef\xbd\x81 [#2]"}));
    EXPECT_EQ(Shown({"file", "\xef\xac\x81le"}), (Names{"file [#1]", "\xef\xac\x81le [#2]"}));
}

TEST(ShownNames, C3_NamesThatDifferInBlanksOnlyEndInTheirId) {
    EXPECT_EQ(Shown({"film", "film "}), (Names{"film [#1]", "film  [#2]"}));
    EXPECT_EQ(Shown({" film", "film"}), (Names{" film [#1]", "film [#2]"}));
    EXPECT_EQ(Shown({"a b", "a  b", "ab"}), (Names{"a b [#1]", "a  b [#2]", "ab"}));
    // A blank that does not break, a wide one, one of Ogham.
    EXPECT_EQ(Shown({"a b",
                     "a\xc2\xa0"
                     "b",
                     "a b\xe3\x80\x80"}),
              (Names{"a b [#1]",
                     "a\xc2\xa0"
                     "b [#2]",
                     "a b\xe3\x80\x80 [#3]"}));
    EXPECT_EQ(Shown({"a", "a\xe1\x9a\x80"}), (Names{"a [#1]", "a\xe1\x9a\x80 [#2]"}));
}

TEST(ShownNames, C3_WhatCannotBeSeenIsShownAsBytes) {
    const auto shown = Shown({"a", "a\xe2\x80\x8b", "a\xc2\xad", "a\n", "a\xff"});
    EXPECT_EQ(shown, (Names{"a", "a\\xe2\\x80\\x8b", "a\\xc2\\xad", "a\\x0a", "a\\xff"}));
}

TEST(ShownNames, C3_AnEndingCannotBeForged) {
    EXPECT_EQ(Shown({"x", "X", "x [#1]", "y [#7]"}),
              (Names{"x [#1]", "X [#2]", "x [#1] [#3]", "y [#7] [#4]"}));
    EXPECT_EQ(Shown({"x [#7] ", "x  [#7]"}), (Names{"x [#7]  [#1]", "x  [#7] [#2]"}));
    EXPECT_EQ(Shown({"y [#7] "}), (Names{"y [#7]  [#1]"}));
}

TEST(ShownNames, C3_ANameThatReadsAsAnIdIsShownWithItsOwn) {
    EXPECT_EQ(Shown({"private", "#1", "#7", "\xef\xbc\x83\xef\xbc\x91", "2", "#", "#0", "#1a"}),
              (Names{"private", "#1 [#2]", "#7 [#3]", "\xef\xbc\x83\xef\xbc\x91 [#4]", "2", "#",
                     "#0", "#1a"}));
}

TEST(ShownNames, C3_AnEscapedNameIsNotTakenForOneThatReadsSo) {
    EXPECT_EQ(Shown({"b\n", "b\\x0a", "c\n"}), (Names{"b\\x0a [#1]", "b\\\\x0a", "c\\x0a"}));
}

/// What `play` makes of `text`, as ControllerRole does.
std::optional<EntryId> Played(const std::string& text, const std::vector<CatalogueEntry>& all) {
    if (const auto id = EntryIdOf(text)) return id;
    CatalogueWalk walk(text);
    ListingMessage page;
    page.total = all.size();
    page.entries = all;
    EXPECT_TRUE(walk.OnListing(page));
    return walk.Found();
}

TEST(ShownNames, C3_WhatAListShowsPlaysThatVeryEntry) {
    std::vector<CatalogueEntry> entries;
    for (const auto* name :
         {"private", "#1", "#2", "1", "3", "a", "A", "a [#1]", "#1 [#2]", "b\n", "b\\x0a", "[#1]",
          "#", "#12 [#3]", " #1", "#1 ", "a ", "a  [#1]", "a [#1] "}) {
        entries.push_back({entries.size() + 1, 1, 0, name});
    }
    const auto shown = ShownNames(entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        EXPECT_EQ(Played(shown[i], entries), entries[i].id) << shown[i];
    }
}

TEST(ShownNames, C3_NoTwoLinesOfAListAreAlike) {
    const Names parts{"a", "A", "b", " ", " [#1]", " [#2]", " [#12]"};
    Names names = parts;
    for (std::size_t i = 0; i < names.size() && names.size() < 1000; ++i) {
        for (const auto& part : parts) names.push_back(names[i] + part);
    }
    std::set<std::string> seen;
    for (auto line : Shown(names)) {
        for (char& c : line) c = c == 'A' ? 'a' : c;
        const auto alike = std::unique(line.begin(), line.end(),
                                       [](char a, char b) { return a == ' ' && b == ' '; });
        line.erase(alike, line.end());
        EXPECT_TRUE(seen.insert(line).second) << line;
    }
}

TEST(ShownNames, C3_TheListOfTheControllerShowsThem) {
    CommandResult result;
    result.verb = Verb::kList;
    result.listing = {{11, 1, 5, "Film"}, {12, 1, 5, "film"}};
    result.total = 2;
    const auto text = ResultText(result);
    EXPECT_NE(text.find("Film [#11]\n"), std::string::npos) << text;
    EXPECT_NE(text.find("film [#12]"), std::string::npos) << text;
}

}  // namespace
}  // namespace crsp
