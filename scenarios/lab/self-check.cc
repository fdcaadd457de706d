// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/self-check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/impair/blackout.h"
#include "scenarios/lab/link-impairment.h"

namespace crsp::lab {
namespace {

/// After a step packets may still wait for one that left before it, and was lost.
constexpr Duration kSettle = seconds(1);
/// Beyond which a truncated normal jitter does not go, in its sigmas.
constexpr int kNormalReach = 3;
/// Of the packets that a variation of the delay can be judged by.
constexpr std::size_t kEnough = 1000;
/// Of a point-to-point link, which a trace does not deliver.
constexpr std::uint32_t kPppHeader = 2;

/// What the link's delay and rate are at each instant.
class Course {
  public:
    Course(const LinkSpec& link, Duration until)
        : m_link(link),
          m_delay(link.delay),
          m_jitter(link.jitter),
          m_rate(link.rate),
          m_steps(StepsUntil(link, until)) {}

    /// Instants come in order.
    void MoveTo(Duration at) {
        for (; m_next < m_steps.size() && m_steps[m_next].at <= at; ++m_next) {
            const LinkStep& step = m_steps[m_next];
            m_delay = step.delay.value_or(m_delay);
            m_jitter = step.jitter.value_or(m_jitter);
            m_rate = step.rate.value_or(m_rate);
            m_last = step.at;
        }
    }
    Duration Least() const { return m_link.jitterNormal ? m_delay : m_delay - m_jitter; }
    Duration Most() const {
        return m_delay + (m_link.jitterNormal ? kNormalReach * m_jitter : m_jitter);
    }
    Duration Jitter() const { return m_jitter; }
    double Rate() const { return m_rate; }
    bool Steps() const { return !m_steps.empty(); }
    bool Settled(Duration at) const { return !m_last || at - *m_last > kSettle; }

  private:
    const LinkSpec& m_link;
    Duration m_delay;
    Duration m_jitter;
    double m_rate;
    std::vector<LinkStep> m_steps;
    std::size_t m_next = 0;
    std::optional<Duration> m_last;
};

/// One direction of one run.
class Check {
  public:
    Check(const LinkSpec& link, Duration until, Duration end)
        : m_link(link),
          m_until(until),
          m_end(end),
          m_impairment(ChannelImpairment(link, until)),
          m_course(link, until) {}

    void Add(const Crossing& crossing, std::uint64_t number) {
        const Duration begun = crossing.begun.time_since_epoch();
        const Duration left = crossing.left.time_since_epoch();
        if (left < begun) return;
        // A packet meets what holds as its transmission begins, except for blackouts.
        m_course.MoveTo(begun);
        AddRate(begun, left, crossing.bytes);
        AddLoss(left, crossing, number);
        if (crossing.arrived) AddDelay(left, crossing.arrived->time_since_epoch());
    }

    std::string Verdict(std::uint64_t damaged) const {
        for (const auto& problem : {LossProblem(damaged), DelayProblem(), RateProblem()}) {
            if (!problem.empty()) return problem;
        }
        if (!m_link.reorder && m_overtaken > 0) {
            return fmt::format("{} packets were overtaken, expected none", m_overtaken);
        }
        return {};
    }

  private:
    /// What is still on its way at the end is neither lost nor there.
    bool Undecided(Duration left) const {
        return left + m_course.Most() + m_longestWait + kCheckDelay >= m_end;
    }

    void AddLoss(Duration left, const Crossing& crossing, std::uint64_t number) {
        if (!crossing.arrived && Undecided(left)) return;
        if (InBlackout(m_impairment.blackout, left)) {
            m_ofBlackout += crossing.arrived ? 1 : 0;
            return;
        }
        if (m_impairment.loss.dropList.Contains(number)) {
            m_ofDropList += crossing.arrived ? 1 : 0;
            return;
        }
        ++m_offered;
        if (!crossing.arrived) ++m_lost;
    }

    void AddDelay(Duration left, Duration arrived) {
        const Duration delay = arrived - left;
        // Those that must not overtake wait for those that had the longer delay before a step.
        const bool waits =
            !m_link.reorder && (arrived <= m_latest + kCheckDelay || !m_course.Settled(left));
        if (waits) m_longestWait = std::max(m_longestWait, delay - m_course.Most());
        if (arrived < m_latest) ++m_overtaken;
        m_latest = std::max(m_latest, arrived);
        const bool early = delay < m_course.Least() - kCheckDelay;
        const bool late = delay > m_course.Most() + kCheckDelay && !waits;
        if (early || late) {
            ++m_offTime;
            m_worst = delay;
        }
        ++m_arrived;
        m_shortest = std::min(m_shortest, delay);
        m_longest = std::max(m_longest, delay);
    }

    void AddRate(Duration begun, Duration left, std::uint32_t bytes) {
        if (m_link.trace) {
            m_traceBytes += bytes - kPppHeader;
            if (m_firstBegun < Duration::zero()) m_firstBegun = begun;
            m_lastLeft = left;
            return;
        }
        // A packet that meets a pause at rate zero takes as long as that.
        if (m_course.Rate() <= 0) return;
        m_bits += 8.0 * bytes * m_link.rate / m_course.Rate();
        m_busy += ToSeconds(left - begun);
    }

    std::string LossProblem(std::uint64_t damaged) const {
        if (m_ofBlackout > 0) {
            return fmt::format("{} packets passed during blackouts, expected none", m_ofBlackout);
        }
        if (m_ofDropList > 0) {
            return fmt::format("{} packets of the drop list passed, expected none", m_ofDropList);
        }
        if (m_offered == 0) return {};
        const auto offered = static_cast<double>(m_offered);
        const auto lost = static_cast<double>(m_lost - std::min(damaged, m_lost));
        const double share = MeanLoss(m_impairment.loss.process);
        const double allowed = kCheckSigmas * LossDeviation(m_impairment.loss.process, offered) +
                               (share > 0 ? kCheckPackets : 0);
        if (std::abs(lost - share * offered) <= allowed) return {};
        return fmt::format("lost {} of {} packets, expected {:.1f} and at most {:.1f} more or less",
                           lost, offered, share * offered, allowed);
    }

    std::string DelayProblem() const {
        if (m_offTime > 0) {
            return fmt::format("{} of {} packets took another time than expected, as {:.3f} ms",
                               m_offTime, m_arrived, ToMilliseconds(m_worst));
        }
        const bool judged = m_arrived >= kEnough && m_link.reorder && !m_course.Steps();
        const Duration spread = m_longest - m_shortest;
        if (judged && spread < m_link.jitter) {
            return fmt::format("delays varied by {:.3f} ms, expected a jitter of {:.3f} ms",
                               ToMilliseconds(spread), ToMilliseconds(m_link.jitter));
        }
        return {};
    }

    std::string RateProblem() const {
        if (m_link.trace) return TraceProblem();
        if (m_busy <= 0) return {};
        const double rate = m_bits / m_busy;
        if (std::abs(rate / m_link.rate - 1) <= kCheckRate) return {};
        return fmt::format("sent at {:.4f} Mbit/s, expected {:.4f}", rate / 1e6, m_link.rate / 1e6);
    }

    /// Nobody can say what it would have delivered while nothing waited; but no more than this.
    std::string TraceProblem() const {
        if (m_traceBytes == 0) return {};
        const double most =
            CapacityBits(m_link, m_until, m_firstBegun, m_lastLeft + nanoseconds(1)) / 8;
        if (static_cast<double>(m_traceBytes) <= most) return {};
        return fmt::format("delivered {} bytes, expected at most {:.0f}", m_traceBytes, most);
    }

    const LinkSpec& m_link;
    Duration m_until;
    Duration m_end;
    ImpairmentConfig m_impairment;
    Course m_course;

    std::uint64_t m_offered = 0;
    std::uint64_t m_lost = 0;
    std::uint64_t m_ofBlackout = 0;
    std::uint64_t m_ofDropList = 0;
    std::uint64_t m_arrived = 0;
    std::uint64_t m_offTime = 0;
    std::uint64_t m_overtaken = 0;
    Duration m_worst{};
    Duration m_latest{-1};
    Duration m_longestWait{};
    Duration m_shortest = Duration::max();
    Duration m_longest{};
    double m_bits = 0;
    double m_busy = 0;
    std::uint64_t m_traceBytes = 0;
    Duration m_firstBegun{-1};
    Duration m_lastLeft{};
};

double BurstFactor(const GilbertElliottLoss& loss) {
    const double turnover = loss.goodToBad + loss.badToGood;
    const double stays = std::max(0.0, 1 - turnover);
    return (1 + stays) / (1 - stays);
}

}  // namespace

double LossDeviation(const LossProcess& process, double packets) {
    const double share = MeanLoss(process);
    double variance = packets * share * (1 - share);
    if (const auto* bursts = std::get_if<GilbertElliottLoss>(&process)) {
        variance *= BurstFactor(*bursts);
    }
    return std::sqrt(variance);
}

std::string CheckHop(const LinkSpec& link, Duration until, Duration end,
                     const std::vector<Crossing>& crossings, std::uint64_t damaged) {
    Check check(link, until, end);
    for (std::size_t i = 0; i < crossings.size(); ++i) check.Add(crossings[i], i + 1);
    return check.Verdict(damaged);
}

}  // namespace crsp::lab
