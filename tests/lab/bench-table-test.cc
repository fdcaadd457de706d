// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/lab/bench-metrics.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;
using testing::Not;

BenchCell Cell(const std::string& row, const BenchVariant& variant) {
    BenchCell cell;
    cell.suite = "matrix";
    cell.row = row;
    cell.variant = variant;
    return cell;
}

BenchCell Gated(const std::string& row, BenchGate gate) {
    BenchCell cell = Cell(row, std::string(kGatedVariant));
    cell.gates = {std::move(gate)};
    return cell;
}

Metrics Of(std::string_view name, double value) {
    return {{std::string(name), value}};
}

const BenchGate kAtLeast{.metric = std::string(bench::kShare), .min = 0.9};
const BenchGate kNoLater{.metric = std::string(bench::kCompletion),
                         .beside = {"tcp/new_reno", "tcp/cubic"},
                         .factor = 2};

TEST(BenchGate, TheMedianIsHeldAgainstTheTarget) {
    const BenchCell cell = Gated("a", kAtLeast);
    const auto judge = [&](std::vector<double> shares) {
        BenchResults results;
        for (const double share : shares) {
            results[cell.Name()].push_back(Of(bench::kShare, share));
        }
        return Judge(cell, kAtLeast, results);
    };
    EXPECT_TRUE(judge({0.1, 0.9, 0.95}).pass);
    EXPECT_FALSE(judge({0.1, 0.89, 0.95}).pass);
    EXPECT_EQ(judge({0.9}).target, "at least 0.9");
    EXPECT_FALSE(judge({}).judged);
}

TEST(BenchGate, ASeedWithoutTheMetricHasFailed) {
    const BenchCell cell = Gated("a", kAtLeast);
    const BenchResults results{
        {cell.Name(), {Of(bench::kShare, 1), Of(bench::kShare, 1), Metrics{}}}};
    EXPECT_FALSE(BenchSpread(results, cell.Name(), bench::kShare));
    EXPECT_TRUE(Judge(cell, kAtLeast, results).judged);
    EXPECT_FALSE(Judge(cell, kAtLeast, results).pass);
}

TEST(BenchGate, TheBestOfTheOthersSetsTheLimit) {
    const BenchCell cell = Gated("a", kNoLater);
    BenchResults results{{cell.Name(), {Of(bench::kCompletion, 3)}},
                         {"matrix/a/tcp/new_reno", {Of(bench::kCompletion, 1.4)}},
                         {"matrix/a/tcp/cubic", {Of(bench::kCompletion, 1.6)}}};
    EXPECT_FALSE(Judge(cell, kNoLater, results).pass);
    EXPECT_EQ(Judge(cell, kNoLater, results).target, "at most 2.8");
    results["matrix/a/tcp/new_reno"] = {Metrics{}};
    EXPECT_TRUE(Judge(cell, kNoLater, results).pass);
    // None of them came to an end: then coming to one is enough.
    results["matrix/a/tcp/cubic"] = {Metrics{}};
    EXPECT_TRUE(Judge(cell, kNoLater, results).pass);
    EXPECT_EQ(Judge(cell, kNoLater, results).target, "any");
    // Without them there is nothing to compare with.
    results.erase("matrix/a/tcp/cubic");
    results.erase("matrix/a/tcp/new_reno");
    EXPECT_FALSE(Judge(cell, kNoLater, results).judged);
}

TEST(BenchTable, HasALineForEachRowAndAColumnForEachVariant) {
    const std::vector<BenchCell> cells{Gated("a", kAtLeast), Cell("a", "tcp/cubic"),
                                       Gated("b", kAtLeast), Cell("b", "tcp/cubic")};
    const BenchResults results{
        {cells[0].Name(), {Of(bench::kShare, 0.95), Of(bench::kShare, 0.97)}},
        {cells[1].Name(), {Of(bench::kShare, 0.5), Of(bench::kShare, 0.5)}},
        {cells[2].Name(), {Of(bench::kShare, 0.85)}},
        {cells[3].Name(), {Metrics{}}}};
    EXPECT_EQ(BenchMetricTable(cells, results, bench::kShare),
              "\n### matrix: share of the physical limit\n\n"
              "| cell | crsp/bbr_lda | tcp/cubic | target | gate |\n"
              "| --- | --- | --- | --- | --- |\n"
              "| a | 0.960 (0.950 to 0.970) | 0.500 | at least 0.9 | pass |\n"
              "| b | 0.850 |  | at least 0.9 | **FAIL** |\n");
    EXPECT_EQ(BenchMetricTable(cells, results, bench::kJain), "");
    EXPECT_FALSE(AllGatesPass(cells, results));
    EXPECT_EQ(BenchVerdicts(cells, results),
              "\n1 of 2 targets kept. Missed:\n\n- matrix/b/crsp/bbr_lda: share of the physical "
              "limit: 0.850, expected at least 0.9\n");
}

TEST(BenchTable, CellsOfDifferentKindsHaveALineForEachMetric) {
    std::vector<BenchCell> cells{Cell("a", "crsp/bbr"), Cell("b", "crsp/bbr")};
    for (BenchCell& cell : cells) cell.suite = "fairness";
    const BenchResults results{{cells[0].Name(), {Of(bench::kJain, 0.75)}},
                               {cells[1].Name(), {Of(bench::kLateTime, 120)}}};
    EXPECT_EQ(BenchTables(cells, results),
              "\n0 of 0 targets kept.\n"
              "\n### fairness\n\n"
              "| cell | metric | crsp/bbr | target | gate |\n"
              "| --- | --- | --- | --- | --- |\n"
              "| a | Jain's index | 0.750 |  |  |\n"
              "| b | until the late-comer has 80 % of its share, s | 120.0 |  |  |\n");
}

TEST(BenchTable, NamesTheTransfersInWhichTcpIsFaster) {
    std::vector<BenchCell> cells;
    BenchResults results;
    const auto add = [&](const std::string& row, double ours, double cubic) {
        cells.push_back(Cell(row, std::string(kGatedVariant)));
        cells.push_back(Cell(row, "tcp/cubic"));
        for (BenchCell& cell : cells) cell.kind = BenchKind::kTransfer;
        results["matrix/" + row + "/crsp/bbr_lda"] = {Of(bench::kCompletion, ours)};
        results["matrix/" + row + "/tcp/cubic"] = {Of(bench::kCompletion, cubic)};
    };
    add("won", 1, 1.5);
    EXPECT_EQ(BenchFasterTcps(cells, results), "");
    add("lost", 2, 1.5);
    EXPECT_THAT(BenchFasterTcps(cells, results),
                HasSubstr("\n- lost: tcp/cubic 1.500 s, crsp/bbr_lda 2.000 s\n"));
    EXPECT_THAT(BenchFasterTcps(cells, results), Not(HasSubstr("won")));
}

}  // namespace
}  // namespace crsp::lab
