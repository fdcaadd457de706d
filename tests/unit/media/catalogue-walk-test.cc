// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/catalogue-walk.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

ListingMessage Page(std::uint64_t change, std::uint64_t total, std::uint64_t start,
                    std::vector<CatalogueEntry> entries) {
    return {1, change, total, start, std::move(entries)};
}

CatalogueEntry Entry(EntryId id, std::string name) {
    return {id, 1, 10, std::move(name)};
}

TEST(CatalogueWalk, GathersPageAfterPage) {
    CatalogueWalk walk;
    EXPECT_EQ(walk.Request(5), (ListMessage{5, 0, 0}));
    EXPECT_EQ(walk.OnListing(Page(1, 3, 0, {Entry(1, "a"), Entry(2, "b")})), true);
    EXPECT_EQ(walk.Request(6), (ListMessage{6, 2, 0}));
    EXPECT_EQ(walk.OnListing(Page(1, 3, 2, {Entry(3, "c")})), false);
    EXPECT_EQ(walk.Entries().size(), 3u);
    EXPECT_EQ(walk.Total(), 3u);
}

TEST(CatalogueWalk, AnEmptyCatalogueIsDoneAtOnce) {
    CatalogueWalk walk;
    EXPECT_EQ(walk.OnListing(Page(1, 0, 0, {})), false);
    EXPECT_TRUE(walk.Entries().empty());
}

TEST(CatalogueWalk, BeginsAgainWhenTheCatalogueChanges) {
    CatalogueWalk walk;
    EXPECT_EQ(walk.OnListing(Page(1, 2, 0, {Entry(1, "old")})), true);
    EXPECT_EQ(walk.OnListing(Page(2, 2, 1, {Entry(2, "b")})), true);
    EXPECT_EQ(walk.Request(7).start, 0u);
    EXPECT_EQ(walk.OnListing(Page(2, 1, 0, {Entry(3, "new")})), false);
    ASSERT_EQ(walk.Entries().size(), 1u);
    EXPECT_EQ(walk.Entries()[0].name, "new");
}

TEST(CatalogueWalk, GivesUpOnACatalogueThatNeverHoldsStill) {
    CatalogueWalk walk;
    std::uint64_t change = 1;
    Expected<bool, MediaErrorCode> more = true;
    for (int i = 0; i < 10 && more; ++i) {
        more = walk.OnListing(Page(change, 2, 0, {Entry(1, "a")}));
        if (more) more = walk.OnListing(Page(++change, 2, 1, {Entry(2, "b")}));
    }
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error(), MediaErrorCode::kBusy);
}

TEST(CatalogueWalk, FindsANameAndStopsThere) {
    CatalogueWalk walk("b");
    EXPECT_EQ(walk.OnListing(Page(1, 500, 0, {Entry(1, "a"), Entry(2, "b")})), false);
    EXPECT_EQ(walk.Found(), 2u);
    EXPECT_TRUE(walk.Entries().empty());
}

TEST(CatalogueWalk, ANameGoesBeforeAnId) {
    CatalogueWalk walk("2");
    EXPECT_EQ(walk.OnListing(Page(1, 3, 0, {Entry(2, "two")})), true);
    EXPECT_EQ(walk.OnListing(Page(1, 3, 1, {Entry(9, "2")})), false);
    EXPECT_EQ(walk.Found(), 9u);
    CatalogueWalk byId("2");
    EXPECT_EQ(byId.OnListing(Page(1, 1, 0, {Entry(2, "two")})), false);
    EXPECT_EQ(byId.Found(), 2u);
}

TEST(CatalogueWalk, FindsANameAsItIsPrinted) {
    const std::vector<CatalogueEntry> entries{Entry(1, "a\nb"), Entry(2, "a\\x0ab"),
                                              Entry(3, "\xff"), Entry(4, "c\\d")};
    const auto found = [&](const std::string& wanted) {
        CatalogueWalk walk(wanted);
        EXPECT_EQ(walk.OnListing(Page(1, 4, 0, entries)), false);
        return walk.Found();
    };
    EXPECT_EQ(found("\\xff"), 3u);
    EXPECT_EQ(found("c\\\\d"), 4u);
    EXPECT_EQ(found("a\\\\x0ab"), 2u);
    // What is a name as it stands is that name.
    EXPECT_EQ(found("a\\x0ab"), 2u);
    EXPECT_EQ(found("a\nb"), 1u);
    EXPECT_EQ(found("\\xfe"), std::nullopt);
}

TEST(CatalogueWalk, SaysWhenThereIsNone) {
    CatalogueWalk walk("x");
    EXPECT_EQ(walk.OnListing(Page(1, 1, 0, {Entry(1, "a")})), false);
    EXPECT_EQ(walk.Found(), std::nullopt);
}

TEST(CatalogueWalk, RefusesAServerThatContradictsItself) {
    const auto malformed = Fail(MediaErrorCode::kMalformedMessage);
    EXPECT_EQ(CatalogueWalk().OnListing(Page(1, 5, 1, {Entry(1, "a")})), malformed);
    EXPECT_EQ(CatalogueWalk().OnListing(Page(1, 5, 0, {})), malformed);
    EXPECT_EQ(CatalogueWalk().OnListing(Page(1, 0, 0, {Entry(1, "a")})), malformed);
}

TEST(CatalogueWalk, B19_StopsAtItsLimit) {
    CatalogueWalk walk;
    const std::vector<CatalogueEntry> page(kMaxEntriesPerListing, Entry(1, "a"));
    Expected<bool, MediaErrorCode> more = true;
    std::uint64_t pages = 0;
    while (more && *more) {
        more = walk.OnListing(Page(1, kVarintMax, walk.Request(1).start, page));
        ASSERT_LT(++pages, 1000u);
    }
    EXPECT_TRUE(more);
    EXPECT_LT(walk.Entries().size(), kMaxCatalogueEntries + kMaxEntriesPerListing);
    EXPECT_EQ(walk.Total(), kVarintMax);
}

TEST(CatalogueWalk, C3_AnIdBehindANameIsTheEntryMeant) {
    CatalogueWalk walk("film [#7]");
    EXPECT_EQ(walk.OnListing(Page(1, 3, 0, {Entry(1, "film"), Entry(2, "film [#7]")})), true);
    EXPECT_EQ(walk.OnListing(Page(1, 3, 2, {Entry(7, "Film")})), false);
    EXPECT_EQ(walk.Found(), 7u);
    CatalogueWalk noSuchId("film [#7]");
    EXPECT_EQ(noSuchId.OnListing(Page(1, 1, 0, {Entry(2, "film [#7]")})), false);
    EXPECT_EQ(noSuchId.Found(), 2u) << "then it is a name as any other";
}

TEST(IdShownIn, TakesOnlyItsOwnForm) {
    EXPECT_EQ(IdShownIn("film [#7]"), 7u);
    EXPECT_EQ(IdShownIn("a [#1] [#2]"), 2u);
    for (const char* text : {"", "[#7]", "film[#7]", "film [#]", "film [#0]", "film [#7] ",
                             "film [#7", "film [7]", "film [#7x]"}) {
        EXPECT_EQ(IdShownIn(text), std::nullopt) << text;
    }
}

TEST(ParseEntryId, TakesDecimalsOf64Bits) {
    EXPECT_EQ(ParseEntryId("1"), 1u);
    EXPECT_EQ(ParseEntryId("18446744073709551615"), ~EntryId{0});
    for (const char* text : {"", "0", "-1", "1x", " 1", "18446744073709551616"}) {
        EXPECT_EQ(ParseEntryId(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace crsp
