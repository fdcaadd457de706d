// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "model/base/time.h"
#include "model/impair/impairment-config.h"

namespace crsp {

/// Whether a link with `config` is dead at `time` since its origin.
bool InBlackout(const BlackoutConfig& config, Duration time);

}  // namespace crsp
