// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/media/content-store.h"

namespace crsp {

/// The bytes of a generated entry from `offset` on: a function of `seed` and the offset alone, so
/// that any part can be checked where it arrives without holding the rest.
void FillGenerated(std::uint64_t seed, std::uint64_t offset, ByteSpan out);

/// Content held in memory, or generated on demand in any size: what a simulated server offers.
/// Entry ids count from 1 in the order of adding, which is also the order of the list.
class MemoryContentStore : public ContentStore {
  public:
    /// `name` is cut at kMaxNameSize.
    EntryId AddBytes(std::string name, std::vector<std::byte> bytes);
    /// Content is FillGenerated(seed, ...).
    EntryId AddGenerated(std::string name, std::uint64_t size, std::uint64_t seed);
    /// Gives an entry other bytes and the next version; open readers fail with kVersionChanged.
    void Replace(EntryId entry, std::vector<std::byte> bytes);
    /// Makes every further Read of the entry fail with kReadFailed, as a broken disk would.
    void Break(EntryId entry);
    void Remove(EntryId entry);

    std::uint64_t ChangeCounter() override { return m_changeCounter; }
    std::size_t Count() override { return m_items.size(); }
    std::vector<CatalogueEntry> List(std::size_t start, std::size_t count) override;
    std::optional<CatalogueEntry> Find(EntryId entry) override;
    std::uint64_t LeadIn(std::uint64_t) const override { return 0; }
    Expected<std::unique_ptr<ContentReader>, MediaErrorCode> Open(EntryId entry,
                                                                  EntryVersion version) override;

  private:
    struct Item {
        CatalogueEntry entry;
        std::vector<std::byte> bytes;
        std::uint64_t seed = 0;
        bool generated = false;
        bool broken = false;
    };
    class Reader;

    EntryId Add(Item item);
    const std::shared_ptr<Item>* ItemOf(EntryId entry) const;

    std::vector<std::shared_ptr<Item>> m_items;
    EntryId m_nextId = 1;
    std::uint64_t m_changeCounter = 1;
};

}  // namespace crsp
