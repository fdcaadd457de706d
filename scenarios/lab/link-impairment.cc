// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/link-impairment.h"

#include <algorithm>
#include <cmath>

namespace crsp::lab {
namespace {

LossProcess LossOf(const LinkSpec& link) {
    if (link.loss <= 0) return std::monostate{};
    if (link.lossBurst <= 1) return BernoulliLoss{link.loss, 0};
    // The reader has refused what GilbertFromMean refuses.
    return *GilbertFromMean(link.loss, link.lossBurst);
}

}  // namespace

std::uint64_t QueueBytes(const LinkSpec& link, const AccessSpec& access) {
    if (link.queue.bytes > 0) return link.queue.bytes;
    const double bdp = link.rate * ToSeconds(2 * (link.delay + access.delay)) / 8;
    const auto bytes = static_cast<std::uint64_t>(std::llround(bdp * link.queue.bdp));
    return std::max(bytes, kQueuePacketBytes);
}

std::vector<Interval> BlackoutIntervals(const LinkSpec& link, Duration until) {
    std::vector<Interval> intervals;
    for (const Blackout& blackout : link.blackouts) {
        Duration at = blackout.at;
        do {
            intervals.push_back({at, at + blackout.length});
            at += blackout.every.value_or(until);
        } while (at < until);
    }
    std::sort(intervals.begin(), intervals.end(),
              [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
    return intervals;
}

ImpairmentConfig ChannelImpairment(const LinkSpec& link, Duration until) {
    ImpairmentConfig config;
    config.delay = link.delay;
    config.loss.process = LossOf(link);
    config.blackout.intervals = BlackoutIntervals(link, until);
    if (link.jitter > Duration::zero()) {
        config.jitter = {JitterConfig::Kind::kUniform, link.jitter, link.reorder};
    }
    config.duplicate.probability = link.duplicate;
    config.corrupt.probability = link.corrupt;
    return config;
}

}  // namespace crsp::lab
