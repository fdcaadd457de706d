// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "model/media/timeline-sink.h"

namespace crsp {

/// What a renderer did when, as CSV for the laboratory: a header
/// `time_ns,event,generation,position` and one line for each row; `event` is begin, render or end,
/// `position` counts bytes into the entry, `time_ns` is the machine's steady clock.
std::string TimelineCsv(const TimelineSink& timeline);

}  // namespace crsp
