// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/catalogue-view.h"

#include <gtest/gtest.h>

#include "model/media/memory-content-store.h"

namespace crsp {
namespace {

const PeerRights kSome{.name = "some", .read = true, .entries = {"shown*"}};

TEST(CatalogueView, C4_IsACatalogueOfItsOwn) {
    MemoryContentStore store;
    store.AddBytes("hidden 1", {});
    const EntryId first = store.AddBytes("shown 1", {});
    store.AddBytes("hidden 2", {});
    const EntryId second = store.AddBytes("shown 2", {});
    CatalogueView view;
    const auto page = view.Page(store, kSome, {9, 0, 0});
    EXPECT_EQ(page.command, 9u);
    EXPECT_EQ(page.total, 2u);
    ASSERT_EQ(page.entries.size(), 2u);
    EXPECT_EQ(page.entries[0].id, first);
    EXPECT_EQ(view.Page(store, kSome, {9, 1, 1}).entries[0].id, second);
    const auto beyond = view.Page(store, kSome, {9, 5, 1});
    EXPECT_EQ(beyond.start, 2u);
    EXPECT_TRUE(beyond.entries.empty());
}

TEST(CatalogueView, C4_ItsCounterMovesWithWhatItShowsOnly) {
    MemoryContentStore store;
    const EntryId hidden = store.AddBytes("hidden", {});
    const EntryId shown = store.AddBytes("shown", {});
    CatalogueView view;
    const auto counter = [&] { return view.Page(store, kSome, {1, 0, 0}).changeCounter; };
    const auto first = counter();
    store.Replace(hidden, std::vector<std::byte>(3));
    EXPECT_EQ(counter(), first);
    store.Replace(shown, std::vector<std::byte>(3));
    EXPECT_GT(counter(), first);
}

TEST(CatalogueView, OtherRightsShowOtherEntries) {
    MemoryContentStore store;
    store.AddBytes("hidden", {});
    CatalogueView view;
    const auto before = view.Page(store, kSome, {1, 0, 0});
    EXPECT_EQ(before.total, 0u);
    view.Invalidate();
    const auto after = view.Page(store, {.name = "all", .read = true}, {1, 0, 0});
    EXPECT_EQ(after.total, 1u);
    EXPECT_GT(after.changeCounter, before.changeCounter);
}

}  // namespace
}  // namespace crsp
