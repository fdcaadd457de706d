// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Which way a metric is to go.
enum class Better {
    kMore,
    kLess,
    kUnknown,  ///< it tells what happened, or there is a best value in between
};

/// A metric that every run reports, in either world, by the same definition
/// (scenarios/README.md, Metrics).
struct MetricName {
    std::string_view name;
    std::string_view title;
    std::string_view unit;
    Better better;
};

namespace metric {
inline constexpr std::string_view kCompletionTime = "completion-time";
inline constexpr std::string_view kGoodput = "goodput";
inline constexpr std::string_view kRetransmitted = "retransmitted-share";
inline constexpr std::string_view kCommandP50 = "command-latency-p50";
inline constexpr std::string_view kCommandP99 = "command-latency-p99";
inline constexpr std::string_view kPausedBytes = "bytes-after-pause";
inline constexpr std::string_view kPauseOvershoot = "bytes-after-pause-issued";
inline constexpr std::string_view kRendered = "bytes-rendered";
inline constexpr std::string_view kHashEqual = "hash-equal";
inline constexpr std::string_view kLossDown = "loss-realised-down";
inline constexpr std::string_view kLossUp = "loss-realised-up";
inline constexpr std::string_view kPathChanges = "path-changes";
inline constexpr std::string_view kSessions = "sessions-completed";
inline constexpr std::string_view kCommandsFailed = "commands-failed";
inline constexpr std::string_view kRenderingError = "rendering-error";
inline constexpr std::string_view kFirstLost = "first-of-type-lost";
// Of a window.
inline constexpr std::string_view kRate = "rate";
inline constexpr std::string_view kFairness = "fairness";
inline constexpr std::string_view kUtilisation = "utilisation";
inline constexpr std::string_view kQueueMean = "queue-delay-mean";
inline constexpr std::string_view kQueueP95 = "queue-delay-p95";
inline constexpr std::string_view kQueueMax = "queue-delay-max";
inline constexpr std::string_view kTrafficRate = "traffic-rate";
inline constexpr std::string_view kTrafficRatio = "traffic-ratio";
inline constexpr std::string_view kMessagesInTime = "messages-in-time";
}  // namespace metric

/// Of the whole run, and where there are several flows also of each.
inline constexpr std::array<MetricName, 16> kMetricNames{{
    {metric::kCompletionTime, "completion time", "s", Better::kLess},
    {metric::kGoodput, "goodput", "Mbit/s", Better::kMore},
    {metric::kRetransmitted, "retransmitted share", "%", Better::kLess},
    {metric::kCommandP50, "command latency p50", "ms", Better::kLess},
    {metric::kCommandP99, "command latency p99", "ms", Better::kLess},
    {metric::kPausedBytes, "bytes rendered while paused", "B", Better::kLess},
    {metric::kPauseOvershoot, "bytes rendered after pause was issued", "B", Better::kLess},
    {metric::kRendered, "bytes rendered", "B", Better::kUnknown},
    {metric::kHashEqual, "SHA-256 equal", "1", Better::kMore},
    {metric::kLossDown, "loss realised, down", "%", Better::kUnknown},
    {metric::kLossUp, "loss realised, up", "%", Better::kUnknown},
    {metric::kPathChanges, "path changes", "changes", Better::kUnknown},
    {metric::kSessions, "sessions completed", "sessions", Better::kMore},
    {metric::kCommandsFailed, "commands that ended in an error", "commands", Better::kLess},
    {metric::kRenderingError, "error that the last rendering ended with", "code", Better::kUnknown},
    {metric::kFirstLost, "packets lost for a new type of message", "packets", Better::kUnknown},
}};

/// Of each window of the scenario.
inline constexpr std::array<MetricName, 9> kWindowMetricNames{{
    {metric::kRate, "rate", "Mbit/s", Better::kMore},
    {metric::kFairness, "fairness (Jain)", "of 1", Better::kMore},
    {metric::kUtilisation, "utilisation, down", "%", Better::kMore},
    {metric::kQueueMean, "queueing delay, mean", "ms", Better::kLess},
    {metric::kQueueP95, "queueing delay, p95", "ms", Better::kLess},
    {metric::kQueueMax, "queueing delay, longest", "ms", Better::kLess},
    {metric::kTrafficRate, "cross traffic", "Mbit/s", Better::kUnknown},
    {metric::kTrafficRatio, "a flow's rate to cross traffic's", "of 1", Better::kUnknown},
    {metric::kMessagesInTime, "messages there in time", "%", Better::kMore},
}};

/// `metric.suffix`.
std::string SuffixedMetric(std::string_view metric, std::string_view suffix);

/// Every metric that a run of the scenario can have, in the order in which tables show them: those
/// of the run, `METRIC.FLOW` of each of several flows, `METRIC.WINDOW` and `rate.WINDOW.FLOW`.
std::vector<std::string> MetricsOf(const Scenario& scenario);

/// Title and unit of a metric with or without a suffix.
struct MetricText {
    std::string title;
    std::string_view unit;
};
MetricText DescribeMetric(std::string_view metric);

}  // namespace crsp::lab
