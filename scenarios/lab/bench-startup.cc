// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/lab/bench-grid.h"
#include "scenarios/lab/bench-metrics.h"
#include "scenarios/lab/bench-suites.h"

namespace crsp::lab {
namespace {

constexpr double kMostStartupRtts = 8;
constexpr double kMostStartupLoss = 1;  // %
constexpr int kStartupRtts = 60;
/// A transfer that takes longer has not completed.
constexpr Duration kTransferLimit = seconds(120);

struct Size {
    const char* name;
    std::uint64_t bytes;
};

constexpr std::uint64_t kMebibyte = 1024 * 1024;
constexpr Size kSizes[] = {{"100kB", 100'000}, {"1MiB", kMebibyte}, {"10MiB", 10 * kMebibyte}};

/// What 10 MiB over 100 Mbit/s with 10 % loss may take, by round trip; the BBR of ns-3.45 needs
/// 3.5, 3.8 and 8.3 s.
struct LossyLimit {
    Duration rtt;
    double seconds;
};
constexpr LossyLimit kLossyLimits[] = {
    {milliseconds(20), 1.5}, {milliseconds(100), 2.0}, {milliseconds(300), 4.0}};

BenchCell StartupCell(const BenchLink& path, const BenchVariant& variant) {
    BenchCell cell;
    cell.suite = "startup";
    cell.row = PathName(path.rate, path.rtt) + "-start";
    cell.variant = variant;
    cell.kind = BenchKind::kStartup;
    cell.link = path;
    cell.flows = {{.variant = variant}};
    cell.stop = kStartupRtts * path.rtt;
    if (variant != kGatedVariant) return cell;
    cell.gates = {{.metric = std::string(bench::kStartupTime), .max = kMostStartupRtts},
                  {.metric = std::string(bench::kStartupLoss), .max = kMostStartupLoss}};
    return cell;
}

void AddTransferGates(const Size& size, BenchCell& cell) {
    const std::string metric(bench::kCompletion);
    cell.gates.push_back(
        {.metric = metric, .beside = {std::string(kTcpNewReno), std::string(kTcpCubic)}});
    const BenchLink& link = cell.link;
    if (size.bytes != 10 * kMebibyte || link.rate != 100 * kMegabit || link.loss != 0.10) return;
    for (const LossyLimit& limit : kLossyLimits) {
        if (limit.rtt == link.rtt) {
            cell.gates.push_back({.metric = metric, .max = limit.seconds});
        }
    }
}

BenchCell TransferCell(const BenchLink& path, double loss, const Size& size,
                       const BenchVariant& variant) {
    BenchCell cell;
    cell.suite = "startup";
    cell.row =
        fmt::format("{}-{}-{}", PathName(path.rate, path.rtt), LossName({loss, 1}), size.name);
    cell.variant = variant;
    cell.kind = BenchKind::kTransfer;
    cell.link = path;
    cell.link.loss = loss;
    cell.flows = {{.variant = variant, .bytes = size.bytes}};
    cell.stop = kTransferLimit;
    if (variant == kGatedVariant) AddTransferGates(size, cell);
    return cell;
}

std::vector<BenchVariant> Variants(const BenchChoice& choice) {
    auto variants = choice.variants.empty() ? StandardVariants(false) : choice.variants;
    for (const auto tcp : {kTcpNewReno, kTcpCubic}) {
        if (std::find(variants.begin(), variants.end(), tcp) == variants.end()) {
            variants.emplace_back(tcp);
        }
    }
    return variants;
}

}  // namespace

std::vector<BenchCell> StartupCells(const BenchChoice& choice) {
    std::vector<BenchCell> cells;
    const auto variants = Variants(choice);
    for (const BenchLink& path : BenchPaths(choice.quick)) {
        for (const auto& variant : variants) cells.push_back(StartupCell(path, variant));
    }
    for (const BenchLink& path : BenchPaths(choice.quick)) {
        for (const double loss : {0.0, 0.01, 0.05, 0.10}) {
            for (const Size& size : kSizes) {
                if (choice.quick && (loss > 0.01 || size.bytes > kMebibyte)) continue;
                for (const auto& variant : variants) {
                    cells.push_back(TransferCell(path, loss, size, variant));
                }
            }
        }
    }
    return cells;
}

}  // namespace crsp::lab
