// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/lab/bench-grid.h"
#include "scenarios/lab/bench-metrics.h"
#include "scenarios/lab/bench-suites.h"

namespace crsp::lab {
namespace {

constexpr double kRate = 10 * kMegabit;
constexpr Duration kRtt = milliseconds(40);
constexpr double kLoss = 0.05;
constexpr std::size_t kMessageBytes = 1000;
constexpr Duration kInterval = milliseconds(8);  // 1 Mbit/s
constexpr Duration kTime = seconds(60);
constexpr Duration kTimeQuick = seconds(10);
/// Until the last message has come, or has been given up.
constexpr Duration kTail = seconds(6);

/// A budget is for delivery: the way takes half a round trip of it.
struct Budget {
    const char* name;
    Duration patience;
};
constexpr Budget kBudgets[] = {{"no-budget", seconds(5)}, {"100ms", milliseconds(80)}};

constexpr double kMostArqDelay = 20 + 1.2 * 40;  // ms
constexpr double kMostFecDelay = 35;             // ms
constexpr double kMostRepairShare = 25;          // %
constexpr double kMostUndelivered = 0.1;         // %

void AddGates(BenchCell& cell) {
    if (cell.variant == kDatagramVariant) return;
    const bool fec = cell.variant == kFecVariant;
    cell.gates = {
        {.metric = std::string(bench::kDeliveryP99), .max = fec ? kMostFecDelay : kMostArqDelay},
        {.metric = std::string(bench::kUndelivered), .max = kMostUndelivered}};
    if (!fec) return;
    cell.gates.push_back({.metric = std::string(bench::kRepairShare), .max = kMostRepairShare});
}

BenchCell MakeCell(const Budget& budget, std::string_view variant, bool quick) {
    BenchCell cell;
    cell.suite = "deadline";
    cell.row = fmt::format("{}-{}-{}", PathName(kRate, kRtt), LossName({kLoss, 1}), budget.name);
    cell.variant = variant;
    cell.kind = BenchKind::kMessages;
    cell.link.rate = kRate;
    cell.link.rtt = kRtt;
    cell.link.loss = kLoss;
    const Duration time = quick ? kTimeQuick : kTime;
    MessageLoad load{.bytes = kMessageBytes, .interval = kInterval, .patience = budget.patience};
    load.count = static_cast<std::uint64_t>(time / kInterval);
    cell.flows = {{.variant = cell.variant, .messages = load}};
    cell.warmup = seconds(1);
    cell.stop = cell.warmup + time + kTail;
    AddGates(cell);
    return cell;
}

}  // namespace

std::vector<BenchCell> DeadlineCells(const BenchChoice& choice) {
    std::vector<BenchCell> cells;
    for (const Budget& budget : kBudgets) {
        for (const auto variant : {kArqVariant, kFecVariant, kDatagramVariant}) {
            const bool wanted =
                choice.variants.empty() || std::find(choice.variants.begin(), choice.variants.end(),
                                                     variant) != choice.variants.end();
            if (wanted) cells.push_back(MakeCell(budget, variant, choice.quick));
        }
    }
    return cells;
}

}  // namespace crsp::lab
