// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/delay-model.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace crsp {
namespace {

Duration Scale(Duration spread, double factor) {
    return Duration(std::llround(static_cast<double>(spread.count()) * factor));
}

}  // namespace

Duration JitterModel::Draw() {
    switch (m_config.kind) {
        case JitterConfig::Kind::kUniform:
            return Scale(m_config.spread, 2 * m_random.Uniform() - 1);
        case JitterConfig::Kind::kTruncatedNormal:
            return Scale(m_config.spread, std::min(std::abs(m_random.Normal()), 3.0));
        case JitterConfig::Kind::kNone:
            break;
    }
    return Duration{0};
}

DelayModel::DelayModel(const ImpairmentConfig& config, std::uint64_t seed, std::string_view name)
    : m_delay(config.delay),
      m_mayReorder(config.jitter.mayReorder),
      m_reorder(config.reorder),
      m_jitter(config.jitter, Random::Stream(seed, std::string(name) + "/jitter")),
      m_copyJitter(config.jitter, Random::Stream(seed, std::string(name) + "/copy-jitter")),
      m_reorderRandom(Random::Stream(seed, std::string(name) + "/reorder")) {}

void DelayModel::Change(Duration delay, const JitterConfig& jitter) {
    m_delay = delay;
    m_mayReorder = jitter.mayReorder;
    m_jitter.Change(jitter);
    m_copyJitter.Change(jitter);
}

DelayModel::Fate DelayModel::Draw() {
    const auto jitter = m_jitter.Draw();
    return {jitter, m_reorderRandom.Chance(m_reorder.probability)};
}

TimePoint DelayModel::Arrive(TimePoint departure, const Fate& fate) {
    const TimePoint free = departure + m_delay + fate.jitter;
    if (fate.heldBack) return free + m_reorder.extraDelay;
    if (m_mayReorder) return free;
    m_lastArrival = std::max(m_lastArrival, free);
    return m_lastArrival;
}

TimePoint DelayModel::ArriveCopy(TimePoint departure, Duration jitter) const {
    const TimePoint free = departure + m_delay + jitter;
    return m_mayReorder ? free : std::max(free, m_lastArrival);
}

}  // namespace crsp
