// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/request-budget.h"

#include <algorithm>

namespace crsp {
namespace {

Duration TimeFor(std::uint64_t bytes) {
    constexpr std::uint64_t kNanoseconds = 1'000'000'000;
    static_assert(kRequestBytesAtOnce <= UINT64_MAX / kNanoseconds);
    return Duration(static_cast<Duration::rep>(bytes * kNanoseconds / kRequestBytesPerSecond));
}

}  // namespace

std::optional<Duration> RequestBudget::Take(TimePoint now, std::uint64_t bytes) {
    const TimePoint whole = std::max(m_whole, now) + TimeFor(std::min(bytes, kRequestBytesAtOnce));
    const TimePoint latest = now + TimeFor(kRequestBytesAtOnce);
    if (whole > latest) return whole - latest;
    m_whole = whole;
    return std::nullopt;
}

void RequestBudget::Charge(TimePoint now, std::uint64_t bytes) {
    const TimePoint whole = std::max(m_whole, now) + TimeFor(std::min(bytes, kRequestBytesAtOnce));
    m_whole = std::min(whole, now + 2 * TimeFor(kRequestBytesAtOnce));
}

}  // namespace crsp
