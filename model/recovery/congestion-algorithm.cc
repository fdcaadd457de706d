// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/congestion-algorithm.h"

#include <algorithm>
#include <array>

namespace crsp {
namespace {

constexpr std::array<std::string_view, 5> kNames{"new_reno", "cubic", "fixed_rate", "bbr",
                                                 "bbr_lda"};

}  // namespace

std::span<const std::string_view> CongestionAlgorithmNames() {
    return kNames;
}

std::string_view ToString(CongestionAlgorithm algorithm) {
    return kNames[static_cast<std::size_t>(algorithm)];
}

std::optional<CongestionAlgorithm> ParseCongestionAlgorithm(std::string_view name) {
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<CongestionAlgorithm>(found - kNames.begin());
}

}  // namespace crsp
