// SPDX-License-Identifier: BSD-3-Clause
// The state machine of BBR (model/recovery/bbr-states.cc); bbr-appendix-test.cc has the draft's own
// cases of it.

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/recovery/bbr-fixture.h"

namespace crsp {
namespace {

class BbrStatesTest : public BbrPathTest {
  protected:
    struct Change {
        Phase phase;
        TimePoint at;
    };
    /// The phases entered during `duration`, in their order, the present one first.
    std::vector<Change> Changes(Duration duration) {
        std::vector<Change> changes{{m_bbr->GetPhase(), m_network->Now()}};
        m_network->RunUntil(
            [&] {
                if (m_bbr->GetPhase() != changes.back().phase) {
                    changes.push_back({m_bbr->GetPhase(), m_network->Now()});
                }
                return false;
            },
            duration);
        return changes;
    }
    static std::vector<Phase> PhasesOf(const std::vector<Change>& changes) {
        std::vector<Phase> phases;
        for (const Change& change : changes) phases.push_back(change.phase);
        return phases;
    }
};

TEST_F(BbrStatesTest, GoesThroughTheCycleInOrder) {
    Start();
    auto phases = PhasesOf(Changes(milliseconds(4900)));
    ASSERT_GE(phases.size(), 6u);
    phases.resize(6);
    EXPECT_EQ(phases, (std::vector{Phase::kStartup, Phase::kDrain, Phase::kProbeCruise,
                                   Phase::kProbeRefill, Phase::kProbeUp, Phase::kProbeDown}));
}

TEST_F(BbrStatesTest, ProbesTwoToThreeSecondsAfterTheLastProbe) {
    Start();
    const auto changes = Changes(seconds(60));
    Change began = changes[0];  // of the cycle
    int probes = 0;
    for (std::size_t i = 1; i < changes.size(); ++i) {
        const bool down = changes[i].phase == Phase::kProbeDown;
        const bool afterRtt = changes[i - 1].phase == Phase::kProbeRtt;
        if (down || afterRtt || changes[i - 1].phase == Phase::kDrain) began = changes[i];
        if (changes[i].phase != Phase::kProbeRefill) continue;
        ++probes;
        EXPECT_GE(changes[i].at - began.at, Duration{seconds(2)});
        EXPECT_LE(changes[i].at - began.at, Duration{milliseconds(3100)});
    }
    EXPECT_GE(probes, 12);
}

TEST_F(BbrStatesTest, OnAShortPathProbesAsOftenAsRenoWould) {
    // Ten packets fit in flight: ten rounds of 10 ms.
    Start({.queue = 50'000, .roundTrip = milliseconds(10)});
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    ASSERT_TRUE(Reach(Phase::kProbeCruise));
    const TimePoint cruising = m_network->Now();
    ASSERT_TRUE(Reach(Phase::kProbeRefill));
    EXPECT_LT(m_network->Now() - cruising, Duration{milliseconds(200)});
}

TEST_F(BbrStatesTest, AfterAProbeThatWentTooHighTheNextIsShortAndThenGoesOn) {
    Start({.queue = kBdp / 3});
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    ASSERT_TRUE(Leave(Phase::kProbeUp));
    ASSERT_NE(m_bbr->InflightLongterm(), kUnbounded) << "it went too high";
    m_network->SetQueue(4 * kBdp);  // there is room now
    ASSERT_TRUE(Reach(Phase::kProbeUp));
    const auto changes = Changes(milliseconds(1500));
    ASSERT_GE(changes.size(), 4u);
    EXPECT_EQ(changes[1].phase, Phase::kProbeDown);
    EXPECT_LT(changes[1].at - changes[0].at, Duration{milliseconds(250)}) << "precautionary";
    EXPECT_EQ(changes[2].phase, Phase::kProbeRefill) << "no cruising";
    EXPECT_EQ(changes[3].phase, Phase::kProbeUp);
}

TEST_F(BbrStatesTest, ProbesForTheRoundTripEveryFiveSeconds) {
    Start();
    TimePoint last{};
    int probes = 0;
    for (const Change& change : Changes(seconds(60))) {
        if (change.phase != Phase::kProbeRtt) continue;
        if (probes++ > 0) {
            EXPECT_GE(change.at - last, Duration{seconds(5)});
            EXPECT_LE(change.at - last, Duration{seconds(6)});
        }
        last = change.at;
    }
    EXPECT_GE(probes, 9);
}

TEST_F(BbrStatesTest, AShorterPathIsFoundAtOnceALongerOneInTime) {
    Start();
    m_network->RunFor(seconds(3));
    m_network->SetRoundTrip(milliseconds(60));
    m_network->RunFor(milliseconds(500));
    EXPECT_LE(m_bbr->MinRtt(), Duration{milliseconds(75)});
    m_network->SetRoundTrip(milliseconds(150));
    m_network->RunFor(seconds(5));
    EXPECT_LE(m_bbr->MinRtt(), Duration{milliseconds(75)});
    m_network->RunFor(seconds(15));
    EXPECT_GE(m_bbr->MinRtt(), Duration{milliseconds(150)});
}

TEST_F(BbrStatesTest, ItsVariantThatJudgesLossLeavesStartupWhenAQueueStands) {
    const auto longestWait = [this](BbrVariant variant) {
        Start({.queue = 8 * kBdp}, variant);
        m_network->RunFor(seconds(2));
        return m_network->QueueDelay(100);
    };
    const Duration draft = longestWait(BbrVariant::kDraft);
    EXPECT_LT(longestWait(BbrVariant::kLossJudged), draft * 3 / 4);
}

TEST_F(BbrStatesTest, ItsVariantThatJudgesLossProbesWithAShortQueue) {
    Start({.queue = 8 * kBdp}, BbrVariant::kLossJudged);
    m_network->RunFor(seconds(3));
    m_network->ForgetDelays();
    EXPECT_GE(Utilisation(seconds(30)), 0.95);
    EXPECT_LT(m_network->QueueDelay(100), Duration{milliseconds(60)});
}

TEST_F(BbrStatesTest, ItsVariantThatJudgesLossSpeedsUpWhereAProbeFindsMuchMore) {
    Start({.queue = kBdp}, BbrVariant::kLossJudged);
    m_network->RunFor(seconds(5));
    m_network->SetRate(12'500'000);
    m_network->SetQueue(10 * kBdp);
    EXPECT_TRUE(Reach(Phase::kStartup, seconds(5)));
    EXPECT_TRUE(Reach(Phase::kDrain, seconds(3)));
    EXPECT_GE(m_bbr->MaxBandwidth(), 11'000'000u);
}

}  // namespace
}  // namespace crsp
