// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/base/time.h"
#include "model/media/catalogue.h"
#include "model/media/messages.h"

namespace crsp {

/// What is about to be rendered.
struct ContentInfo {
    EntryId entry = 0;
    EntryVersion version = 0;
    std::uint64_t size = 0;    ///< bytes of the whole entry
    std::uint64_t offset = 0;  ///< where rendering begins
    bool operator==(const ContentInfo&) const = default;
};

/// Where a renderer role puts what it renders: a file, a player, a checker. Calls come strictly as
/// Begin, Render*, End for one generation after another; generations only grow, and nothing of an
/// older one follows Begin of a newer one (CRSP §9.6).
class Sink {
  public:
    virtual ~Sink() = default;

    /// Starts anew. An error (kSinkFailed) ends the rendering at once; End is then not called.
    virtual Expected<void, MediaErrorCode> Begin(TimePoint now, Generation generation,
                                                 const ContentInfo& info) = 0;
    /// Offers the bytes of the entry at `offset`; offsets follow on each other without gaps.
    /// Returns how many were taken: fewer than offered is back-pressure, and the rest is offered
    /// again kSinkRetryInterval later. kSinkFailed if no more will ever be taken; End follows.
    virtual Expected<std::size_t, MediaErrorCode> Render(TimePoint now, Generation generation,
                                                         std::uint64_t offset,
                                                         ConstByteSpan bytes) = 0;
    /// `complete` if the last byte of the entry was taken; else stopped, replaced or failed.
    /// Success of a complete one says that the output has all of it for good; with kSinkFailed the
    /// rendering has failed after all. Of one that is not complete the error only tells of the
    /// output.
    virtual Expected<void, MediaErrorCode> End(TimePoint now, Generation generation,
                                               bool complete) = 0;
};

}  // namespace crsp
