// SPDX-License-Identifier: GPL-2.0-only
//
// Rows of the acceptance matrix for congestion control: RFC 9743 says what must be looked at and
// sets no numbers; the numbers are ours.
#include <fmt/format.h>

#include <cmath>

#include "scenarios/lab/bench-grid.h"
#include "scenarios/lab/bench-metrics.h"
#include "scenarios/lab/bench-suites.h"

namespace crsp::lab {
namespace {

constexpr Duration kRtt = milliseconds(50);
constexpr Duration kSettled = seconds(20);
constexpr double kRates[] = {10 * kMegabit, 100 * kMegabit};

BenchGate AtLeast(std::string_view metric, double min) {
    return {.metric = std::string(metric), .min = min};
}

BenchGate AtMost(std::string_view metric, double max) {
    return {.metric = std::string(metric), .max = max};
}

BenchGate Between(std::string_view metric, double min, double max) {
    return {.metric = std::string(metric), .min = min, .max = max};
}

/// A cell on the usual path, without flows.
BenchCell MakeCell(BenchKind kind, double rate, const BenchVariant& variant,
                   const std::string& name) {
    BenchCell cell;
    cell.suite = "fairness";
    cell.row = fmt::format("{:.6g}M-{}", rate / kMegabit, name);
    cell.variant = variant;
    cell.kind = kind;
    cell.link.rate = rate;
    cell.link.rtt = kRtt;
    cell.warmup = kSettled;
    cell.stop = seconds(60);
    return cell;
}

/// Targets are kept by the gated variant; others only stand beside it.
void Gate(BenchCell& cell, std::vector<BenchGate> gates) {
    if (cell.variant == kGatedVariant) cell.gates = std::move(gates);
}

BenchCell Alone(double rate, const BenchVariant& variant, double queue) {
    auto cell =
        MakeCell(BenchKind::kSteady, rate, variant, fmt::format("alone-queue{:.6g}", queue));
    cell.link.queueBdp = queue;
    cell.flows = {{.variant = variant}};
    cell.stop = seconds(50);
    Gate(cell, {AtLeast(bench::kShare, queue >= 0.5 ? 0.95 : 0.85)});
    return cell;
}

BenchCell Own(double rate, const BenchVariant& variant, std::size_t count) {
    auto cell = MakeCell(BenchKind::kSharing, rate, variant, fmt::format("own-{}", count));
    cell.flows.assign(count, {.variant = variant});
    Gate(cell, {AtLeast(bench::kJain, 0.95)});
    return cell;
}

BenchCell Against(double rate, const BenchVariant& variant, std::string_view tcp, std::size_t count,
                  double queue) {
    auto cell = MakeCell(BenchKind::kSharing, rate, variant,
                         fmt::format("against-{}-{}-queue{:.6g}", count, tcp.substr(4), queue));
    cell.link.queueBdp = queue;
    cell.flows.assign(1 + count, {.variant = std::string(tcp)});
    cell.flows.front().variant = variant;
    const bool usual = queue == 1;
    const double min = usual ? 0.5 : 0.25;
    const double max = usual ? 1.5 : 2;
    Gate(cell, {Between(bench::kOursShare, min, max), Between(bench::kTcpShare, min, max),
                AtLeast(bench::kTcpLeast, usual ? 0.4 : 0.25), AtMost(bench::kStarved, 5)});
    return cell;
}

BenchCell RttUnfairness(double rate, const BenchVariant& variant) {
    auto cell = MakeCell(BenchKind::kSharing, rate, variant, "rtt-20-100");
    cell.link.rtt = milliseconds(20);
    cell.link.queueBdp = 3;  // the BDP of 60 ms, the mean of both
    cell.flows.assign(2, {.variant = variant});
    cell.flows.back().extraRtt = milliseconds(80);
    Gate(cell, {AtMost(bench::kRatio, 2.5)});
    return cell;
}

BenchCell LateComer(double rate, const BenchVariant& variant) {
    auto cell = MakeCell(BenchKind::kLateComer, rate, variant, "late-comer");
    cell.flows.assign(2, {.variant = variant});
    cell.flows.back().start = kSettled;
    Gate(cell, {AtMost(bench::kLateTime, 20)});
    return cell;
}

/// Short TCP flows, as of a web page, that begin one a second while `variant` is in the way.
BenchCell ShortFlows(double rate, const BenchVariant& variant) {
    constexpr int kFlows = 20;
    constexpr std::uint64_t kBytes = 100'000;
    auto cell = MakeCell(BenchKind::kShortFlows, rate, variant, "short-tcp");
    cell.flows = {{.variant = variant}};
    for (int i = 0; i < kFlows; ++i) {
        cell.flows.push_back(
            {.variant = std::string(kTcpCubic), .start = seconds(10 + i), .bytes = kBytes});
    }
    Gate(cell, {{.metric = std::string(bench::kShortMedian),
                 .beside = {std::string(kTcpCubic)},
                 .factor = 2}});
    return cell;
}

BenchCell CapacityStep(const BenchVariant& variant) {
    auto cell = MakeCell(BenchKind::kStep, 100 * kMegabit, variant, "step-to-10-and-back");
    cell.flows = {{.variant = variant}};
    cell.link.steps = {{seconds(20), 10'000'000}, {seconds(40), 100'000'000}};
    Gate(cell, {AtMost(bench::kStepLoss, 15), AtMost(bench::kStepRecovery, 5)});
    return cell;
}

BenchCell DeadTimes(double rate, const BenchVariant& variant) {
    auto cell = MakeCell(BenchKind::kSteady, rate, variant, "dead-2-of-5");
    cell.flows = {{.variant = variant}};
    cell.link.deadEvery = seconds(5);
    cell.link.deadFor = seconds(2);
    cell.warmup = seconds(5);
    cell.stop = seconds(65);
    Gate(cell, {AtLeast(bench::kShare, 0.55)});
    return cell;
}

/// Round trips that change for reasons that are no queue.
BenchCell Varying(double rate, const BenchVariant& variant, const std::string& name,
                  const BenchLink& how) {
    auto cell = MakeCell(BenchKind::kSteady, rate, variant, name);
    cell.link.jitter = how.jitter;
    cell.link.loss = how.loss;
    cell.link.reordered = how.reordered;
    cell.link.reorderedBy = how.reorderedBy;
    cell.link.delayStepAt = how.delayStepAt;
    cell.link.delayStep = how.delayStep;
    cell.flows = {{.variant = variant}};
    cell.stop = seconds(50);
    Gate(cell, {AtLeast(bench::kShare, 0.8)});
    return cell;
}

void AddVarying(double rate, const BenchVariant& variant, std::vector<BenchCell>& cells) {
    BenchLink jitter;
    jitter.jitter = milliseconds(10);
    cells.push_back(Varying(rate, variant, "jitter10", jitter));
    jitter.loss = 0.01;
    cells.push_back(Varying(rate, variant, "jitter10-loss1", jitter));
    BenchLink reordering;
    reordering.reordered = 0.05;
    reordering.reorderedBy = milliseconds(10);
    cells.push_back(Varying(rate, variant, "reordered5", reordering));
    BenchLink step;
    step.delayStepAt = kSettled;
    step.delayStep = milliseconds(25);
    cells.push_back(Varying(rate, variant, "rtt-50-to-100", step));
}

/// Behind FQ-CoDel, which gives each flow a queue of its own and drops to keep it short.
BenchCell FqCodel(BenchCell cell) {
    cell.row += "-fq-codel";
    cell.link.fqCodel = true;
    return cell;
}

void AddFqCodel(double rate, const BenchVariant& variant, std::vector<BenchCell>& cells) {
    cells.push_back(FqCodel(Alone(rate, variant, 1)));
    cells.push_back(FqCodel(Own(rate, variant, 4)));
    for (const auto tcp : {kTcpCubic, kTcpNewReno}) {
        cells.push_back(FqCodel(Against(rate, variant, tcp, 1, 1)));
    }
}

void AddSharing(double rate, const BenchVariant& variant, bool quick,
                std::vector<BenchCell>& cells) {
    for (const double queue : {0.2, 0.5, 1.0, 2.0, 5.0}) {
        if (!quick) cells.push_back(Alone(rate, variant, queue));
    }
    for (const std::size_t count : {2u, 4u, 8u}) {
        if (!quick || count == 2) cells.push_back(Own(rate, variant, count));
    }
    for (const auto tcp : {kTcpCubic, kTcpNewReno}) {
        for (const std::size_t count : {1u, 4u}) {
            for (const double queue : {0.2, 1.0, 5.0}) {
                const bool inQuick = tcp == kTcpCubic && count == 1 && queue == 1;
                if (!quick || inQuick) {
                    cells.push_back(Against(rate, variant, tcp, count, queue));
                }
            }
        }
    }
}

}  // namespace

std::vector<BenchCell> FairnessCells(const BenchChoice& choice) {
    std::vector<BenchCell> cells;
    std::vector<BenchVariant> variants = choice.variants;
    if (variants.empty()) variants = {std::string(kGatedVariant)};
    for (const double rate : kRates) {
        if (choice.quick && rate > 10 * kMegabit) continue;
        for (const auto& variant : variants) {
            AddSharing(rate, variant, choice.quick, cells);
            cells.push_back(DeadTimes(rate, variant));
            if (choice.quick) continue;
            cells.push_back(RttUnfairness(rate, variant));
            cells.push_back(LateComer(rate, variant));
            AddVarying(rate, variant, cells);
            AddFqCodel(rate, variant, cells);
            if (variant != kTcpCubic) cells.push_back(ShortFlows(rate, variant));
        }
        if (!choice.quick) cells.push_back(ShortFlows(rate, std::string(kTcpCubic)));
    }
    for (const auto& variant : variants) {
        if (!choice.quick) cells.push_back(CapacityStep(variant));
    }
    return cells;
}

}  // namespace crsp::lab
