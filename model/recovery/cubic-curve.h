// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/base/time.h"

namespace crsp {

/// The window as a cubic function of time: fast away from the last loss, slow where the plateau is
/// near, then fast again (RFC 9438 §4.2, figure 1: C (t - K)^3 + W_max).
///
/// Whole numbers of bytes and microseconds only, so that it has the same values everywhere.
class CubicCurve {
  public:
    /// No window grows beyond this, so that all products fit; a connection keeps record of far less
    /// in flight.
    static constexpr std::uint64_t kMaxWindow = std::uint64_t{1} << 36;

    CubicCurve() = default;
    /// Begins with `from` bytes at time 0 and is flat at `plateau` (W_max). A plateau not above
    /// `from` counts as `from`, and the curve begins with its flat part (RFC 9438 §4.8, §4.10).
    CubicCurve(std::size_t datagramSize, std::uint64_t from, std::uint64_t plateau);

    /// Bytes at time `t` >= 0, at most kMaxWindow.
    std::uint64_t WindowAt(Duration t) const;
    /// When the plateau is reached: K.
    Duration PlateauAt() const { return microseconds(m_k); }

  private:
    std::uint64_t m_datagramSize = 0;
    std::uint64_t m_plateau = 0;
    std::int64_t m_k = 0;  ///< microseconds
};

}  // namespace crsp
