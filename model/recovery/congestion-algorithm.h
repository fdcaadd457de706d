// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace crsp {

/// The controllers that can be chosen for a connection (CRSP §6.5).
enum class CongestionAlgorithm : std::uint8_t { kNewReno, kCubic, kFixedRate, kBbr, kBbrLda };

/// The fastest fixed rate, bit/s.
inline constexpr std::uint64_t kMaxFixedRate = 1'000'000'000'000;

/// What a controller is made from.
struct CongestionConfig {
    CongestionAlgorithm algorithm = CongestionAlgorithm::kNewReno;
    std::uint64_t fixedRate = 0;  ///< bit/s; above 0 if and only if kFixedRate is chosen
    std::uint64_t seed = 0;       ///< of the times between probes
};

/// Whether a rate is given exactly where one is needed; hosts ask before they build an endpoint.
constexpr bool IsComplete(const CongestionConfig& config) {
    return (config.algorithm == CongestionAlgorithm::kFixedRate) == (config.fixedRate > 0);
}

/// Whether its controller slows down for packets marked CE. One that does not must not say by
/// ECT(0) that it would (RFC 3168 §6).
constexpr bool RespondsToEcn(CongestionAlgorithm algorithm) {
    return algorithm != CongestionAlgorithm::kFixedRate;
}

/// Every name, in the order of the enumeration; the one list for files, options and attributes.
std::span<const std::string_view> CongestionAlgorithmNames();
/// As in `new_reno`.
std::string_view ToString(CongestionAlgorithm algorithm);
/// Nothing if `name` is none of CongestionAlgorithmNames().
std::optional<CongestionAlgorithm> ParseCongestionAlgorithm(std::string_view name);

}  // namespace crsp
