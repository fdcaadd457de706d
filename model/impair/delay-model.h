// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string_view>

#include "model/base/random.h"
#include "model/base/time.h"
#include "model/impair/impairment-config.h"

namespace crsp {

/// Draws the part of a delay that varies.
class JitterModel {
  public:
    JitterModel(const JitterConfig& config, Random random) : m_config(config), m_random(random) {}

    /// A uniform jitter may be negative, down to -spread.
    Duration Draw();
    void Change(const JitterConfig& config) { m_config = config; }

  private:
    JitterConfig m_config;
    Random m_random;
};

/// Turns departures into arrivals: constant delay, jitter, order, packets held back.
class DelayModel {
  public:
    /// Draws from the streams `name`/jitter, `name`/copy-jitter and `name`/reorder of `seed`.
    DelayModel(const ImpairmentConfig& config, std::uint64_t seed, std::string_view name);

    /// From the next packet on; the order that the old jitter kept is kept.
    void Change(Duration delay, const JitterConfig& jitter);

    /// What chance holds for the next packet.
    struct Fate {
        Duration jitter;
        bool heldBack;
    };

    /// Called once for every packet offered, in order, whatever becomes of it.
    Fate Draw();
    /// When a packet that left the serialiser at `departure` arrives. Called in the order offered,
    /// also for packets that are lost, so that a loss does not shift the arrivals behind it.
    TimePoint Arrive(TimePoint departure, const Fate& fate);
    /// When a copy of the packet last given to Arrive arrives, with a jitter from DrawCopy. Copies
    /// do not move later packets; without reordering they arrive no earlier than the last in order.
    TimePoint ArriveCopy(TimePoint departure, Duration jitter) const;
    Duration DrawCopy() { return m_copyJitter.Draw(); }

  private:
    Duration m_delay;
    bool m_mayReorder;
    ReorderConfig m_reorder;
    JitterModel m_jitter;
    JitterModel m_copyJitter;
    Random m_reorderRandom;
    TimePoint m_lastArrival = TimePoint::min();
};

}  // namespace crsp
