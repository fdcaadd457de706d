// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/metrics-flow.h"

#include <algorithm>
#include <functional>

#include "scenarios/lab/metric-names.h"

namespace crsp::lab {
namespace {

using Kind = TimelineRow::Kind;

const TimelineRow* LastOf(const FlowRun& record, Kind kind) {
    const auto row = std::find_if(record.timeline.rbegin(), record.timeline.rend(),
                                  [&](const TimelineRow& r) { return r.kind == kind; });
    return row == record.timeline.rend() ? nullptr : &*row;
}

/// The end of the last generation, if it came to the content's last byte.
const TimelineRow* Completion(const FlowRun& record) {
    const TimelineRow* begin = LastOf(record, Kind::kBegin);
    const TimelineRow* end = LastOf(record, Kind::kEnd);
    const bool complete =
        begin && end && end->generation == begin->generation && end->position == record.contentSize;
    return complete ? end : nullptr;
}

void AddCompletion(const FlowRun& record, Metrics& metrics) {
    const TimelineRow* end = Completion(record);
    const auto play = std::find_if(record.commands.begin(), record.commands.end(),
                                   [](const CommandRecord& c) { return c.verb == Verb::kPlay; });
    if (!end || play == record.commands.end()) return;
    if (record.sessionsCompleted < record.sessions && record.sessions > 1) return;
    metrics.emplace(metric::kCompletionTime, ToSeconds(end->at - play->issued));
    if (record.sessions > 1) return;
    const TimelineRow& begin = *LastOf(record, Kind::kBegin);
    const Duration took = end->at - begin.at;
    if (took <= Duration::zero()) return;
    const double bits = 8.0 * static_cast<double>(record.contentSize - begin.position);
    metrics.emplace(metric::kGoodput, bits / ToSeconds(took) / 1e6);
}

void AddCommands(const FlowRun& record, Metrics& metrics) {
    const auto failed = std::count_if(record.commands.begin(), record.commands.end(),
                                      [](const CommandRecord& c) { return !c.error.empty(); });
    metrics.emplace(metric::kCommandsFailed, static_cast<double>(failed));
    if (record.endCode) {
        metrics.emplace(metric::kRenderingError, static_cast<double>(*record.endCode));
    }
    const auto latencies = LatenciesOf(record);
    if (latencies.empty()) return;
    metrics.emplace(metric::kCommandP50, Quantile(latencies, 0.50));
    metrics.emplace(metric::kCommandP99, Quantile(latencies, 0.99));
}

/// Bytes taken by the sink in [from, until), counting in each generation only what lies beyond
/// `position` of `generation`.
std::uint64_t RenderedBetween(const FlowRun& record, TimePoint from, TimePoint until,
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

TimePoint PauseEnd(const FlowRun& record, std::size_t pause) {
    for (std::size_t i = pause + 1; i < record.commands.size(); ++i) {
        if (EndsPause(record.commands[i])) return record.commands[i].issued;
    }
    return TimePoint::max();
}

/// A pause is processed at the position its answer names. Whatever the sink took beyond that,
/// before the command that ends the pause was even issued, was rendered while paused.
void AddPauses(const FlowRun& record, Metrics& metrics) {
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

void AddBytes(const FlowRun& record, Metrics& metrics) {
    const auto rendered = BytesRendered(record, TimePoint::min(), TimePoint::max());
    metrics.emplace(metric::kRendered, static_cast<double>(rendered));
    if (record.sessions > 1) {
        metrics.emplace(metric::kSessions, static_cast<double>(record.sessionsCompleted));
    }
    if (!Completion(record)) return;
    const bool equal = !record.expectedHash.empty() && record.renderedHash == record.expectedHash;
    metrics.emplace(metric::kHashEqual, equal ? 1 : 0);
}

}  // namespace

std::vector<double> LatenciesOf(const FlowRun& record) {
    std::vector<double> latencies;
    for (const CommandRecord& command : record.commands) {
        if (!command.error.empty()) continue;
        latencies.push_back(ToMilliseconds(command.answered - command.issued));
    }
    return latencies;
}

std::uint64_t BytesRendered(const FlowRun& record, TimePoint from, TimePoint until) {
    return RenderedBetween(record, from, until, [](const TimelineRow&) { return true; });
}

Metrics FlowMetrics(const FlowRun& record) {
    Metrics metrics;
    AddCompletion(record, metrics);
    AddCommands(record, metrics);
    AddPauses(record, metrics);
    AddBytes(record, metrics);
    return metrics;
}

}  // namespace crsp::lab
