// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/impairment-config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace crsp {
namespace {

/// Collects the first complaint, so that a check reads as a list of rules.
class Checker {
  public:
    template <class... Args>
    void Require(bool holds, fmt::format_string<Args...> format, Args&&... args) {
        if (!holds && m_error.empty()) {
            m_error = fmt::format(format, std::forward<Args>(args)...);
        }
    }

    void Probability(std::string_view field, double value) {
        // Written so that NaN fails too.
        Require(value >= 0 && value <= 1, "{} is {}; a probability lies in [0, 1]", field, value);
    }

    void Time(std::string_view field, Duration value) {
        Require(value >= Duration{0}, "{} is {} ms; it must not be negative", field,
                ToMilliseconds(value));
        Require(value <= kMaxImpairmentTime, "{} is {} s; the limit is one year", field,
                ToSeconds(value));
    }

    Expected<void, std::string> Result() && {
        if (m_error.empty()) return {};
        return Fail(std::move(m_error));
    }

  private:
    std::string m_error;
};

void CheckLoss(Checker& check, const LossConfig& loss) {
    if (const auto* bernoulli = std::get_if<BernoulliLoss>(&loss.process)) {
        check.Probability("loss.probability", bernoulli->probability);
    }
    if (const auto* model = std::get_if<GilbertElliottLoss>(&loss.process)) {
        check.Probability("loss.goodToBad", model->goodToBad);
        check.Probability("loss.badToGood", model->badToGood);
        check.Probability("loss.lossInGood", model->lossInGood);
        check.Probability("loss.lossInBad", model->lossInBad);
    }
    check.Require(!loss.dropList.Contains(0),
                  "loss.dropList contains 0; packets are counted from 1");
}

void CheckDelays(Checker& check, const ImpairmentConfig& config) {
    check.Time("delay", config.delay);
    check.Time("jitter.spread", config.jitter.spread);
    check.Require(
        config.jitter.kind != JitterConfig::Kind::kUniform || config.jitter.spread <= config.delay,
        "jitter.spread is {} ms, more than the delay of {} ms; a packet cannot arrive before it "
        "was sent",
        ToMilliseconds(config.jitter.spread), ToMilliseconds(config.delay));
    check.Probability("reorder.probability", config.reorder.probability);
    check.Time("reorder.extraDelay", config.reorder.extraDelay);
    check.Require(config.reorder.probability == 0 || config.reorder.extraDelay > Duration{0},
                  "reorder.extraDelay is 0; held packets need a positive extra delay");
}

void CheckPackets(Checker& check, const ImpairmentConfig& config) {
    check.Probability("duplicate.probability", config.duplicate.probability);
    check.Require(config.duplicate.copies >= 1 && config.duplicate.copies <= kMaxCopies,
                  "duplicate.copies is {}; it lies in [1, {}]", config.duplicate.copies,
                  kMaxCopies);
    check.Probability("corrupt.probability", config.corrupt.probability);
    check.Require(config.corrupt.flippedBits >= 1 && config.corrupt.flippedBits <= kMaxFlippedBits,
                  "corrupt.flippedBits is {}; it lies in [1, {}]", config.corrupt.flippedBits,
                  kMaxFlippedBits);
    check.Probability("truncate.probability", config.truncate.probability);
}

bool IsRate(std::uint64_t bitsPerSecond) {
    return bitsPerSecond == 0 || bitsPerSecond >= kMinRate;
}

void CheckSchedule(Checker& check, const RateConfig& rate) {
    Duration previous{0};
    for (const auto& step : rate.schedule) {
        check.Time("rate.schedule", step.at);
        check.Require(step.at - previous >= kMinRateStep,
                      "rate.schedule has a step at {} ms; steps ascend from the origin and are at "
                      "least 1 ms apart",
                      ToMilliseconds(step.at));
        check.Require(IsRate(step.bitsPerSecond),
                      "rate.schedule has {} bit/s; a rate is 0 (hold) or at least {}",
                      step.bitsPerSecond, kMinRate);
        previous = step.at;
    }
    if (rate.schedulePeriod == Duration{0}) return;
    check.Require(!rate.schedule.empty(), "rate.schedulePeriod is set without rate.schedule");
    check.Require(rate.schedulePeriod - previous >= kMinRateStep,
                  "rate.schedulePeriod is {} ms; it must be at least 1 ms after the last step",
                  ToMilliseconds(rate.schedulePeriod));
}

bool EndsHeld(const RateConfig& rate) {
    const auto isZero = [](const RateStep& step) { return step.bitsPerSecond == 0; };
    if (rate.schedule.empty()) return *rate.bitsPerSecond == 0;
    if (rate.schedulePeriod == Duration{0}) return isZero(rate.schedule.back());
    return *rate.bitsPerSecond == 0 &&
           std::all_of(rate.schedule.begin(), rate.schedule.end(), isZero);
}

void CheckRate(Checker& check, const RateConfig& rate) {
    check.Time("rate.schedulePeriod", rate.schedulePeriod);
    check.Time("rate.queueTime", rate.queueTime.value_or(Duration{0}));
    check.Require(!rate.queuePackets || *rate.queuePackets <= kMaxQueuePackets,
                  "rate.queuePackets is {}; the limit is {}", rate.queuePackets.value_or(0),
                  kMaxQueuePackets);
    check.Require(rate.overheadBytes <= kMaxOverheadBytes,
                  "rate.overheadBytes is {}; the limit is {}", rate.overheadBytes,
                  kMaxOverheadBytes);
    CheckSchedule(check, rate);
    if (!rate.bitsPerSecond) {
        check.Require(rate.schedule.empty(),
                      "rate.bitsPerSecond is missing; rate.schedule needs it for the time before "
                      "its first step");
        check.Require(!rate.queueBytes && !rate.queuePackets && !rate.queueTime,
                      "rate.bitsPerSecond is missing; without a rate there is no queue to limit");
        return;
    }
    check.Require(IsRate(*rate.bitsPerSecond),
                  "rate.bitsPerSecond is {}; it must be at least {}, or 0 before a schedule",
                  *rate.bitsPerSecond, kMinRate);
    check.Require(!EndsHeld(rate),
                  "rate stays 0 for ever; end on a positive rate, or use a blackout");
}

void CheckBlackout(Checker& check, const BlackoutConfig& blackout) {
    Duration previous{0};
    for (const auto& interval : blackout.intervals) {
        check.Time("blackout.intervals", interval.begin);
        check.Time("blackout.intervals", interval.end);
        check.Require(interval.begin < interval.end,
                      "blackout.intervals has one from {} ms to {} ms; it must end after it begins",
                      ToMilliseconds(interval.begin), ToMilliseconds(interval.end));
        check.Require(interval.begin >= previous,
                      "blackout.intervals has one that begins at {} ms, before the one ahead of it "
                      "ends; they ascend without overlap",
                      ToMilliseconds(interval.begin));
        previous = interval.end;
    }
    check.Time("blackout.on", blackout.on);
    check.Time("blackout.off", blackout.off);
    check.Require((blackout.on > Duration{0}) == (blackout.off > Duration{0}),
                  "blackout.on and blackout.off are set together or not at all");
}

double CappedMeanLoss(const BernoulliLoss& loss) {
    if (loss.maxBurst == 0) return loss.probability;
    // A renewal cycle is a run of n <= maxBurst drops and the packet that ends it.
    double drops = 0;
    double power = 1;
    for (std::uint32_t i = 0; i < loss.maxBurst && power > 0; ++i)
        drops += power *= loss.probability;
    return drops / (1 + drops);
}

constexpr std::array<std::string_view, 5> kEcnTreatmentNames{"carry", "bleach", "remark",
                                                             "mark-all", "drop"};

}  // namespace

std::span<const std::string_view> EcnTreatmentNames() {
    return kEcnTreatmentNames;
}

Expected<void, std::string> Validate(const ImpairmentConfig& config) {
    Checker check;
    CheckLoss(check, config.loss);
    CheckDelays(check, config);
    CheckPackets(check, config);
    CheckRate(check, config.rate);
    CheckBlackout(check, config.blackout);
    check.Time("markAbove", config.markAbove.value_or(Duration{0}));
    check.Require(!config.markAbove || config.rate.bitsPerSecond,
                  "markAbove is set without rate.bitsPerSecond; without a rate there is no queue");
    return std::move(check).Result();
}

Expected<GilbertElliottLoss, std::string> GilbertFromMean(double meanLoss, double meanBurst) {
    Checker check;
    check.Require(meanLoss >= 0 && meanLoss < 1, "loss.mean is {}; it lies in [0, 1)", meanLoss);
    check.Require(meanBurst >= 1 && std::isfinite(meanBurst),
                  "loss.burst is {}; a burst has at least one packet", meanBurst);
    const double r = 1 / meanBurst;
    const double p = r * meanLoss / (1 - meanLoss);
    check.Require(p <= 1, "loss.burst is {}; a mean loss of {} needs longer bursts", meanBurst,
                  meanLoss);
    return std::move(check).Result().map([&] {
        return GilbertElliottLoss{.goodToBad = p, .badToGood = r, .lossInGood = 0, .lossInBad = 1};
    });
}

double MeanLoss(const LossProcess& process) {
    if (const auto* bernoulli = std::get_if<BernoulliLoss>(&process)) {
        return CappedMeanLoss(*bernoulli);
    }
    const auto* model = std::get_if<GilbertElliottLoss>(&process);
    if (model == nullptr) return 0;
    const double moves = model->goodToBad + model->badToGood;
    const double inBad = moves > 0 ? model->goodToBad / moves : 0;
    return inBad * model->lossInBad + (1 - inBad) * model->lossInGood;
}

}  // namespace crsp
