// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/fixed-rate.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp {
namespace {

__extension__ using Uint128 = unsigned __int128;

/// Round trips' worth of the rate that may be in flight, so that one late ACK does not slow it.
constexpr std::uint64_t kWindowRoundTrips = 2;
/// On top: what delayed and lost ACKs leave unacknowledged where the product is small.
constexpr std::uint64_t kExtraPackets = 10;
constexpr std::uint64_t kMaxWindow = std::uint64_t{1} << 36;
constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

FixedRate::FixedRate(std::uint64_t bitsPerSecond, std::size_t maxDatagramSize)
    : m_rate(std::max<std::uint64_t>(bitsPerSecond / 8, 1)),
      m_datagramSize(maxDatagramSize),
      m_window(WindowFor(kInitialRtt)) {
    CRSP_ASSERT(bitsPerSecond > 0);
}

std::uint64_t FixedRate::WindowFor(Duration smoothedRtt) const {
    const auto length = static_cast<std::uint64_t>(smoothedRtt.count());
    const Uint128 product = static_cast<Uint128>(m_rate) * length / kNanosecondsPerSecond;
    const Uint128 window = kWindowRoundTrips * product + kExtraPackets * m_datagramSize;
    return static_cast<std::uint64_t>(std::min<Uint128>(window, kMaxWindow));
}

void FixedRate::OnPacketSent(TimePoint, std::uint64_t, std::uint64_t) {}

void FixedRate::OnAck(const AckEvent& event) {
    m_window = WindowFor(event.rtt->Smoothed());
}

void FixedRate::OnLost(const LossEvent&) {}

std::uint64_t FixedRate::PacingRate(const RttEstimator&) const {
    return m_rate;
}

std::string_view FixedRate::State() const {
    return "fixed_rate";
}

}  // namespace crsp
