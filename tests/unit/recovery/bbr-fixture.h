// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>

#include "model/recovery/bbr.h"
#include "model/recovery/rate.h"
#include "tests/unit/recovery/bulk-network.h"

namespace crsp {

/// One flow with the draft's BBR over a path that never changes unless the test says so: 10 Mbit/s
/// and 100 ms by default.
class BbrPathTest : public ::testing::Test {
  protected:
    using Phase = Bbr::Phase;

    static constexpr Duration kPatience = seconds(30);
    static constexpr std::uint64_t kBdp = 125'000;

    /// A queue of four bandwidth-delay products: what BBR keeps in flight loses nothing.
    void Start(BulkPath path = {.queue = 4 * kBdp}, BbrVariant variant = BbrVariant::kDraft) {
        m_network.emplace(path);
        auto bbr = std::make_unique<Bbr>(BulkFlow::kBytes, variant, 1);
        m_bbr = bbr.get();
        m_flow = &m_network->Add(std::move(bbr));
    }
    bool Reach(Phase phase, Duration patience = kPatience) {
        return m_network->RunUntil([&] { return m_bbr->GetPhase() == phase; }, patience);
    }
    bool Leave(Phase phase, Duration patience = kPatience) {
        return m_network->RunUntil([&] { return m_bbr->GetPhase() != phase; }, patience);
    }
    /// The phases met in `duration`, the present one included.
    std::set<Phase> PhasesWithin(Duration duration) {
        std::set<Phase> phases;
        m_network->RunUntil(
            [&] {
                phases.insert(m_bbr->GetPhase());
                return false;
            },
            duration);
        return phases;
    }
    /// The pacing gain in percent, seen from outside.
    double Gain() const {
        return 100.0 * static_cast<double>(m_flow->PacingRate()) /
               (0.99 * static_cast<double>(m_bbr->Bandwidth()));
    }
    std::uint64_t EstimatedBdp() const {
        return BytesIn(m_bbr->Bandwidth(), m_bbr->MinRtt().value_or(Duration{}));
    }
    /// The share of the bottleneck that arrives during `duration`.
    double Utilisation(Duration duration) {
        const std::uint64_t before = m_flow->Received();
        m_network->RunFor(duration);
        return static_cast<double>(m_flow->Received() - before) /
               static_cast<double>(BytesIn(m_network->Path().rate, duration));
    }
    void SetApplicationRate(std::optional<std::uint64_t> rate) {
        m_flow->SetApplicationRate(rate);
        m_network->Wake(*m_flow);
    }
    /// The next round trips are the shortest so far, so that no ProbeRTT is due for five seconds.
    void ShortenPath() {
        m_network->SetRoundTrip(m_network->Path().roundTrip - milliseconds(3));
        m_network->RunFor(milliseconds(150));
    }
    /// From now on every `nth` packet is dropped.
    void DropEvery(std::uint64_t nth) {
        m_network->SetFilter(
            [nth](PacketNumber number) { return BulkNetwork::Fate{.dropped = number % nth == 0}; });
    }
    void DropNothing() { m_network->SetFilter({}); }

    std::optional<BulkNetwork> m_network;
    Bbr* m_bbr = nullptr;
    BulkFlow* m_flow = nullptr;
};

}  // namespace crsp
