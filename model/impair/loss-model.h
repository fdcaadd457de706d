// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "model/base/random.h"
#include "model/impair/impairment-config.h"

namespace crsp {

/// Says yes with a probability, but never more than `maxBurst` times in a row (0: no cap). One
/// draw per call, also when the cap decides.
class CappedChance {
  public:
    CappedChance(double probability, std::uint32_t maxBurst, Random random)
        : m_probability(probability), m_maxBurst(maxBurst), m_random(random) {}

    bool Draw();

  private:
    double m_probability;
    std::uint32_t m_maxBurst;
    std::uint32_t m_run = 0;
    Random m_random;
};

/// Gilbert-Elliott with one stream for the state and another for the losses, so that two links
/// that differ in their loss shares only share every fade.
class GilbertElliottChain {
  public:
    GilbertElliottChain(const GilbertElliottLoss& config, Random state, Random loss);

    bool Draw();

  private:
    GilbertElliottLoss m_config;
    Random m_state;
    Random m_loss;
    bool m_bad;
};

/// Decides for each packet of one direction whether it is lost.
class LossModel {
  public:
    /// Draws from the streams `name`/loss and `name`/loss-state of `seed`.
    LossModel(const LossConfig& config, std::uint64_t seed, std::string_view name);

    /// Called once for every packet offered, in order; true if it is lost.
    bool Draw();

  private:
    std::variant<std::monostate, CappedChance, GilbertElliottChain> m_process;
    RangeSet m_dropList;
    std::uint64_t m_packets = 0;
};

}  // namespace crsp
