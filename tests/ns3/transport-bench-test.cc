// SPDX-License-Identifier: GPL-2.0-only
//
// Cells of the transport benchmark, shortened, as a floor that no change may fall through.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/lab/bench-metrics.h"
#include "scenarios/lab/bench-run.h"
#include "scenarios/lab/bench-suites.h"

namespace crsp::lab {
namespace {

BenchCell Cell(const std::string& row, const BenchVariant& variant) {
    for (auto* suite : {MatrixCells, StartupCells, FairnessCells}) {
        for (BenchCell& cell : suite({true, {variant}})) {
            if (cell.row == row && cell.variant == variant) return cell;
        }
    }
    ADD_FAILURE() << "no cell " << row << " of " << variant;
    return {};
}

BenchRecord Simulate(const BenchCell& cell, std::uint64_t seed = 1) {
    RunProgress progress;
    return RunBenchCell(cell, seed, progress);
}

double Metric(const BenchCell& cell, const BenchRecord& record, std::string_view name) {
    const Metrics metrics = ComputeBenchMetrics(cell, record);
    const auto found = metrics.find(name);
    return found == metrics.end() ? -1 : found->second;
}

TEST(TransportBench, LossOfFivePercentBothWaysLeavesTheRate) {
    const BenchCell cell = Cell("10M-100ms-loss5", "crsp/bbr_lda");
    constexpr int kSeeds = 5;
    double share = 0;
    for (int seed = 1; seed <= kSeeds; ++seed) {
        const BenchRecord record = Simulate(cell, static_cast<std::uint64_t>(seed));
        share += Metric(cell, record, bench::kShare) / kSeeds;
        EXPECT_NEAR(Metric(cell, record, bench::kRetransmitted), 5, 2);
    }
    EXPECT_GE(share, 0.95);
    EXPECT_LE(share, 1.01) << "more than the path carries, but for what waited at the beginning";
}

TEST(TransportBench, CleanPathIsFilledWithoutAStandingQueue) {
    const BenchCell cell = Cell("10M-100ms-loss0", "crsp/bbr_lda");
    const BenchRecord record = Simulate(cell);
    EXPECT_GE(Metric(cell, record, bench::kShare), 0.95);
    EXPECT_LE(Metric(cell, record, bench::kQueueP95), 0.5);
    EXPECT_EQ(Metric(cell, record, bench::kRetransmitted), 0);
}

/// The competitors are worth their name only while they fill a clean path.
TEST(TransportBench, TcpFillsACleanPath) {
    for (const auto& variant : {std::string(kTcpCubic), std::string(kTcpNewReno)}) {
        const BenchCell cell = Cell("10M-100ms-loss0", variant);
        const BenchRecord record = Simulate(cell);
        EXPECT_GE(Metric(cell, record, bench::kShare), 0.97) << variant;
        EXPECT_LE(Metric(cell, record, bench::kShare), 1.01) << variant;
    }
}

TEST(TransportBench, EveryPacketThatTheFullQueueDropsIsCountedAndRepeated) {
    for (const auto& variant : {std::string("crsp/cubic"), std::string(kTcpNewReno)}) {
        BenchCell cell = Cell("10M-100ms-loss0", variant);
        cell.link.queueBdp = 0.2;
        const BenchRecord record = Simulate(cell);
        const auto dropped = static_cast<double>(record.samples.back().queueDrops);
        const auto repeated =
            static_cast<double>(record.flows.front().atStop.bytesRetransmitted) / 1400;
        EXPECT_GT(dropped, 10) << variant;
        EXPECT_NEAR(repeated / dropped, 1, 0.2) << variant;
    }
}

TEST(TransportBench, TransfersEndWithTheirLastByte) {
    for (const auto& variant : {std::string("crsp/bbr_lda"), std::string(kTcpCubic)}) {
        const BenchCell cell = Cell("10M-100ms-loss1-100kB", variant);
        const BenchRecord record = Simulate(cell);
        EXPECT_EQ(record.read.back().front(), 100'000u) << variant;
        EXPECT_EQ(record.flows.front().failure, "") << variant;
        // Three round trips of slow start and the handshake are the least.
        EXPECT_GT(Metric(cell, record, bench::kCompletion), 0.25) << variant;
        EXPECT_LT(Metric(cell, record, bench::kCompletion), 1.5) << variant;
    }
}

TEST(TransportBench, SameSeedSameRun) {
    const BenchCell cell = Cell("10M-100ms-loss1-100kB", "crsp/bbr_lda");
    const BenchRecord first = Simulate(cell, 7);
    const BenchRecord second = Simulate(cell, 7);
    EXPECT_EQ(first.arrived, second.arrived);
    EXPECT_EQ(first.flows.front().lastByte, second.flows.front().lastByte);
    EXPECT_NE(first.arrived, Simulate(cell, 8).arrived);
}

}  // namespace
}  // namespace crsp::lab
