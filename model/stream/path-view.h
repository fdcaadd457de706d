// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "model/base/time.h"

namespace crsp {

/// What a connection knows of its path that windows and buffers follow.
struct PathView {
    TimePoint now{};
    Duration smoothedRtt{};
    std::uint64_t congestionWindow = 0;  ///< bytes
    Duration feedback{};  ///< within which an ACK asked for at once comes; zero: unknown
};

}  // namespace crsp
