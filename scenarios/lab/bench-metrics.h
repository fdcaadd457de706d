// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "scenarios/lab/bench-cell.h"
#include "scenarios/lab/bench-record.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/metrics.h"

namespace crsp::lab {

namespace bench {
inline constexpr std::string_view kShare = "bench-share";
inline constexpr std::string_view kQueueP50 = "bench-queue-p50";
inline constexpr std::string_view kQueueP95 = "bench-queue-p95";
inline constexpr std::string_view kRetransmitted = "bench-retransmitted";
inline constexpr std::string_view kSpurious = "bench-spurious";
inline constexpr std::string_view kQueueDrops = "bench-queue-drops";
inline constexpr std::string_view kStartupTime = "bench-startup-time";
inline constexpr std::string_view kStartupLoss = "bench-startup-loss";
inline constexpr std::string_view kCompletion = "bench-completion";
inline constexpr std::string_view kJain = "bench-jain";
inline constexpr std::string_view kOursShare = "bench-ours-of-fair";
inline constexpr std::string_view kTcpShare = "bench-tcp-of-fair";
inline constexpr std::string_view kTcpLeast = "bench-tcp-least-of-fair";
inline constexpr std::string_view kStarved = "bench-starved";
inline constexpr std::string_view kRatio = "bench-rate-ratio";
inline constexpr std::string_view kLateTime = "bench-late-time";
inline constexpr std::string_view kShortMedian = "bench-short-median";
inline constexpr std::string_view kStepLoss = "bench-step-loss";
inline constexpr std::string_view kStepRecovery = "bench-step-recovery";
inline constexpr std::string_view kDeliveryP50 = "bench-delivery-p50";
inline constexpr std::string_view kDeliveryP99 = "bench-delivery-p99";
inline constexpr std::string_view kDeliveryMax = "bench-delivery-max";
inline constexpr std::string_view kUndelivered = "bench-undelivered";
inline constexpr std::string_view kRepairShare = "bench-repair-share";
inline constexpr std::string_view kWireShare = "bench-wire-share";
inline constexpr std::string_view kReturnShare = "bench-return-share";
}  // namespace bench

/// What the cells report; the titles are those of the tables.
inline constexpr std::array<MetricName, 26> kBenchMetricNames{{
    {bench::kShare, "share of the physical limit", "1", Better::kMore},
    {bench::kQueueP50, "queueing delay p50, in BDP", "BDP", Better::kLess},
    {bench::kQueueP95, "queueing delay p95, in BDP", "BDP", Better::kLess},
    {bench::kRetransmitted, "retransmitted share of the stream bytes sent, %", "%", Better::kLess},
    {bench::kSpurious, "losses declared that were none, % of the packets sent", "%", Better::kLess},
    {bench::kQueueDrops, "dropped by the full queue, % of the packets offered", "%", Better::kLess},
    {bench::kStartupTime, "time from the first data to 90 % of the rate, in RTT", "RTT",
     Better::kLess},
    {bench::kStartupLoss, "dropped by the full queue meanwhile and 4 RTT more, %", "%",
     Better::kLess},
    {bench::kCompletion, "from connect to the last byte, s", "s", Better::kLess},
    {bench::kJain, "Jain's index", "1", Better::kMore},
    {bench::kOursShare, "ours, of its fair share", "1", Better::kUnknown},
    {bench::kTcpShare, "TCP, of its fair share (mean)", "1", Better::kUnknown},
    {bench::kTcpLeast, "TCP, of its fair share (least flow)", "1", Better::kMore},
    {bench::kStarved, "longest time of a flow below 10 % of its fair share, s", "s", Better::kLess},
    {bench::kRatio, "fastest flow's rate over the slowest's", "1", Better::kLess},
    {bench::kLateTime, "until the late-comer has 80 % of its share, s", "s", Better::kLess},
    {bench::kShortMedian, "median completion of the short flows, s", "s", Better::kLess},
    {bench::kStepLoss, "dropped by the full queue in the second after the step down, %", "%",
     Better::kLess},
    {bench::kStepRecovery, "from the step up until 90 % of the rate, s", "s", Better::kLess},
    {bench::kDeliveryP50, "one-way delivery p50, ms", "ms", Better::kLess},
    {bench::kDeliveryP99, "one-way delivery p99, ms", "ms", Better::kLess},
    {bench::kDeliveryMax, "one-way delivery, longest, ms", "ms", Better::kLess},
    {bench::kUndelivered, "messages not delivered, %", "%", Better::kLess},
    {bench::kRepairShare, "repair bytes, % of the message bytes", "%", Better::kLess},
    {bench::kWireShare, "all bytes sent, headers with them, % of the message bytes", "%",
     Better::kLess},
    {bench::kReturnShare, "the same on the way back, %", "%", Better::kLess},
}};

/// The metrics that `cell.kind` has. One that the run does not give is left out: no completion
/// without completion.
Metrics ComputeBenchMetrics(const BenchCell& cell, const BenchRecord& record);

/// (sum x)^2 / (n sum x^2): 1 for equals, 1/n if one has all. 0 if all are 0.
double JainIndex(const std::vector<double>& rates);

/// Goodput of each flow between two instants, bit/s.
std::vector<double> FlowRates(const BenchRecord& record, Duration from, Duration to);

/// When `flow` has first had `rate` bit/s of new bytes over `window`, looking from `from` on; the
/// end of that window.
std::optional<Duration> FirstAtRate(const BenchRecord& record, std::size_t flow, Duration from,
                                    Duration window, double rate);

/// Packets that the queue dropped between two instants, as a share of those offered.
double DropShare(const BenchRecord& record, Duration from, Duration to);

/// The longest run of whole seconds from `from` on in which some flow stays below its `least`
/// (bit/s, by flow), in seconds.
double LongestStarvation(const BenchRecord& record, Duration from,
                         const std::vector<double>& least);

}  // namespace crsp::lab
