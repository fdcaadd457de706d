// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <string_view>

namespace crsp::lab {

/// A metric that every run reports, in either world, by the same definition
/// (scenarios/README.md, Metrics).
struct MetricName {
    std::string_view name;
    std::string_view title;
    std::string_view unit;
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
}  // namespace metric

inline constexpr std::array<MetricName, 11> kMetricNames{{
    {metric::kCompletionTime, "completion time", "s"},
    {metric::kGoodput, "goodput", "Mbit/s"},
    {metric::kRetransmitted, "retransmitted share", "%"},
    {metric::kCommandP50, "command latency p50", "ms"},
    {metric::kCommandP99, "command latency p99", "ms"},
    {metric::kPausedBytes, "bytes rendered while paused", "B"},
    {metric::kPauseOvershoot, "bytes rendered after pause was issued", "B"},
    {metric::kRendered, "bytes rendered", "B"},
    {metric::kHashEqual, "SHA-256 equal", "1"},
    {metric::kLossDown, "loss realised, down", "%"},
    {metric::kLossUp, "loss realised, up", "%"},
}};

}  // namespace crsp::lab
