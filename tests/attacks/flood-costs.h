// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crsp::attacks {

/// Nanoseconds of CPU that an Initial costs a keyed responder, its answer included.
struct InitialCosts {
    double wrongMac = 1e9;   ///< dropped by mac1
    double retry = 1e9;      ///< mac1 is right, and a cookie is asked for
    double unlisted = 1e9;   ///< let through, and found to be of a key that it does not list
    double handshake = 1e9;  ///< answered with a Response
};

InitialCosts MeasureInitials();

/// Initials with a right mac1 that must be borne, a second: ten times what one core could check the
/// keys of.
inline constexpr double kFloodPerSecond = 280'000;

}  // namespace crsp::attacks
