// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "apps/digest/content-digest.h"
#include "model/media/sink.h"

namespace crsp {

/// What became of one generation.
struct Rendering {
    Generation generation = 0;
    ContentInfo info;
    std::uint64_t bytes = 0;  ///< taken by the sink
    bool complete = false;    ///< and the sink has it for good
    std::string sha256;       ///< of those bytes, in hex
    TimePoint begunAt;
    TimePoint endedAt;
};

/// Passes everything on to another sink and computes the SHA-256 of what that one took.
class HashSink final : public Sink {
  public:
    using Report = std::function<void(const Rendering&)>;

    /// `next` must outlive this. `report` is called at the end of each generation.
    HashSink(Sink& next, Report report) : m_next(next), m_report(std::move(report)) {}

    Expected<void, MediaErrorCode> Begin(TimePoint now, Generation generation,
                                         const ContentInfo& info) override;
    Expected<std::size_t, MediaErrorCode> Render(TimePoint now, Generation generation,
                                                 std::uint64_t offset,
                                                 ConstByteSpan bytes) override;
    Expected<void, MediaErrorCode> End(TimePoint now, Generation generation,
                                       bool complete) override;

    /// The generation that ended last.
    const std::optional<Rendering>& Last() const { return m_last; }

  private:
    Sink& m_next;
    Report m_report;
    ContentDigest m_digest;
    Rendering m_current;
    std::optional<Rendering> m_last;
};

}  // namespace crsp
