// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/cubic-curve.h"

#include <algorithm>

namespace crsp {
namespace {

__extension__ using Uint128 = unsigned __int128;

/// C of RFC 9438 §4.1 is 0.4 datagrams per second cubed.
constexpr std::uint64_t kCNumerator = 4;
constexpr std::uint64_t kCDenominator = 10;
constexpr Uint128 kCubicMicrosecondsPerCubicSecond = std::uint64_t{1'000'000'000'000'000'000};
/// More than an hour away from the plateau makes no difference, and its cube must fit.
constexpr std::int64_t kMaxDistance = std::int64_t{1} << 32;
/// The cube root of 128 bits has 43 of them.
constexpr int kTopRootBit = 42;

std::uint64_t CubeRoot(Uint128 value) {
    Uint128 root = 0;
    for (int bit = kTopRootBit; bit >= 0; --bit) {
        const Uint128 candidate = root | (Uint128{1} << bit);
        if (candidate * candidate <= value / candidate) root = candidate;
    }
    return static_cast<std::uint64_t>(root);
}

}  // namespace

CubicCurve::CubicCurve(std::size_t datagramSize, std::uint64_t from, std::uint64_t plateau)
    : m_datagramSize(datagramSize), m_plateau(std::min(std::max(from, plateau), kMaxWindow)) {
    const Uint128 climb = m_plateau - std::min(from, m_plateau);
    const Uint128 cube =
        climb * kCDenominator * kCubicMicrosecondsPerCubicSecond / (kCNumerator * m_datagramSize);
    m_k = static_cast<std::int64_t>(CubeRoot(cube));
}

std::uint64_t CubicCurve::WindowAt(Duration t) const {
    const std::int64_t elapsed = std::chrono::duration_cast<microseconds>(t).count();
    const bool before = elapsed < m_k;
    const Uint128 distance =
        static_cast<std::uint64_t>(std::min(before ? m_k - elapsed : elapsed - m_k, kMaxDistance));
    const auto change =
        static_cast<std::uint64_t>(distance * distance * distance * kCNumerator * m_datagramSize /
                                   (kCDenominator * kCubicMicrosecondsPerCubicSecond));
    if (before) return m_plateau - std::min(change, m_plateau);
    return std::min(m_plateau + change, kMaxWindow);
}

}  // namespace crsp
