// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/congestion-controller.h"

#include <algorithm>

#include "model/base/assert.h"
#include "model/recovery/bbr-lda.h"
#include "model/recovery/bbr.h"
#include "model/recovery/cubic.h"
#include "model/recovery/fixed-rate.h"
#include "model/recovery/new-reno.h"

namespace crsp {
namespace {

__extension__ using Uint128 = unsigned __int128;

/// Shorter round trips make no difference to pacing, and none may divide by zero.
constexpr Duration kMinPacedRtt = microseconds(1);

}  // namespace

std::unique_ptr<CongestionController> MakeCongestionController(const CongestionConfig& config,
                                                               std::size_t maxDatagramSize) {
    CRSP_ASSERT(IsComplete(config));
    switch (config.algorithm) {
        case CongestionAlgorithm::kNewReno:
            break;
        case CongestionAlgorithm::kCubic:
            return std::make_unique<Cubic>(maxDatagramSize);
        case CongestionAlgorithm::kFixedRate:
            return std::make_unique<FixedRate>(config.fixedRate, maxDatagramSize);
        case CongestionAlgorithm::kBbr:
            return std::make_unique<Bbr>(maxDatagramSize, BbrVariant::kDraft, config.seed);
        case CongestionAlgorithm::kBbrLda:
            return std::make_unique<BbrLda>(maxDatagramSize, config.seed);
    }
    return std::make_unique<NewReno>(maxDatagramSize);
}

std::uint64_t WindowPacingRate(std::uint64_t window, Duration smoothedRtt,
                               std::uint64_t gainPercent) {
    constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
    const Duration rtt = std::max(smoothedRtt, kMinPacedRtt);
    const auto rate = static_cast<Uint128>(window) * gainPercent * kNanosecondsPerSecond /
                      (100 * static_cast<std::uint64_t>(rtt.count()));
    constexpr Uint128 kLargest = std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(std::clamp<Uint128>(rate, 1, kLargest));
}

}  // namespace crsp
