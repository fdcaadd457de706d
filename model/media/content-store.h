// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/media/catalogue.h"
#include "model/media/media-error.h"

namespace crsp {

/// One open entry, pinned to the version it was opened with.
class ContentReader {
  public:
    virtual ~ContentReader() = default;

    virtual const CatalogueEntry& Entry() const = 0;
    /// Fills `out` with bytes of the entry from `offset`; `offset + out.size()` is at most the
    /// entry's size. Returns how many, at least 1 unless `out` is empty. kVersionChanged if the
    /// entry is no longer the one opened, kReadFailed if it cannot be read.
    virtual Expected<std::size_t, MediaErrorCode> Read(std::uint64_t offset, ByteSpan out) = 0;
};

/// What a server role offers (CRSP §9.3): a list in a stable order, and readers by entry id.
class ContentStore {
  public:
    virtual ~ContentStore() = default;

    /// Grows whenever the list or an entry changes.
    virtual std::uint64_t ChangeCounter() = 0;
    virtual std::size_t Count() = 0;
    /// At most `count` entries from position `start`; fewer, or none, at the end.
    virtual std::vector<CatalogueEntry> List(std::size_t start, std::size_t count) = 0;
    /// What List says of `entry`; nothing if it holds none of that id. Touches no content.
    virtual std::optional<CatalogueEntry> Find(EntryId entry) = 0;
    /// Bytes that have to be read and judged before those from `offset` can be given.
    virtual std::uint64_t LeadIn(std::uint64_t offset) const = 0;
    /// Opens `entry` in `version` (0: any). kNoSuchEntry, kVersionChanged, kReadFailed.
    virtual Expected<std::unique_ptr<ContentReader>, MediaErrorCode> Open(EntryId entry,
                                                                          EntryVersion version) = 0;
};

}  // namespace crsp
