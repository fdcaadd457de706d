// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/digest/content-digest.h"
#include "model/media/sink.h"

namespace crsp::lab {

/// Renders into a digest, one for each generation.
class HashSink : public Sink {
  public:
    Expected<void, MediaErrorCode> Begin(TimePoint now, Generation generation,
                                         const ContentInfo& info) override;
    Expected<std::size_t, MediaErrorCode> Render(TimePoint now, Generation generation,
                                                 std::uint64_t offset,
                                                 ConstByteSpan bytes) override;
    Expected<void, MediaErrorCode> End(TimePoint now, Generation generation,
                                       bool complete) override;

    /// A generation that came to its end.
    struct Completed {
        EntryId entry = 0;
        std::uint64_t offset = 0;  ///< where it began
        std::string hash;          ///< from there on
    };
    const std::vector<Completed>& AllCompleted() const { return m_completed; }
    /// Hex, of the generation that ended last; empty before the first has.
    const std::string& LastHash() const { return m_lastHash; }
    /// Of the generation that began last; 0 before the first has.
    EntryId Entry() const { return m_entry; }
    /// Bytes into the entry.
    std::uint64_t Position() const { return m_position; }

  private:
    ContentDigest m_digest;
    EntryId m_entry = 0;
    std::uint64_t m_offset = 0;
    std::uint64_t m_position = 0;
    std::vector<Completed> m_completed;
    std::string m_lastHash;
};

}  // namespace crsp::lab
