// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "model/base/time.h"

namespace crsp::lab {

/// What a link delivers at one opportunity: an IP packet of this size, or several smaller ones.
inline constexpr std::uint32_t kOpportunityBytes = 1500;
/// Opportunities and length of a trace, at most.
inline constexpr std::size_t kMaxOpportunities = 20'000'000;
inline constexpr Duration kMaxTraceLength = std::chrono::hours(6);

/// When a link may deliver: the instants of its opportunities, and after the last of them all
/// again. This is what a trace file of mahimahi says, in its resolution of a millisecond.
struct DeliveryTrace {
    std::vector<std::uint32_t> at;  ///< ms, ascending; the last is the period, and above 0

    Duration Period() const { return milliseconds(at.back()); }
    /// Instant of opportunity `index`, from 0 on without end.
    Duration At(std::uint64_t index) const;
    /// How many lie before `time`.
    std::uint64_t Before(Duration time) const;
    double MeanRate() const;  ///< bit/s
};

/// Reads a trace file of mahimahi: on each line the milliseconds at which there is one opportunity.
/// On failure one sentence that names the line.
Expected<DeliveryTrace, std::string> ParseTrace(std::string_view text);
std::string FormatTrace(const DeliveryTrace& trace);

/// `count` opportunities at once, `every` so often: with 1 a steady link, with more one that hands
/// on what it has gathered.
DeliveryTrace MakeBursts(Duration every, std::uint64_t count);

/// A link whose opportunities come at random, independent of each other, with mean `rate`.
DeliveryTrace MakePoisson(double rate, Duration length, std::uint64_t seed);

/// A cellular link on the move, by the model of Winstein, Sivaraman and Balakrishnan, "Stochastic
/// Forecasts Achieve High Throughput and Low Delay over Cellular Networks" (NSDI 2013), §3.1:
/// opportunities are a Poisson process whose rate is in Brownian motion, and once at zero stays
/// there for a time that is exponential. Their constants (200 packets a second per root second, 1
/// per second) are for 0 to 1,000 packets a second. Here the motion is between zero and twice
/// `rate`, with `wander` times `rate` per root second; the whole is then scaled to `rate`.
DeliveryTrace MakeCellular(double rate, double wander, Duration length, std::uint64_t seed);

/// The wander that Sprout's constants come to where the mean is 500 packets a second.
inline constexpr double kDefaultWander = 0.4;

/// Hands out the opportunities of a trace to packets that wait in line: what a packet leaves of an
/// opportunity is the next one's, if that waits already, and else lost.
class OpportunityClock {
  public:
    explicit OpportunityClock(const DeliveryTrace& trace) : m_trace(trace) {}

    /// When the last byte of a packet leaves that became the first in line at `now`, which never
    /// lies before what this returned last.
    Duration Deliver(Duration now, std::uint32_t bytes);

  private:
    const DeliveryTrace& m_trace;
    std::uint64_t m_next = 0;  ///< opportunity
    Duration m_at{-1};         ///< of the one before it
    std::uint32_t m_left = 0;  ///< bytes that it still has
};

}  // namespace crsp::lab
