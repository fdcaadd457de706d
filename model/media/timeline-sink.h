// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/media/sink.h"

namespace crsp {

/// One moment of a rendering.
struct TimelineRow {
    enum class Kind : std::uint8_t { kBegin, kRender, kEnd };

    TimePoint at;
    Generation generation = 0;
    std::uint64_t position = 0;  ///< bytes into the entry, after this moment
    Kind kind = Kind::kRender;
    bool operator==(const TimelineRow&) const = default;
};

/// Passes everything on to another sink and records when how much was taken, for the laboratory.
class TimelineSink : public Sink {
  public:
    /// `next` must outlive this. Rows beyond `maxRows` are counted in Dropped() instead of kept.
    explicit TimelineSink(Sink& next, std::size_t maxRows = 1'000'000)
        : m_next(next), m_maxRows(maxRows) {}

    Expected<void, MediaErrorCode> Begin(TimePoint now, Generation generation,
                                         const ContentInfo& info) override;
    Expected<std::size_t, MediaErrorCode> Render(TimePoint now, Generation generation,
                                                 std::uint64_t offset,
                                                 ConstByteSpan bytes) override;
    Expected<void, MediaErrorCode> End(TimePoint now, Generation generation,
                                       bool complete) override;

    std::span<const TimelineRow> Rows() const { return m_rows; }
    std::size_t Dropped() const { return m_dropped; }

  private:
    void Record(TimelineRow row);

    Sink& m_next;
    std::size_t m_maxRows;
    std::size_t m_dropped = 0;
    std::uint64_t m_position = 0;
    std::vector<TimelineRow> m_rows;
};

}  // namespace crsp
