// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/congestion-controller.h"

#include <algorithm>

#include "model/base/assert.h"
#include "model/recovery/bbr-lda.h"
#include "model/recovery/bbr.h"
#include "model/recovery/cubic.h"
#include "model/recovery/fixed-rate.h"
#include "model/recovery/new-reno.h"
#include "model/recovery/rate.h"

namespace crsp {
namespace {

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
    const Duration rtt = std::max(smoothedRtt, kMinPacedRtt);
    return std::max<std::uint64_t>(RateOf(Percent(window, gainPercent), rtt), 1);
}

}  // namespace crsp
