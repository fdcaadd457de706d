// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/loss-model.h"

#include <string>

namespace crsp {

bool CappedChance::Draw() {
    const bool drawn = m_random.Chance(m_probability);
    const bool capped = m_maxBurst > 0 && m_run >= m_maxBurst;
    const bool result = drawn && !capped;
    m_run = result ? m_run + 1 : 0;
    return result;
}

GilbertElliottChain::GilbertElliottChain(const GilbertElliottLoss& config, Random state,
                                         Random loss)
    : m_config(config), m_state(state), m_loss(loss) {
    const double moves = config.goodToBad + config.badToGood;
    m_bad = m_state.Chance(moves > 0 ? config.goodToBad / moves : 0);
}

bool GilbertElliottChain::Draw() {
    if (m_state.Chance(m_bad ? m_config.badToGood : m_config.goodToBad)) m_bad = !m_bad;
    return m_loss.Chance(m_bad ? m_config.lossInBad : m_config.lossInGood);
}

LossModel::LossModel(const LossConfig& config, std::uint64_t seed, std::string_view name)
    : m_dropList(config.dropList) {
    const auto loss = Random::Stream(seed, std::string(name) + "/loss");
    if (const auto* bernoulli = std::get_if<BernoulliLoss>(&config.process)) {
        m_process.emplace<CappedChance>(bernoulli->probability, bernoulli->maxBurst, loss);
    } else if (const auto* model = std::get_if<GilbertElliottLoss>(&config.process)) {
        const auto state = Random::Stream(seed, std::string(name) + "/loss-state");
        m_process.emplace<GilbertElliottChain>(*model, state, loss);
    }
}

bool LossModel::Draw() {
    bool lost = m_dropList.Contains(++m_packets);
    if (auto* chance = std::get_if<CappedChance>(&m_process)) lost |= chance->Draw();
    if (auto* chain = std::get_if<GilbertElliottChain>(&m_process)) lost |= chain->Draw();
    return lost;
}

}  // namespace crsp
