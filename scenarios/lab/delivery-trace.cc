// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/delivery-trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "model/base/random.h"

namespace crsp::lab {
namespace {

constexpr double kOpportunityBits = 8.0 * kOpportunityBytes;
/// How often the rate of a cellular link moves.
constexpr double kMove = 0.02;
/// Ends of an outage, per second.
constexpr double kEscape = 1;

/// Of mean 1.
double Exponential(Random& random) {
    return -std::log(1 - random.Uniform());
}

double Normal(Random& random) {
    const double radius = std::sqrt(2 * Exponential(random));
    return radius * std::cos(2 * M_PI * random.Uniform());
}

/// Opportunities at random, `perSecond[i]` of them in the mean in second part i of `part` seconds.
DeliveryTrace DrawOpportunities(const std::vector<double>& perSecond, double part, Duration length,
                                Random& random) {
    DeliveryTrace trace;
    const auto period = static_cast<std::uint32_t>(length / milliseconds(1));
    double due = Exponential(random);
    double sum = 0;
    for (std::size_t i = 0; i < perSecond.size(); ++i) {
        const double add = perSecond[i] * part;
        for (; due < sum + add; due += Exponential(random)) {
            const double at = (static_cast<double>(i) + (due - sum) / add) * part;
            const auto ms = static_cast<std::uint32_t>(std::ceil(1000 * at));
            trace.at.push_back(std::clamp<std::uint32_t>(ms, 1, period));
        }
        sum += add;
    }
    // The last line is the period, also where chance has ended before.
    if (trace.at.empty() || trace.at.back() < period) trace.at.push_back(period);
    return trace;
}

std::string Refusal(std::size_t line, std::string_view what) {
    return fmt::format("line {}: {}", line, what);
}

/// A line without what ends it on other systems.
std::string_view Bare(std::string_view line) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
}

Expected<std::uint32_t, std::string> ParseLine(std::string_view text, std::uint32_t before) {
    std::uint32_t ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return Fail(std::string("expected a whole number of milliseconds and nothing else"));
    }
    if (ms < before) return Fail(std::string("expected a time not before that of the line above"));
    if (milliseconds(ms) > kMaxTraceLength) return Fail(std::string("expected at most 6 hours"));
    return ms;
}

}  // namespace

Duration DeliveryTrace::At(std::uint64_t index) const {
    const std::uint64_t rounds = index / at.size();
    return milliseconds(rounds * at.back() + at[index % at.size()]);
}

std::uint64_t DeliveryTrace::Before(Duration time) const {
    if (time <= Duration::zero()) return 0;
    const auto rounds = static_cast<std::uint64_t>(time / Period());
    const Duration rest = time - Period() * static_cast<std::int64_t>(rounds);
    const auto inside = std::partition_point(
        at.begin(), at.end(), [&](std::uint32_t ms) { return milliseconds(ms) < rest; });
    std::uint64_t before = rounds * at.size() + static_cast<std::uint64_t>(inside - at.begin());
    // An instant that ends a period may be that of several opportunities.
    while (before > 0 && At(before - 1) >= time) --before;
    return before;
}

double DeliveryTrace::MeanRate() const {
    return kOpportunityBits * static_cast<double>(at.size()) / ToSeconds(Period());
}

Expected<DeliveryTrace, std::string> ParseTrace(std::string_view text) {
    DeliveryTrace trace;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const auto ms =
            ParseLine(Bare(text.substr(0, end)), trace.at.empty() ? 0 : trace.at.back());
        if (!ms) return Fail(Refusal(line, ms.error()));
        trace.at.push_back(*ms);
        if (trace.at.size() > kMaxOpportunities) return Fail(Refusal(line, "expected fewer lines"));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (trace.at.empty() || trace.at.back() == 0) {
        return Fail(std::string("expected a line with a time above 0"));
    }
    return trace;
}

std::string FormatTrace(const DeliveryTrace& trace) {
    fmt::memory_buffer text;
    for (const std::uint32_t ms : trace.at) fmt::format_to(std::back_inserter(text), "{}\n", ms);
    return fmt::to_string(text);
}

DeliveryTrace MakeBursts(Duration every, std::uint64_t count) {
    return {std::vector<std::uint32_t>(count, static_cast<std::uint32_t>(every / milliseconds(1)))};
}

DeliveryTrace MakePoisson(double rate, Duration length, std::uint64_t seed) {
    Random random = Random::Stream(seed, "trace-poisson");
    return DrawOpportunities({rate / kOpportunityBits}, ToSeconds(length), length, random);
}

DeliveryTrace MakeCellular(double rate, double wander, Duration length, std::uint64_t seed) {
    Random motion = Random::Stream(seed, "trace-motion");
    const auto steps = static_cast<std::size_t>(std::ceil(ToSeconds(length) / kMove));
    std::vector<double> rates(steps);
    double level = 1;
    double sum = 0;
    for (double& each : rates) {
        const bool was = level <= 0;
        const bool out = was && motion.Uniform() > 1 - std::exp(-kEscape * kMove);
        const double move = wander * std::sqrt(kMove) * Normal(motion);
        if (!out) level += was ? std::abs(move) : move;
        level = std::clamp(level, 0.0, 2.0);
        sum += each = level;
    }
    const double mean = std::max(sum / static_cast<double>(steps), 1e-6);
    for (double& each : rates) each *= rate / kOpportunityBits / mean;
    Random arrivals = Random::Stream(seed, "trace-arrivals");
    return DrawOpportunities(rates, kMove, length, arrivals);
}

Duration OpportunityClock::Deliver(Duration now, std::uint32_t bytes) {
    if (now > m_at) {
        m_left = 0;
        m_next = std::max(m_next, m_trace.Before(now));
    }
    while (bytes > 0) {
        if (m_left == 0) {
            m_at = m_trace.At(m_next++);
            m_left = kOpportunityBytes;
        }
        const std::uint32_t taken = std::min(bytes, m_left);
        bytes -= taken;
        m_left -= taken;
    }
    return m_at;
}

}  // namespace crsp::lab
