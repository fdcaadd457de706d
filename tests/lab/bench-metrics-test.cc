// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "scenarios/lab/bench-series.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kBytesPerMegabitSecond = 125'000;

/// Megabits per second of one flow at a time in seconds.
using RateAt = std::function<double(double)>;

/// A record sampled every 10 ms for `stop`, in which the flows receive at the rates given.
BenchRecord Received(Duration stop, const std::vector<RateAt>& rates) {
    BenchRecord record;
    std::vector<double> bytes(rates.size(), 0);
    for (Duration at{0}; at <= stop; at += milliseconds(10)) {
        record.samples.push_back({at, 0, 0, 0});
        record.read.emplace_back(bytes.begin(), bytes.end());
        for (std::size_t i = 0; i < rates.size(); ++i) {
            bytes[i] += rates[i](ToSeconds(at)) * kBytesPerMegabitSecond / 100;
        }
    }
    record.arrived = record.read;
    record.flows.resize(rates.size());
    for (FlowRecord& flow : record.flows) flow.firstByte = Duration::zero();
    return record;
}

RateAt Steady(double rate) {
    return [rate](double) { return rate; };
}

RateAt From(double begin, double rate) {
    return [=](double time) { return time < begin ? 0 : rate; };
}

BenchCell Cell(BenchKind kind, const std::vector<BenchVariant>& variants) {
    BenchCell cell;
    cell.kind = kind;
    cell.variant = variants.front();
    cell.link.rate = 10e6;
    cell.link.rtt = milliseconds(100);
    for (const BenchVariant& variant : variants) cell.flows.push_back({.variant = variant});
    return cell;
}

double Metric(const BenchCell& cell, const BenchRecord& record, std::string_view name) {
    const Metrics metrics = ComputeBenchMetrics(cell, record);
    const auto found = metrics.find(name);
    return found == metrics.end() ? -1 : found->second;
}

TEST(BenchMetrics, ShareIsOfWhatLossAndHeadersLeave) {
    BenchCell cell = Cell(BenchKind::kSteady, {"tcp/cubic"});
    cell.warmup = seconds(2);
    const double most = 10 * 1448.0 / 1502.0;
    const auto full = Received(seconds(12), {From(2, most)});
    EXPECT_NEAR(Metric(cell, full, bench::kShare), 1, 1e-3);
    cell.link.loss = 0.1;
    const auto nineTenths = Received(seconds(12), {Steady(0.9 * most)});
    EXPECT_NEAR(Metric(cell, nineTenths, bench::kShare), 1, 1e-3);
    BenchCell ours = Cell(BenchKind::kSteady, {"crsp/bbr"});
    const auto packets = Received(seconds(12), {Steady(10 * 1411.0 / 1482.0)});
    EXPECT_NEAR(Metric(ours, packets, bench::kShare), 1, 1e-3);
}

TEST(BenchMetrics, QueueIsInBandwidthDelayProductsAfterTheWarmup) {
    BenchCell cell = Cell(BenchKind::kSteady, {"crsp/bbr"});
    cell.warmup = seconds(1);
    BenchRecord record = Received(seconds(2), {Steady(1)});
    for (BenchSample& sample : record.samples) {
        sample.queueBytes = sample.at < seconds(1) ? 125'000 : 25'000;  // 1 BDP, then 0.2
        sample.queueOffered = 100 * static_cast<std::uint64_t>(ToSeconds(sample.at) * 100);
        sample.queueDrops = sample.at < seconds(1) ? 0 : sample.queueOffered / 100 - 100;
    }
    EXPECT_DOUBLE_EQ(Metric(cell, record, bench::kQueueP50), 0.2);
    EXPECT_DOUBLE_EQ(Metric(cell, record, bench::kQueueP95), 0.2);
    EXPECT_NEAR(Metric(cell, record, bench::kQueueDrops), 1, 1e-9);
}

TEST(BenchMetrics, RepeatsBeforeTheWarmupDoNotCount) {
    BenchRecord record = Received(seconds(2), {Steady(1)});
    record.flows[0].atWarmup = {1000, 1000, 10, 10, 10};
    record.flows[0].atStop = {3000, 1100, 110, 30, 15};
    const BenchCell ours = Cell(BenchKind::kSteady, {"crsp/bbr"});
    EXPECT_DOUBLE_EQ(Metric(ours, record, bench::kRetransmitted), 5);
    EXPECT_DOUBLE_EQ(Metric(ours, record, bench::kSpurious), 5);
    // ns-3's TCP does not say which of its repeats were spurious.
    EXPECT_EQ(Metric(Cell(BenchKind::kSteady, {"tcp/cubic"}), record, bench::kSpurious), -1);
}

TEST(BenchMetrics, StartupEndsWithTheFirstRoundTripAtNineTenths) {
    const BenchCell cell = Cell(BenchKind::kStartup, {"crsp/bbr"});
    BenchRecord record = Received(seconds(3), {From(1, 10 * 1411.0 / 1482.0)});
    record.flows[0].firstByte = milliseconds(500);
    for (BenchSample& sample : record.samples) {
        sample.queueOffered = 1000;
        const bool before = sample.at < milliseconds(1450);
        sample.queueDrops = before ? 0 : sample.at < milliseconds(1550) ? 30 : 500;
    }
    record.samples.front() = {};
    // Nine tenths of the round trip that begins at 1 s, 0.5 s = 5 RTT after the first byte.
    EXPECT_NEAR(Metric(cell, record, bench::kStartupTime), 5.9, 0.11);
    EXPECT_NEAR(Metric(cell, record, bench::kStartupLoss), 3, 1e-9);
    const auto slow = Received(seconds(3), {Steady(8)});
    EXPECT_EQ(Metric(cell, slow, bench::kStartupTime), -1);
}

TEST(BenchMetrics, CompletionCountsFromConnect) {
    BenchCell cell = Cell(BenchKind::kTransfer, {"crsp/bbr"});
    BenchRecord record = Received(seconds(3), {Steady(1)});
    record.flows[0].start = milliseconds(20);
    EXPECT_EQ(Metric(cell, record, bench::kCompletion), -1);
    record.flows[0].lastByte = milliseconds(1520);
    EXPECT_DOUBLE_EQ(Metric(cell, record, bench::kCompletion), 1.5);
}

TEST(BenchMetrics, JainIsOneForEqualsAndOneNthForOneAlone) {
    EXPECT_DOUBLE_EQ(JainIndex({3, 3, 3, 3}), 1);
    EXPECT_DOUBLE_EQ(JainIndex({5, 0, 0, 0}), 0.25);
    EXPECT_DOUBLE_EQ(JainIndex({1, 3}), 0.8);
    EXPECT_DOUBLE_EQ(JainIndex({0, 0}), 0);
}

TEST(BenchMetrics, SidesAreMeasuredAgainstAnEvenDivision) {
    const BenchCell cell =
        Cell(BenchKind::kSharing, {"crsp/bbr", "tcp/cubic", "tcp/cubic", "tcp/cubic"});
    const double ours = 2.5 * 1411.0 / 1482.0;
    const double tcp = 2.5 * 1448.0 / 1502.0;
    const auto record =
        Received(seconds(10), {Steady(1.2 * ours), Steady(tcp), Steady(tcp), Steady(0.4 * tcp)});
    EXPECT_NEAR(Metric(cell, record, bench::kOursShare), 1.2, 1e-3);
    EXPECT_NEAR(Metric(cell, record, bench::kTcpShare), 0.8, 1e-3);
    EXPECT_NEAR(Metric(cell, record, bench::kTcpLeast), 0.4, 1e-3);
    EXPECT_NEAR(Metric(cell, record, bench::kRatio), 3, 1e-2);
    EXPECT_EQ(Metric(cell, record, bench::kStarved), 0);
}

TEST(BenchMetrics, StarvationIsTheLongestUnbrokenTime) {
    const auto gaps = [](double time) {
        return (time >= 2 && time < 4) || (time >= 6 && time < 9) ? 0.1 : 5.0;
    };
    const auto record = Received(seconds(12), {Steady(5), gaps});
    EXPECT_EQ(LongestStarvation(record, seconds(1), {0.5e6, 0.5e6}), 3);
    EXPECT_EQ(LongestStarvation(record, seconds(7), {0.5e6, 0.5e6}), 2);
    EXPECT_EQ(LongestStarvation(record, seconds(0), {0.5e6, 0.05e6}), 0);
}

TEST(BenchMetrics, LateComerIsThereWithFourFifthsOfItsHalf) {
    const BenchCell cell = Cell(BenchKind::kLateComer, {"crsp/bbr", "crsp/bbr"});
    const double half = 5 * 1411.0 / 1482.0;
    auto record = Received(seconds(20), {Steady(half), From(8, 0.81 * half)});
    record.flows[1].start = seconds(5);
    EXPECT_NEAR(Metric(cell, record, bench::kLateTime), 5, 0.1);
    auto never = Received(seconds(20), {Steady(half), From(8, 0.79 * half)});
    EXPECT_EQ(Metric(cell, never, bench::kLateTime), -1);
}

TEST(BenchMetrics, ShortFlowsWithoutEndCountWithTheirWait) {
    BenchCell cell = Cell(BenchKind::kShortFlows, {"crsp/bbr", "tcp/cubic", "tcp/cubic"});
    cell.flows[1].bytes = cell.flows[2].bytes = 100'000;
    auto record = Received(seconds(10), {Steady(1), Steady(1), Steady(1)});
    record.flows[1].start = record.flows[2].start = seconds(2);
    record.flows[1].lastByte = seconds(4);
    EXPECT_DOUBLE_EQ(Metric(cell, record, bench::kShortMedian), 5);
}

TEST(BenchMetrics, StepLooksAtTheSecondAfterItAndAtTheReturn) {
    BenchCell cell = Cell(BenchKind::kStep, {"crsp/bbr"});
    cell.link.steps = {{seconds(2), 1'000'000}, {seconds(4), 10'000'000}};
    auto record = Received(seconds(10), {From(6, 9.5)});
    for (BenchSample& sample : record.samples) {
        sample.queueOffered = static_cast<std::uint64_t>(1000 * ToSeconds(sample.at));
        sample.queueDrops = sample.at <= seconds(2) ? 0 : sample.at <= seconds(3) ? 50 : 900;
    }
    EXPECT_NEAR(Metric(cell, record, bench::kStepLoss), 5, 1e-9);
    EXPECT_NEAR(Metric(cell, record, bench::kStepRecovery), 2.46, 0.05);
}

TEST(BenchMetrics, SeriesHasALineForEachSample) {
    auto record = Received(milliseconds(10), {Steady(8), Steady(16)});
    record.samples[1].queueBytes = 7;
    EXPECT_EQ(SeriesCsv(record),
              "time,queue_bytes,queue_offered,queue_drops,arrived_0,read_0,arrived_1,read_1\n"
              "0.000000,0,0,0,0,0,0,0\n"
              "0.010000,7,0,0,10000,10000,20000,20000\n");
}

}  // namespace
}  // namespace crsp::lab
