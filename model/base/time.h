// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>

namespace crsp {

/// The engine's clock: nanoseconds since an origin that the host chooses.
///
/// It has no now() on purpose. Time enters the engine only as an argument, so a wall-clock read
/// inside `model/` does not compile and a run is a function of its inputs (CRSP §1.2).
struct Clock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<Clock>;
    static constexpr bool is_steady = true;
};

using Duration = Clock::duration;
using TimePoint = Clock::time_point;

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Seconds as a double, for rates and for output; never for comparing instants.
constexpr double ToSeconds(Duration d) {
    return std::chrono::duration<double>(d).count();
}

/// Milliseconds as a double: the unit of qlog and of every report.
constexpr double ToMilliseconds(Duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
}

/// The duration of `s` seconds, rounded toward zero to a nanosecond.
constexpr Duration FromSeconds(double s) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s));
}

}  // namespace crsp
