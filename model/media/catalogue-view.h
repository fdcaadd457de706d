// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/media/access-list.h"
#include "model/media/content-store.h"
#include "model/media/messages.h"

namespace crsp {

/// The answer to `request` of a peer that may read everything.
ListingMessage WholePage(ContentStore& store, const ListMessage& request);

/// What one peer may read of a store (CRSP §9.10): a catalogue of its own, whose total and change
/// counter say nothing of the other entries.
class CatalogueView {
  public:
    /// The answer to `request` of a peer with `rights`.
    ListingMessage Page(ContentStore& store, const PeerRights& rights, const ListMessage& request);
    /// The rights have changed.
    void Invalidate() { m_storeCounter.reset(); }

  private:
    void Refresh(ContentStore& store, const PeerRights& rights);

    std::vector<EntryId> m_visible;               ///< in the order of the store
    std::optional<std::uint64_t> m_storeCounter;  ///< of which m_visible holds
    std::uint64_t m_digest = 0;                   ///< of all that the peer sees
    std::uint64_t m_counter = 1;
};

}  // namespace crsp
