// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/catalogue-walk.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "model/media/catalogue.h"

namespace crsp {

std::optional<EntryId> ParseEntryId(std::string_view text) {
    EntryId id = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto digit = static_cast<EntryId>(c - '0');
        if (id > (std::numeric_limits<EntryId>::max() - digit) / 10) return std::nullopt;
        id = id * 10 + digit;
    }
    if (id == 0) return std::nullopt;
    return id;
}

std::optional<EntryId> EntryIdOf(std::string_view text) {
    return text.substr(0, 1) == "#" ? ParseEntryId(text.substr(1)) : std::nullopt;
}

std::optional<EntryId> IdShownIn(std::string_view text) {
    constexpr std::string_view kBegin = " [#";
    const auto at = text.rfind(kBegin);
    if (at == std::string_view::npos || text.back() != ']') return std::nullopt;
    text.remove_prefix(at + kBegin.size());
    text.remove_suffix(1);
    return ParseEntryId(text);
}

CatalogueWalk::CatalogueWalk(std::string wanted)
    : m_wanted(std::move(wanted)),
      m_wantedId(ParseEntryId(*m_wanted)),
      m_shownId(IdShownIn(*m_wanted)) {}

ListMessage CatalogueWalk::Request(CommandId command) const {
    return {command, m_next, 0};
}

Expected<bool, MediaErrorCode> CatalogueWalk::OnListing(const ListingMessage& page) {
    if (m_next != 0 && page.changeCounter != m_changeCounter) return Restart();
    m_changeCounter = page.changeCounter;
    m_total = page.total;
    if (page.start != std::min(m_next, m_total) || page.entries.size() > m_total - page.start) {
        return Fail(MediaErrorCode::kMalformedMessage);
    }
    for (const CatalogueEntry& entry : page.entries) Take(entry);
    m_next += page.entries.size();
    const std::uint64_t goal = std::min<std::uint64_t>(m_total, kMaxCatalogueEntries);
    if ((m_byName && !m_shownId) || m_byShown || m_next >= goal) return false;
    if (page.entries.empty()) return Fail(MediaErrorCode::kMalformedMessage);
    return true;
}

Expected<bool, MediaErrorCode> CatalogueWalk::Restart() {
    if (++m_restarts > kMaxWalkRestarts) return Fail(MediaErrorCode::kBusy);
    m_next = 0;
    m_entries.clear();
    m_byShown.reset();
    m_byName.reset();
    m_byPrinted.reset();
    m_byId.reset();
    return true;
}

void CatalogueWalk::Take(const CatalogueEntry& entry) {
    if (!m_wanted) {
        m_entries.push_back(entry);
    } else if (m_shownId == entry.id) {
        m_byShown = entry.id;
    } else if (!m_byName && entry.name == *m_wanted) {
        m_byName = entry.id;
    } else if (m_wantedId == entry.id) {
        m_byId = entry.id;
    } else if (m_wanted->find('\\') != std::string::npos &&
               PrintableName(entry.name) == *m_wanted) {
        m_byPrinted = entry.id;
    }
}

std::optional<EntryId> CatalogueWalk::Found() const {
    if (m_byShown) return m_byShown;
    if (m_byName) return m_byName;
    return m_byPrinted ? m_byPrinted : m_byId;
}

}  // namespace crsp
