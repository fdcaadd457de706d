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

/// Blackouts until `end`: a list, because a scenario may mix single and periodic ones.
std::vector<Interval> Intervals(const LinkSpec& link) {
    constexpr std::size_t kMaxIntervals = 10'000;
    std::vector<Interval> intervals;
    for (const Blackout& blackout : link.blackouts) {
        Duration at = blackout.at;
        do {
            intervals.push_back({at, at + blackout.length});
            at += blackout.every.value_or(Duration::zero());
        } while (blackout.every && intervals.size() < kMaxIntervals);
    }
    return intervals;
}

}  // namespace

std::uint64_t QueueBytes(const LinkSpec& link, const AccessSpec& access) {
    if (link.queue.bytes > 0) return link.queue.bytes;
    const double bdp = link.rate * ToSeconds(2 * (link.delay + access.delay)) / 8;
    const auto bytes = static_cast<std::uint64_t>(std::llround(bdp * link.queue.bdp));
    return std::max(bytes, kQueuePacketBytes);
}

ImpairmentConfig ChannelImpairment(const LinkSpec& link) {
    ImpairmentConfig config;
    config.delay = link.delay;
    config.loss.process = LossOf(link);
    config.blackout.intervals = Intervals(link);
    if (link.jitter > Duration::zero()) {
        config.jitter = {JitterConfig::Kind::kTruncatedNormal, link.jitter, link.reorder};
    }
    config.duplicate.probability = link.duplicate;
    config.corrupt.probability = link.corrupt;
    return config;
}

}  // namespace crsp::lab
