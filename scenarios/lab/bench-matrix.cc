// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "scenarios/lab/bench-grid.h"
#include "scenarios/lab/bench-metrics.h"
#include "scenarios/lab/bench-suites.h"

namespace crsp::lab {
namespace {

constexpr int kWarmupRtts = 20;
constexpr Duration kMeasured = seconds(30);
constexpr Duration kMeasuredQuick = seconds(10);
constexpr double kMostStandingQueue = 0.5;

struct Target {
    BenchLoss loss;
    double share;
};

constexpr Target kTargets[] = {
    {{0, 1}, 0.98},    {{0.001, 1}, 0.98}, {{0.01, 1}, 0.97},
    {{0.05, 1}, 0.95}, {{0.10, 1}, 0.92},  {{0.02, 3}, 0.95},
};

BenchCell MakeCell(const BenchLink& path, const Target& target, const BenchVariant& variant,
                   bool quick) {
    BenchCell cell;
    cell.suite = "matrix";
    cell.row = PathName(path.rate, path.rtt) + "-" + LossName(target.loss);
    cell.variant = variant;
    cell.kind = BenchKind::kSteady;
    cell.link = path;
    cell.link.loss = target.loss.share;
    cell.link.lossBurst = target.loss.burst;
    cell.flows = {{.variant = variant}};
    cell.warmup = kWarmupRtts * path.rtt;
    cell.stop = cell.warmup + (quick ? kMeasuredQuick : kMeasured);
    if (variant != kGatedVariant) return cell;
    cell.gates.push_back({.metric = std::string(bench::kShare), .min = target.share});
    if (target.loss.share == 0) {
        cell.gates.push_back({.metric = std::string(bench::kQueueP95), .max = kMostStandingQueue});
    }
    return cell;
}

}  // namespace

std::vector<BenchCell> MatrixCells(const BenchChoice& choice) {
    const auto variants =
        choice.variants.empty() ? StandardVariants(choice.quick) : choice.variants;
    std::vector<BenchCell> cells;
    for (const BenchLink& path : BenchPaths(choice.quick)) {
        for (const Target& target : kTargets) {
            const bool inQuick = target.loss.share == 0 || target.loss.share == 0.05;
            if (choice.quick && !inQuick) continue;
            for (const BenchVariant& variant : variants) {
                cells.push_back(MakeCell(path, target, variant, choice.quick));
            }
        }
    }
    return cells;
}

}  // namespace crsp::lab
