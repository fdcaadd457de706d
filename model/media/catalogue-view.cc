// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/catalogue-view.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "model/base/random.h"

namespace crsp {
namespace {

std::size_t PageSize(std::uint64_t count) {
    const bool asManyAsFit = count == 0 || count > kMaxEntriesPerListing;
    return asManyAsFit ? kMaxEntriesPerListing : static_cast<std::size_t>(count);
}

CatalogueEntry Shown(CatalogueEntry entry) {
    entry.name.resize(std::min(entry.name.size(), kMaxNameSize));
    return entry;
}

/// FNV-1a over words. Nobody gains by a collision: a listing would look unchanged.
std::uint64_t Fold(std::uint64_t digest, std::uint64_t word) {
    return (digest ^ word) * 0x100000001b3u;
}

std::uint64_t Fold(std::uint64_t digest, const CatalogueEntry& entry) {
    for (const std::uint64_t word : {entry.id, entry.version, entry.size, StableHash(entry.name)}) {
        digest = Fold(digest, word);
    }
    return digest;
}

}  // namespace

ListingMessage WholePage(ContentStore& store, const ListMessage& request) {
    ListingMessage page;
    page.command = request.command;
    page.total = store.Count();
    page.changeCounter = store.ChangeCounter();
    page.start = std::min(request.start, page.total);
    page.entries = store.List(static_cast<std::size_t>(page.start), PageSize(request.count));
    for (CatalogueEntry& entry : page.entries) entry = Shown(std::move(entry));
    return page;
}

ListingMessage CatalogueView::Page(ContentStore& store, const PeerRights& rights,
                                   const ListMessage& request) {
    Refresh(store, rights);
    ListingMessage page;
    page.command = request.command;
    page.total = m_visible.size();
    page.changeCounter = m_counter;
    page.start = std::min(request.start, page.total);
    const auto first = static_cast<std::size_t>(page.start);
    const std::size_t last = first + std::min(PageSize(request.count), m_visible.size() - first);
    for (std::size_t i = first; i < last; ++i) {
        if (auto entry = store.Find(m_visible[i])) page.entries.push_back(Shown(std::move(*entry)));
    }
    return page;
}

void CatalogueView::Refresh(ContentStore& store, const PeerRights& rights) {
    const std::uint64_t counter = store.ChangeCounter();
    if (m_storeCounter == counter) return;
    m_storeCounter = counter;
    m_visible.clear();
    std::uint64_t digest = 0;
    for (const CatalogueEntry& entry : store.List(0, std::numeric_limits<std::size_t>::max())) {
        if (!rights.MayRead(entry.name)) continue;
        m_visible.push_back(entry.id);
        digest = Fold(digest, entry);
    }
    if (std::exchange(m_digest, digest) != digest) ++m_counter;
}

}  // namespace crsp
