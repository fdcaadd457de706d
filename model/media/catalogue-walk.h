// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "model/media/messages.h"

namespace crsp {

/// Entries that are gathered from a server, at most.
inline constexpr std::size_t kMaxCatalogueEntries = 100'000;
/// How often a walk begins again because the catalogue changed under it; then it ends with kBusy.
inline constexpr int kMaxWalkRestarts = 3;

/// Goes through a server's catalogue page by page (CRSP §9.3), to gather it or to find one entry.
class CatalogueWalk {
  public:
    /// Gathers everything.
    CatalogueWalk() = default;
    /// Looks for the entry whose id `wanted` ends in (see IdShownIn), or else for the one of that
    /// name, or else for the one whose name PrintableName writes so, or else for the one whose id
    /// it is in decimal.
    explicit CatalogueWalk(std::string wanted);

    /// The request for the next page.
    ListMessage Request(CommandId command) const;
    /// Takes in a page; true if there is another one to ask for. kBusy if the catalogue does not
    /// hold still, kMalformedMessage if the server contradicts itself.
    Expected<bool, MediaErrorCode> OnListing(const ListingMessage& page);

    /// What was gathered, if everything was asked for.
    std::vector<CatalogueEntry>& Entries() { return m_entries; }
    /// The entry that was looked for.
    std::optional<EntryId> Found() const;
    std::uint64_t ChangeCounter() const { return m_changeCounter; }
    std::uint64_t Total() const { return m_total; }

  private:
    Expected<bool, MediaErrorCode> Restart();
    void Take(const CatalogueEntry& entry);

    std::optional<std::string> m_wanted;
    std::optional<EntryId> m_wantedId;
    std::optional<EntryId> m_shownId;
    std::optional<EntryId> m_byShown;
    std::optional<EntryId> m_byName;
    std::optional<EntryId> m_byPrinted;
    std::optional<EntryId> m_byId;
    std::vector<CatalogueEntry> m_entries;
    std::uint64_t m_next = 0;  ///< position of the next page
    std::uint64_t m_changeCounter = 0;
    std::uint64_t m_total = 0;
    int m_restarts = 0;
};

/// The number that `text` is in decimal, if it is one of at most 64 bits and not 0.
std::optional<EntryId> ParseEntryId(std::string_view text);
/// The same behind a `#`, which is how people name an entry by its id; nothing if `text` is a name.
std::optional<EntryId> EntryIdOf(std::string_view text);

/// The id that `text` ends in as ` [#ID]`: so a name is shown that another could be taken for.
std::optional<EntryId> IdShownIn(std::string_view text);

}  // namespace crsp
