// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/access-list.h"

#include <gtest/gtest.h>

#include "model/media/catalogue.h"

namespace crsp {
namespace {

TEST(AccessList, EveryoneMayEverythingAlsoWithoutAKey) {
    const auto list = AccessList::Everyone();
    for (const auto& peer : {std::optional<PeerKey>(), std::optional(PeerKey{std::byte{1}})}) {
        ASSERT_TRUE(list.Of(peer));
        EXPECT_TRUE(list.Of(peer)->MayRead("anything"));
        EXPECT_TRUE(list.Of(peer)->control);
    }
}

TEST(AccessList, OnlyThoseListedAreAnybody) {
    const PeerKey known{std::byte{1}};
    const AccessList list({{known, {.name = "one", .read = true}}});
    ASSERT_TRUE(list.Of(known));
    EXPECT_EQ(list.Of(known)->name, "one");
    EXPECT_FALSE(list.Of(PeerKey{std::byte{2}}));
    EXPECT_FALSE(list.Of(std::nullopt));
}

TEST(PeerRights, PatternsSayWhatMayBeReadAndOnlyWithTheRightToRead) {
    const PeerRights some{.name = "a", .read = true, .entries = {"films/*", "x?"}};
    EXPECT_TRUE(some.MayRead("films/1"));
    EXPECT_TRUE(some.MayRead("xy"));
    EXPECT_FALSE(some.MayRead("songs/films/1"));
    const PeerRights none{.name = "a", .entries = {"*"}};
    EXPECT_FALSE(none.MayRead("films/1"));
    EXPECT_TRUE((PeerRights{.name = "a", .read = true}).MayRead(""));
}

TEST(PeerRights, OnlyTheShownPartOfALongNameCounts) {
    const PeerRights rights{.name = "a", .read = true, .entries = {"*z"}};
    EXPECT_FALSE(rights.MayRead(std::string(kMaxNameSize, 'a') + "z"));
}

TEST(PeerRights, WhoeverControlsMayObserve) {
    EXPECT_TRUE((PeerRights{.name = "a", .control = true}).MayObserve());
    EXPECT_TRUE((PeerRights{.name = "a", .observe = true}).MayObserve());
    EXPECT_FALSE((PeerRights{.name = "a", .read = true}).MayObserve());
}

}  // namespace
}  // namespace crsp
