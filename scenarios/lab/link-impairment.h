// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "model/impair/impairment-config.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// The queue limit in bytes, at least one packet. A bandwidth-delay product is that of the whole
/// path's round trip, twice `link.delay` and `access.delay`.
std::uint64_t QueueBytes(const LinkSpec& link, const AccessSpec& access);

/// What a channel does to packets behind a device that has the rate and the queue itself.
ImpairmentConfig ChannelImpairment(const LinkSpec& link);

}  // namespace crsp::lab
