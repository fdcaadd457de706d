// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "model/impair/impairment-config.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// The queue limit in bytes, at least one packet. A bandwidth-delay product is that of the whole
/// path's round trip, twice `link.delay` and `access.delay`.
std::uint64_t QueueBytes(const LinkSpec& link, const AccessSpec& access);

/// The link's blackouts that begin before `until`, periodic ones written out, in order of time.
std::vector<Interval> BlackoutIntervals(const LinkSpec& link, Duration until);

/// What a channel does to packets until `until`, behind a device that has the rate and the queue
/// itself.
ImpairmentConfig ChannelImpairment(const LinkSpec& link, Duration until);

}  // namespace crsp::lab
