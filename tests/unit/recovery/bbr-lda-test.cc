// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/bbr-lda.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "model/recovery/cubic.h"
#include "model/recovery/rate.h"
#include "tests/unit/recovery/bulk-network.h"

namespace crsp {
namespace {

/// Flows over 10 Mbit/s and 100 ms unless said otherwise.
class BbrLdaTest : public ::testing::Test {
  protected:
    static constexpr std::uint64_t kRate = 1'250'000;
    static constexpr std::uint64_t kBdp = 125'000;

    void Start(const BulkPath& path) {
        m_network.emplace(path);
        m_flows.clear();
    }
    BbrLda& AddLda(std::uint64_t seed = 0) {
        auto lda = std::make_unique<BbrLda>(BulkFlow::kBytes, seed + m_flows.size() + 1);
        BbrLda& controller = *lda;
        m_flows.push_back(&m_network->Add(std::move(lda)));
        return controller;
    }
    void AddCubic() {
        m_flows.push_back(&m_network->Add(std::make_unique<Cubic>(BulkFlow::kBytes)));
    }
    /// The share of the bottleneck that each flow gets during `duration`.
    std::vector<double> Shares(Duration duration) {
        std::vector<std::uint64_t> before;
        for (const auto* flow : m_flows) before.push_back(flow->Received());
        m_network->RunFor(duration);
        std::vector<double> shares;
        const auto all = static_cast<double>(BytesIn(m_network->Path().rate, duration));
        for (std::size_t i = 0; i < m_flows.size(); ++i) {
            shares.push_back(static_cast<double>(m_flows[i]->Received() - before[i]) / all);
        }
        return shares;
    }
    static double Jain(const std::vector<double>& shares) {
        const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
        const double squares =
            std::inner_product(shares.begin(), shares.end(), shares.begin(), 0.0);
        return sum * sum / (static_cast<double>(shares.size()) * squares);
    }
    double LossShare(Duration duration) {
        const std::uint64_t sent = m_flows[0]->Sent();
        const std::uint64_t dropped = m_flows[0]->Dropped();
        m_network->RunFor(duration);
        return static_cast<double>(m_flows[0]->Dropped() - dropped) /
               static_cast<double>(m_flows[0]->Sent() - sent);
    }

    std::optional<BulkNetwork> m_network;
    std::vector<BulkFlow*> m_flows;
};

TEST_F(BbrLdaTest, FillsAPathThatLosesFivePercentAtRandom) {
    Start({.queue = kBdp, .loss = 0.05});
    AddLda();
    m_network->RunFor(seconds(5));
    EXPECT_GE(Shares(seconds(30))[0], 0.95 * 0.95);
}

TEST_F(BbrLdaTest, StartupOnACleanPathLosesNothingWithHalfAProductOfQueue) {
    Start({.queue = kBdp / 2});
    AddLda();
    m_network->RunFor(seconds(3));
    EXPECT_EQ(m_flows[0]->Dropped(), 0u);
    EXPECT_GE(Shares(seconds(1))[0], 0.9);
}

TEST_F(BbrLdaTest, StartupReachesNineTenthsWithinEightRoundTrips) {
    Start({.queue = kBdp});
    AddLda();
    m_network->RunFor(milliseconds(800));
    EXPECT_GE(Shares(milliseconds(500))[0], 0.9);
}

TEST_F(BbrLdaTest, TheStandingQueueIsAtMostHalfAProduct) {
    Start({.queue = 2 * kBdp});
    AddLda();
    m_network->RunFor(seconds(2));
    m_network->ForgetDelays();
    EXPECT_GE(Shares(seconds(30))[0], 0.95);
    EXPECT_LE(m_network->QueueDelay(95), Duration{milliseconds(50)});
}

TEST_F(BbrLdaTest, TwoFlowsShareABottleneckFairly) {
    Start({.queue = kBdp});
    AddLda();
    m_network->RunFor(seconds(3));
    AddLda();
    m_network->RunFor(seconds(20));
    const auto shares = Shares(seconds(20));
    EXPECT_GE(Jain(shares), 0.95) << shares[0] << " " << shares[1];
    EXPECT_GE(shares[0] + shares[1], 0.9);
}

TEST_F(BbrLdaTest, AgainstCubicEachGetsItsShare) {
    constexpr int kRuns = 5;
    double ours = 0;
    for (int run = 0; run < kRuns; ++run) {
        Start({.queue = kBdp});
        AddLda(10 * run);
        AddCubic();
        m_network->RunFor(seconds(20));
        const auto shares = Shares(seconds(40));
        ours += shares[0] / kRuns;
        for (const double share : shares) EXPECT_GE(share, 0.2) << run;
    }
    EXPECT_GE(ours, 0.25);
    EXPECT_LE(ours, 0.75);
}

TEST_F(BbrLdaTest, LossesThatThePathExplainsDoNotCostItsShareInCompetition) {
    Start({.queue = kBdp, .loss = 0.005});
    const BbrLda& lda = AddLda();
    AddCubic();
    AddCubic();
    AddCubic();
    ASSERT_TRUE(m_network->RunUntil([&] { return lda.Competing(); }, seconds(60)));
    EXPECT_GE(Shares(seconds(40))[0], 0.4);
}

TEST_F(BbrLdaTest, KeepsTheQueueShortAgainOnceTheOtherIsGone) {
    Start({.queue = kBdp});
    const BbrLda& lda = AddLda();
    AddCubic();
    ASSERT_TRUE(m_network->RunUntil([&] { return lda.Competing(); }, seconds(60)));
    EXPECT_EQ(lda.State(), "competing");
    m_flows[1]->SetApplicationRate(0);
    m_network->RunFor(seconds(20));
    EXPECT_FALSE(lda.Competing());
    m_network->ForgetDelays();
    EXPECT_GE(Shares(seconds(20))[0], 0.93);
    EXPECT_LE(m_network->QueueDelay(95), Duration{milliseconds(50)});
}

TEST_F(BbrLdaTest, AloneItNeverCompetes) {
    Start({.queue = kBdp});
    const BbrLda& lda = AddLda();
    for (int second = 0; second < 60; ++second) {
        m_network->RunFor(seconds(1));
        EXPECT_FALSE(lda.Competing()) << second;
    }
}

TEST_F(BbrLdaTest, FindsTenTimesTheCapacityWithinFiveSeconds) {
    Start({.queue = kBdp});
    AddLda();
    m_network->RunFor(seconds(10));
    m_network->SetRate(10 * kRate);
    m_network->SetQueue(10 * kBdp);
    m_network->RunFor(seconds(5));
    EXPECT_GE(Shares(seconds(1))[0], 0.9);
}

TEST_F(BbrLdaTest, FollowsATenthOfTheCapacity) {
    Start({.rate = 10 * kRate, .queue = 10 * kBdp});
    AddLda();
    m_network->RunFor(seconds(5));
    m_network->SetRate(kRate);
    m_network->SetQueue(kBdp);
    m_network->RunFor(seconds(10));
    EXPECT_LE(LossShare(seconds(10)), 0.02);
    EXPECT_GE(Shares(seconds(10))[0], 0.9);
}

TEST_F(BbrLdaTest, ALinkThatSuddenlySlowsDownDropsLittleOfWhatIsInFlight) {
    Start({.rate = 10 * kRate, .queue = 10 * kBdp});
    AddLda();
    m_network->RunFor(seconds(10));
    m_network->SetRate(kRate);
    EXPECT_LE(LossShare(seconds(2)), 0.05) << "of a queue as long as the path was";
}

TEST_F(BbrLdaTest, APathThatBecomesTwiceAsLongIsFullAgain) {
    Start({.rate = 10 * kRate, .queue = 10 * kBdp, .roundTrip = milliseconds(50)});
    const BbrLda& lda = AddLda();
    m_network->RunFor(seconds(10));
    m_network->SetRoundTrip(milliseconds(100));
    m_network->RunFor(seconds(18));
    EXPECT_FALSE(lda.Competing()) << "there is nobody, and the queue is empty";
    EXPECT_GE(Shares(seconds(2))[0], 0.95);
}

TEST_F(BbrLdaTest, OnALinkWhereFourPacketsAreAQueueItCompetesWithNobodyForLong) {
    constexpr std::uint64_t kSlow = 15'000;
    Start({.rate = 4 * kSlow, .queue = 20 * kSlow, .roundTrip = milliseconds(40)});
    const BbrLda& lda = AddLda();
    m_network->RunFor(milliseconds(800));
    m_network->SetRate(kSlow);
    ASSERT_TRUE(m_network->RunUntil([&] { return lda.Competing(); }, seconds(10)))
        << "the queue of the faster link takes its time";
    m_network->RunFor(seconds(30));
    EXPECT_FALSE(lda.Competing());
    m_network->ForgetDelays();
    EXPECT_GE(Shares(seconds(30))[0], 0.9);
    EXPECT_LE(m_network->QueueDelay(95), Duration{seconds(1)});
}

TEST_F(BbrLdaTest, AManagedQueueIsNoLossyPath) {
    Start({.queue = 3 * kBdp, .roundTrip = milliseconds(50), .managed = true});
    AddLda();
    AddLda();
    AddLda();
    AddCubic();
    m_network->RunFor(seconds(10));
    EXPECT_LE(LossShare(seconds(30)), 0.08) << "46 % if they make up for what it drops";
}

TEST_F(BbrLdaTest, APolicerDoesNotMeanSustainedLoss) {
    Start({.rate = 10 * kRate, .queue = 10 * kBdp});
    AddLda();
    m_network->SetPolicer(kRate, 200'000);
    m_network->RunFor(seconds(20));
    EXPECT_LE(LossShare(seconds(20)), 0.05);
    EXPECT_GE(Shares(seconds(10))[0] * 10, 0.7) << "of what the policer lets through";
}

}  // namespace
}  // namespace crsp
