// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/link-impairment.h"

#include <algorithm>
#include <cmath>

namespace crsp::lab {
namespace {

LossProcess LossOf(const LinkSpec& link) {
    if (link.gilbertElliott) return *link.gilbertElliott;
    if (link.loss <= 0) return std::monostate{};
    if (link.lossBurst <= 1) return BernoulliLoss{link.loss, link.lossBurstLimit};
    // The reader has refused what GilbertFromMean refuses.
    return *GilbertFromMean(link.loss, link.lossBurst);
}

}  // namespace

std::uint64_t QueueBytes(const LinkSpec& link, const AccessSpec& access, double rate) {
    if (link.queue.bytes > 0) return link.queue.bytes;
    const double inTime = rate * ToSeconds(link.queue.time) / 8;
    const double bdp = link.rate * ToSeconds(2 * (link.delay + access.delay)) / 8;
    const double limit = link.queue.time > Duration::zero() ? inTime : bdp * link.queue.bdp;
    return std::max(static_cast<std::uint64_t>(std::llround(limit)), kQueuePacketBytes);
}

std::vector<LinkStep> StepsUntil(const LinkSpec& link, Duration until) {
    std::vector<LinkStep> steps;
    if (link.steps.empty()) return steps;
    const Duration period = link.stepsEvery.value_or(until);
    for (Duration begin{}; begin < until; begin += period) {
        if (begin > Duration::zero() && link.steps.front().at > Duration::zero()) {
            steps.push_back({begin, link.rate, link.delay, link.jitter});
        }
        for (LinkStep step : link.steps) {
            step.at += begin;
            if (step.at < until) steps.push_back(step);
        }
    }
    return steps;
}

std::vector<RateFrom> RatesUntil(const LinkSpec& link, Duration until) {
    std::vector<RateFrom> rates{{Duration::zero(), link.rate}};
    for (const LinkStep& step : StepsUntil(link, until)) {
        if (step.rate) rates.push_back({step.at, *step.rate});
    }
    return rates;
}

double CapacityBits(const std::vector<RateFrom>& rates, Duration from, Duration to) {
    double bits = 0;
    for (std::size_t i = 0; i < rates.size(); ++i) {
        const Duration end = i + 1 < rates.size() ? rates[i + 1].at : to;
        const Duration span = std::min(end, to) - std::max(rates[i].at, from);
        if (span > Duration::zero()) bits += rates[i].rate * ToSeconds(span);
    }
    return bits;
}

double CapacityBits(const LinkSpec& link, Duration until, Duration from, Duration to) {
    if (!link.trace) return CapacityBits(RatesUntil(link, until), from, to);
    return 8.0 * kOpportunityBytes *
           static_cast<double>(link.trace->Before(to) - link.trace->Before(from));
}

JitterConfig JitterOf(const LinkSpec& link, Duration spread) {
    if (spread <= Duration::zero()) return {JitterConfig::Kind::kNone, spread, link.reorder};
    const auto kind =
        link.jitterNormal ? JitterConfig::Kind::kTruncatedNormal : JitterConfig::Kind::kUniform;
    return {kind, spread, link.reorder};
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
    for (const std::uint64_t packet : link.drop) config.loss.dropList.Add({packet, packet + 1});
    config.jitter = JitterOf(link, link.jitter);
    config.duplicate = {link.duplicate, link.duplicateCopies};
    config.corrupt.probability = link.corrupt;
    config.corrupt.maxBurst = link.corruptBurstLimit;
    return config;
}

}  // namespace crsp::lab
