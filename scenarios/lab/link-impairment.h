// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "model/impair/impairment-config.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// The queue limit in bytes while the link sends at `rate`, at least one packet. A bandwidth-delay
/// product is that of the whole path's round trip, twice `link.delay` and `access.delay`, at the
/// link's own rate.
std::uint64_t QueueBytes(const LinkSpec& link, const AccessSpec& access, double rate);
inline std::uint64_t QueueBytes(const LinkSpec& link, const AccessSpec& access) {
    return QueueBytes(link, access, link.rate);
}

/// The link's steps before `until`, periodic ones written out, in order of time. Each period begins
/// with the link's own values.
std::vector<LinkStep> StepsUntil(const LinkSpec& link, Duration until);

/// From when on the link sends at which rate, bit/s; begins at 0.
struct RateFrom {
    Duration at{};
    double rate = 0;
};
std::vector<RateFrom> RatesUntil(const LinkSpec& link, Duration until);

/// Bits that a link with these rates can carry in [from, to).
double CapacityBits(const std::vector<RateFrom>& rates, Duration from, Duration to);
/// The same of a link of a scenario that stops at `until`.
double CapacityBits(const LinkSpec& link, Duration until, Duration from, Duration to);

JitterConfig JitterOf(const LinkSpec& link, Duration spread);

/// The link's blackouts that begin before `until`, periodic ones written out, in order of time.
std::vector<Interval> BlackoutIntervals(const LinkSpec& link, Duration until);

/// What a channel does to packets until `until`, behind a device that has the rate and the queue
/// itself.
ImpairmentConfig ChannelImpairment(const LinkSpec& link, Duration until);

}  // namespace crsp::lab
