// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-suites.h"

#include <gtest/gtest.h>

#include <set>

#include "scenarios/lab/bench-grid.h"
#include "scenarios/lab/bench-metrics.h"

namespace crsp::lab {
namespace {

std::vector<BenchCell> AllCells(bool quick) {
    std::vector<BenchCell> all;
    for (auto* suite : {MatrixCells, StartupCells, FairnessCells}) {
        const auto cells = suite({quick, {}});
        all.insert(all.end(), cells.begin(), cells.end());
    }
    return all;
}

TEST(BenchSuites, NamesTellCellsApart) {
    for (const bool quick : {true, false}) {
        std::set<std::string> names;
        for (const BenchCell& cell : AllCells(quick)) {
            EXPECT_TRUE(names.insert(cell.Name()).second) << cell.Name();
        }
    }
}

TEST(BenchSuites, EveryCellCanRun) {
    for (const BenchCell& cell : AllCells(false)) {
        EXPECT_FALSE(cell.flows.empty()) << cell.Name();
        EXPECT_LT(cell.warmup, cell.stop) << cell.Name();
        EXPECT_GT(cell.link.rate, 0) << cell.Name();
        for (const BenchFlow& flow : cell.flows) EXPECT_LT(flow.start, cell.stop) << cell.Name();
    }
}

TEST(BenchSuites, OnlyTheGatedVariantHasTargetsAndAllOfItsRowsDo) {
    for (const BenchCell& cell : AllCells(false)) {
        EXPECT_EQ(cell.gates.empty(), cell.variant != kGatedVariant) << cell.Name();
    }
}

TEST(BenchSuites, MatrixIsTheWholeGrid) {
    const auto cells = MatrixCells({false, {"crsp/bbr_lda"}});
    EXPECT_EQ(cells.size(), 2u * 3u * 6u);
    for (const BenchCell& cell : cells) {
        EXPECT_EQ(cell.warmup, 20 * cell.link.rtt);
        EXPECT_GE(cell.stop - cell.warmup, seconds(30));
        EXPECT_EQ(cell.link.queueBdp, 1);
    }
}

TEST(BenchSuites, TransfersAlwaysHaveTheirCompetitors) {
    std::set<std::string> names;
    const auto cells = StartupCells({false, {"crsp/bbr_lda"}});
    for (const BenchCell& cell : cells) names.insert(cell.Name());
    for (const BenchCell& cell : cells) {
        for (const BenchGate& gate : cell.gates) {
            for (const BenchVariant& beside : gate.beside) {
                BenchCell other = cell;
                other.variant = beside;
                EXPECT_EQ(names.count(other.Name()), 1u) << other.Name();
            }
        }
    }
}

TEST(BenchSuites, LimitsOfTheSlowestTransferAreThoseOfItsPath) {
    std::size_t found = 0;
    for (const BenchCell& cell : StartupCells({false, {}})) {
        if (cell.row != "100M-300ms-loss10-10MiB" || cell.gates.empty()) continue;
        ASSERT_EQ(cell.gates.size(), 2u);
        EXPECT_EQ(cell.gates[1].max, 4.0);
        ++found;
    }
    EXPECT_EQ(found, 1u);
}

TEST(BenchSuites, QueueAndNamesFollowFromThePath) {
    BenchLink link;
    link.rate = 100 * kMegabit;
    link.rtt = milliseconds(20);
    EXPECT_DOUBLE_EQ(BdpBytes(link), 250'000);
    link.queueBdp = 0.2;
    EXPECT_EQ(BenchQueueBytes(link), 50'000u);
    link.queueBdp = 0.001;
    EXPECT_EQ(BenchQueueBytes(link), 3'000u);
    EXPECT_EQ(PathName(link.rate, link.rtt), "100M-20ms");
    EXPECT_EQ(LossName({0.001, 1}), "loss0.1");
    EXPECT_EQ(LossName({0.02, 3}), "ge2b3");
}

TEST(BenchSuites, DescriptionsTellParametersApart) {
    BenchCell cell = MatrixCells({false, {}}).front();
    const std::string before = Describe(cell);
    cell.link.queueBdp = 2;
    EXPECT_NE(Describe(cell), before);
    EXPECT_EQ(Describe(MatrixCells({false, {}}).front()), before);
}

TEST(BenchSuites, DeadlineStreamsHaveTheirTargetsWithAndWithoutBudgetAndDatagramsStandBeside) {
    const auto cells = DeadlineCells({false, {}});
    EXPECT_EQ(cells.size(), 6u);
    for (const BenchCell& cell : cells) {
        EXPECT_TRUE(IsMessageVariant(cell.variant)) << cell.Name();
        ASSERT_TRUE(cell.flows.front().messages) << cell.Name();
        EXPECT_EQ(cell.flows.front().messages->count, 7500u);
        EXPECT_EQ(cell.gates.empty(), cell.variant == kDatagramVariant) << cell.Name();
    }
    EXPECT_EQ(DeadlineCells({false, {std::string(kFecVariant)}}).size(), 2u);
    EXPECT_TRUE(DeadlineCells({false, {std::string(kTcpCubic)}}).empty());
}

}  // namespace
}  // namespace crsp::lab
