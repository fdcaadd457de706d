// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "scenarios/lab/metric-names.h"

namespace crsp::lab {
namespace {

using Kind = TimelineRow::Kind;

const TimelineRow* LastOf(const RunRecord& record, Kind kind) {
    const auto row = std::find_if(record.timeline.rbegin(), record.timeline.rend(),
                                  [&](const TimelineRow& r) { return r.kind == kind; });
    return row == record.timeline.rend() ? nullptr : &*row;
}

/// The end of the last generation, if it came to the content's last byte.
const TimelineRow* Completion(const RunRecord& record) {
    const TimelineRow* begin = LastOf(record, Kind::kBegin);
    const TimelineRow* end = LastOf(record, Kind::kEnd);
    const bool complete =
        begin && end && end->generation == begin->generation && end->position == record.contentSize;
    return complete ? end : nullptr;
}

void AddCompletion(const RunRecord& record, Metrics& metrics) {
    const TimelineRow* end = Completion(record);
    const auto play = std::find_if(record.commands.begin(), record.commands.end(),
                                   [](const CommandRecord& c) { return c.verb == Verb::kPlay; });
    if (!end || play == record.commands.end()) return;
    metrics.emplace(metric::kCompletionTime, ToSeconds(end->at - play->issued));
    const Duration took = end->at - LastOf(record, Kind::kBegin)->at;
    if (took <= Duration::zero()) return;
    const double bits = 8.0 * static_cast<double>(record.contentSize);
    metrics.emplace(metric::kGoodput, bits / ToSeconds(took) / 1e6);
}

void AddCommands(const RunRecord& record, Metrics& metrics) {
    const auto latencies = CommandLatencies(record);
    if (latencies.empty()) return;
    metrics.emplace(metric::kCommandP50, Quantile(latencies, 0.50));
    metrics.emplace(metric::kCommandP99, Quantile(latencies, 0.99));
}

/// Bytes taken by the sink in [from, until), counting in each generation only what lies beyond
/// `position` of `generation`.
std::uint64_t RenderedBetween(const RunRecord& record, TimePoint from, TimePoint until,
                              std::function<bool(const TimelineRow&)> counts) {
    std::uint64_t bytes = 0;
    std::uint64_t position = 0;
    for (const TimelineRow& row : record.timeline) {
        const bool inside = row.at >= from && row.at < until && row.kind == Kind::kRender;
        if (inside && counts(row)) bytes += row.position - position;
        position = row.position;
    }
    return bytes;
}

/// Whether `command` ends a pause; what comes after it says nothing about the pause.
bool EndsPause(const CommandRecord& command) {
    return command.verb == Verb::kPlay || command.verb == Verb::kResume ||
           command.verb == Verb::kRestart || command.verb == Verb::kStop;
}

TimePoint PauseEnd(const RunRecord& record, std::size_t pause) {
    for (std::size_t i = pause + 1; i < record.commands.size(); ++i) {
        if (EndsPause(record.commands[i])) return record.commands[i].issued;
    }
    return TimePoint::max();
}

/// A pause is processed at the position its answer names. Whatever the sink took beyond that,
/// before the command that ends the pause was even issued, was rendered while paused.
void AddPauses(const RunRecord& record, Metrics& metrics) {
    std::uint64_t paused = 0;
    std::uint64_t overshoot = 0;
    bool any = false;
    for (std::size_t i = 0; i < record.commands.size(); ++i) {
        const CommandRecord& pause = record.commands[i];
        if (pause.verb != Verb::kPause || !pause.error.empty()) continue;
        any = true;
        const TimePoint until = PauseEnd(record, i);
        const auto beyond = [&](const TimelineRow& row) {
            return row.generation != pause.generation || row.position > pause.position;
        };
        paused += RenderedBetween(record, pause.issued, until, beyond);
        overshoot += RenderedBetween(record, pause.issued, until, [](auto&) { return true; });
    }
    if (!any) return;
    metrics.emplace(metric::kPausedBytes, static_cast<double>(paused));
    metrics.emplace(metric::kPauseOvershoot, static_cast<double>(overshoot));
}

void AddBytes(const RunRecord& record, Metrics& metrics) {
    const auto all = [](const TimelineRow&) { return true; };
    const auto rendered = RenderedBetween(record, TimePoint::min(), TimePoint::max(), all);
    metrics.emplace(metric::kRendered, static_cast<double>(rendered));
    const double sent =
        static_cast<double>(record.streamBytesSent + record.streamBytesRetransmitted);
    if (sent > 0) {
        metrics.emplace(metric::kRetransmitted,
                        100.0 * static_cast<double>(record.streamBytesRetransmitted) / sent);
    }
    if (!Completion(record)) return;
    const bool equal = !record.expectedHash.empty() && record.renderedHash == record.expectedHash;
    metrics.emplace(metric::kHashEqual, equal ? 1 : 0);
}

void AddLoss(std::string_view name, const LossCount& count, Metrics& metrics) {
    if (count.offered == 0) return;
    const auto offered = static_cast<double>(count.offered);
    metrics.emplace(name, 100.0 * static_cast<double>(count.lost) / offered);
}

std::string Beyond(const Expectation& expectation, double value) {
    if (expectation.min && value < *expectation.min) {
        return fmt::format("{} is {}, expected at least {}", expectation.metric, value,
                           *expectation.min);
    }
    if (expectation.max && value > *expectation.max) {
        return fmt::format("{} is {}, expected at most {}", expectation.metric, value,
                           *expectation.max);
    }
    return {};
}

}  // namespace

std::vector<double> CommandLatencies(const RunRecord& record) {
    std::vector<double> latencies;
    for (const CommandRecord& command : record.commands) {
        if (!command.error.empty()) continue;
        latencies.push_back(ToMilliseconds(command.answered - command.issued));
    }
    return latencies;
}

double Quantile(std::vector<double> samples, double share) {
    std::sort(samples.begin(), samples.end());
    const double at = share * static_cast<double>(samples.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(at));
    const auto above = std::min(below + 1, samples.size() - 1);
    return samples[below] + (at - std::floor(at)) * (samples[above] - samples[below]);
}

Metrics ComputeMetrics(const RunRecord& record) {
    Metrics metrics;
    AddCompletion(record, metrics);
    AddCommands(record, metrics);
    AddPauses(record, metrics);
    AddBytes(record, metrics);
    AddLoss(metric::kLossDown, record.down, metrics);
    AddLoss(metric::kLossUp, record.up, metrics);
    return metrics;
}

std::vector<std::string> Shortfalls(const Scenario& scenario, const RunRecord& record,
                                    const Metrics& metrics) {
    std::vector<std::string> shortfalls;
    const auto add = [&](std::string text) {
        if (!text.empty()) shortfalls.push_back(std::move(text));
    };
    const bool complete = metrics.contains(metric::kCompletionTime);
    if (!record.failure.empty()) add(record.failure);
    if (complete != scenario.completes) {
        add(complete ? "the content was rendered to its end, which was not expected"
                     : "the content was not rendered to its end");
    }
    const auto hash = metrics.find(metric::kHashEqual);
    if (hash != metrics.end() && hash->second != 1) {
        add(fmt::format("rendered SHA-256 {} is not the content's {}", record.renderedHash,
                        record.expectedHash));
    }
    for (const Expectation& expectation : scenario.expectations) {
        const auto value = metrics.find(expectation.metric);
        if (value == metrics.end()) {
            add(fmt::format("{} has no value, but is expected", expectation.metric));
        } else {
            add(Beyond(expectation, value->second));
        }
    }
    return shortfalls;
}

}  // namespace crsp::lab
