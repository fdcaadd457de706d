// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/rate-queue.h"

#include <algorithm>
#include <limits>

#include "model/base/assert.h"

namespace crsp {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::size_t kFirstRingSize = 64;  // a power of two, as all later sizes

}  // namespace

RateSchedule::RateSchedule(const RateConfig& config)
    : m_base(*config.bitsPerSecond), m_steps(config.schedule), m_period(config.schedulePeriod) {}

RateSchedule::Segment RateSchedule::At(Duration time) const {
    const bool periodic = m_period > Duration{0};
    const Duration cycle = periodic ? time - time % m_period : Duration{0};
    const auto next =
        std::upper_bound(m_steps.begin(), m_steps.end(), time - cycle,
                         [](Duration t, const RateStep& step) { return t < step.at; });
    const auto rate = next == m_steps.begin() ? m_base : std::prev(next)->bitsPerSecond;
    if (next != m_steps.end()) return {rate, cycle + next->at};
    return {rate, periodic ? cycle + m_period : Duration::max()};
}

Duration RateSchedule::Finish(Duration start, std::uint64_t bits) const {
    // In units of 10^-9 bit, so that rate times nanoseconds is exact.
    std::uint64_t work = bits * kNanosecondsPerSecond;
    while (true) {
        const auto [rate, end] = At(start);
        if (rate > 0) {
            const std::uint64_t needed = work / rate + (work % rate != 0);
            const auto available = static_cast<std::uint64_t>((end - start).count());
            if (needed <= available) return start + Duration(static_cast<std::int64_t>(needed));
            work -= available * rate;
        }
        CRSP_ASSERT(end != Duration::max());
        start = end;
    }
}

RateQueue::RateQueue(const RateConfig& config, TimePoint origin)
    : m_origin(origin),
      m_maxBytes(config.queueBytes.value_or(std::numeric_limits<std::uint64_t>::max())),
      m_maxPackets(config.queuePackets.value_or(kMaxQueuePackets)),
      m_maxTime(std::min(config.queueTime.value_or(kMaxQueueTime), kMaxQueueTime)),
      m_overhead(config.overheadBytes),
      m_busyUntil(origin) {
    if (config.bitsPerSecond) m_schedule.emplace(config);
}

RateQueue::Backlog RateQueue::At(TimePoint now) {
    DropBegun(now);
    return {m_bytes, m_count, std::max(m_busyUntil - now, Duration{0})};
}

std::optional<RateQueue::Departure> RateQueue::Offer(TimePoint now, std::size_t bytes) {
    if (!m_schedule) return Departure{now, Duration{0}};
    DropBegun(now);
    const std::uint64_t size = bytes + m_overhead;
    const TimePoint begins = std::max(now, m_busyUntil);
    if (begins > now) {
        if (!Fits(now, size)) return std::nullopt;
        Push({begins, size});
    }
    m_busyUntil = Finish(begins, size);
    return Departure{m_busyUntil, begins - now};
}

TimePoint RateQueue::Finish(TimePoint begins, std::uint64_t bytes) const {
    return m_origin + m_schedule->Finish(begins - m_origin, 8 * bytes);
}

bool RateQueue::Fits(TimePoint now, std::uint64_t bytes) const {
    return bytes <= m_maxBytes && m_bytes <= m_maxBytes - bytes && m_count < m_maxPackets &&
           m_busyUntil - now <= m_maxTime;
}

void RateQueue::Push(Waiting entry) {
    if (m_count == m_ring.size()) {
        std::rotate(m_ring.begin(), m_ring.begin() + static_cast<std::ptrdiff_t>(m_head),
                    m_ring.end());
        m_head = 0;
        m_ring.resize(std::max(kFirstRingSize, 2 * m_ring.size()));
    }
    m_ring[(m_head + m_count++) & (m_ring.size() - 1)] = entry;
    m_bytes += entry.bytes;
}

void RateQueue::DropBegun(TimePoint now) {
    while (m_count > 0 && m_ring[m_head].begins <= now) {
        m_bytes -= m_ring[m_head].bytes;
        m_head = (m_head + 1) & (m_ring.size() - 1);
        --m_count;
    }
}

}  // namespace crsp
