// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-sequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "scenarios/lab/html-asked.h"
#include "scenarios/lab/html-plots.h"
#include "scenarios/lab/html-text.h"

namespace crsp::lab {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr double kMega = 1e6;

using Points = std::vector<std::pair<double, double>>;

/// What a plot spans: its points are rounded by it.
struct Extent {
    double from = std::numeric_limits<double>::max();
    double to = 0;
    double least = std::numeric_limits<double>::max();
    double most = 0;

    void Grow(double at, std::uint64_t begin, std::uint64_t end) {
        from = std::min(from, at);
        to = std::max(to, at);
        least = std::min(least, static_cast<double>(begin));
        most = std::max(most, static_cast<double>(end));
    }
    long ColumnOf(double at) const {
        const double share = to > from ? (at - from) / (to - from) : 0;
        return std::lround(share * static_cast<double>(kSequenceColumns));
    }
    long RowOf(std::uint64_t offset) const {
        const double share =
            most > least ? (static_cast<double>(offset) - least) / (most - least) : 0;
        return std::lround(share * static_cast<double>(kSequenceRows));
    }
};

Extent ExtentOf(const RunSequence& sequence) {
    Extent extent;
    for (const StreamSequence& stream : sequence.streams) {
        for (const auto* list : {&stream.sent, &stream.repeated, &stream.lost}) {
            for (const SequencePart& part : *list) extent.Grow(part.at, part.begin, part.end);
        }
        for (const auto* list : {&stream.acknowledged, &stream.delivered}) {
            for (const SequenceEdge& edge : *list) extent.Grow(edge.at, edge.bytes, edge.bytes);
        }
    }
    return extent;
}

/// A bar for each column: from the first byte sent in it to the last.
void AddBars(const std::vector<SequencePart>& sent, const Extent& extent, Points& points) {
    std::map<long, SequencePart> columns;
    for (const SequencePart& part : sent) {
        SequencePart& bar = columns.try_emplace(extent.ColumnOf(part.at), part).first->second;
        bar.begin = std::min(bar.begin, part.begin);
        bar.end = std::max(bar.end, part.end);
    }
    for (const auto& [column, bar] : columns) {
        points.emplace_back(bar.at, static_cast<double>(bar.end) / kMega);
        points.emplace_back(bar.at, static_cast<double>(bar.begin) / kMega);
    }
}

/// A mark where there is at least one part in a column and row.
void AddMarks(const std::vector<SequencePart>& parts, const Extent& extent, Points& points) {
    std::set<std::pair<long, long>> taken;
    for (const SequencePart& part : parts) {
        if (!taken.emplace(extent.ColumnOf(part.at), extent.RowOf(part.begin)).second) continue;
        points.emplace_back(part.at, static_cast<double>(part.begin) / kMega);
    }
}

void Thin(Points& points) {
    const std::size_t stride = (points.size() + kMostSequenceMarks - 1) / kMostSequenceMarks;
    if (stride < 2) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < points.size(); i += stride) points[kept++] = points[i];
    points.resize(kept);
}

/// A stair with one step for each column; the line ends with its stream.
void AddStair(const std::vector<SequenceEdge>& edges, const Extent& extent, Points& points) {
    double before = kNothing;
    for (std::size_t i = 0; i < edges.size(); ++i) {
        const bool last = i + 1 == edges.size();
        if (!last && extent.ColumnOf(edges[i].at) == extent.ColumnOf(edges[i + 1].at)) continue;
        const double now = static_cast<double>(edges[i].bytes) / kMega;
        points.emplace_back(edges[i].at, before);
        points.emplace_back(edges[i].at, now);
        before = now;
    }
    if (!edges.empty()) points.emplace_back(edges.back().at, kNothing);
}

Plot PlotFor(const RunSequence& sequence, const std::vector<PlotMarker>& markers) {
    const Extent extent = ExtentOf(sequence);
    PlotLine sent{"sent", {}, 0, PlotShape::kBars};
    PlotLine acknowledged{"acknowledged", {}, 2, PlotShape::kLine};
    PlotLine delivered{"delivered in order", {}, 5, PlotShape::kSolid};
    PlotLine repeated{"sent again", {}, 1, PlotShape::kDots};
    PlotLine lost{"taken for lost", {}, 7, PlotShape::kTicks};
    for (const StreamSequence& stream : sequence.streams) {
        AddBars(stream.sent, extent, sent.points);
        AddStair(stream.acknowledged, extent, acknowledged.points);
        AddStair(stream.delivered, extent, delivered.points);
        AddMarks(stream.repeated, extent, repeated.points);
        AddMarks(stream.lost, extent, lost.points);
    }
    Thin(repeated.points);
    Thin(lost.points);
    Plot plot;
    plot.xTitle = "seconds";
    plot.yTitle = "offset in its stream, MB";
    plot.lines = {std::move(sent), std::move(acknowledged), std::move(delivered),
                  std::move(repeated), std::move(lost)};
    plot.markers = markers;
    return plot;
}

void Keep(std::vector<SequencePart>& list, double from, double to) {
    std::erase_if(list, [&](const auto& part) { return part.at < from || part.at > to; });
}

/// What was there before `from` is there still, and what is there last stays.
void Keep(std::vector<SequenceEdge>& list, double from, double to) {
    std::erase_if(list, [&](const auto& edge) { return edge.at > to; });
    const auto first =
        std::find_if(list.begin(), list.end(), [&](const auto& edge) { return edge.at >= from; });
    if (first != list.begin()) {
        list.erase(list.begin(), first - 1);
        list.front().at = from;
    }
    if (!list.empty()) list.push_back({to, list.back().bytes});
}

/// What a close-up is about: a stream, and an instant.
struct Focus {
    std::size_t stream = 0;
    double at = 0;
    bool loss = false;
};

Focus FocusOf(const RunSequence& sequence) {
    for (std::size_t i = 0; i < sequence.streams.size(); ++i) {
        const auto& lost = sequence.streams[i].lost;
        if (!lost.empty()) return {i, lost.front().at, true};
    }
    const auto first =
        std::find_if(sequence.streams.begin(), sequence.streams.end(),
                     [](const StreamSequence& stream) { return !stream.sent.empty(); });
    if (first == sequence.streams.end()) return {};
    return {static_cast<std::size_t>(first - sequence.streams.begin()), first->sent.front().at};
}

/// The part of its stream around the focus.
RunSequence CloseUpOf(const RunSequence& sequence, const Focus& focus) {
    StreamSequence stream = sequence.streams[focus.stream];
    const auto& sent = stream.sent;
    if (sent.empty()) return {};
    const auto found = std::find_if(sent.begin(), sent.end(),
                                    [&](const SequencePart& part) { return part.at >= focus.at; }) -
                       sent.begin();
    const auto middle = static_cast<std::size_t>(found);
    const std::size_t ahead = kCloseUpParts / 3;
    const std::size_t begin = middle > ahead ? middle - ahead : 0;
    const std::size_t end = std::min(begin + kCloseUpParts, sent.size()) - 1;
    const double from = sent[std::min(begin, end)].at;
    const double to = std::max(sent[end].at, focus.at);
    for (auto* list : {&stream.sent, &stream.repeated, &stream.lost}) Keep(*list, from, to);
    for (auto* list : {&stream.acknowledged, &stream.delivered}) Keep(*list, from, to);
    return {{std::move(stream)}, {}, false, ""};
}

/// Those whose instants the scenario does not say, as they wait for something.
void AddFaults(const std::vector<SequenceFault>& faults, std::vector<PlotMarker>& markers) {
    constexpr double kSame = 1e-6;
    for (const SequenceFault& fault : faults) {
        const bool told = std::any_of(
            markers.begin(), markers.end(),
            [&](const PlotMarker& marker) { return std::abs(marker.at - fault.at) < kSame; });
        if (!told) markers.push_back({fault.at, 0, fault.what});
    }
    std::stable_sort(markers.begin(), markers.end(),
                     [](const PlotMarker& a, const PlotMarker& b) { return a.at < b.at; });
}

/// Why a run has no sequence view.
std::string Missing(const ReportVariant& variant, const std::string& problem) {
    return fmt::format("No sequence view of {}, seed {}: {}", variant.name,
                       variant.Shown().seed, problem);
}

}  // namespace

std::vector<Plot> SequencePlots(const RunSequence& sequence, const std::string& scenario,
                                const std::string& variant,
                                const std::vector<PlotMarker>& markers) {
    std::size_t repeated = 0;
    std::size_t lost = 0;
    for (const StreamSequence& stream : sequence.streams) {
        repeated += stream.repeated.size();
        lost += stream.lost.size();
    }
    std::vector<Plot> plots{PlotFor(sequence, markers)};
    plots[0].name = FileNameOf(scenario, "sequence-" + variant);
    plots[0].title = fmt::format("{}: {} sent again, {} taken for lost", variant,
                                 CountText(repeated, "part"), lost);
    const Focus focus = FocusOf(sequence);
    const RunSequence near = CloseUpOf(sequence, focus);
    if (near.streams.empty()) return plots;
    plots.push_back(PlotFor(near, markers));
    plots[1].name = plots[0].name + "-close";
    plots[1].title =
        fmt::format("{}, close-up of the {}", variant, focus.loss ? "first loss" : "begin");
    plots[1].fromZero = false;
    return plots;
}

SequenceViews SequencesOf(const ReportScenario& scenario, std::size_t most) {
    SequenceViews views;
    std::string missing;
    bool cut = false;
    const std::size_t count = std::min(scenario.variants.size(), most);
    for (std::size_t i = 0; i < count; ++i) {
        const ReportVariant& variant = scenario.variants[i];
        const RunSequence sequence = ReadRunSequence(variant.Shown().folder);
        if (!sequence.problem.empty()) {
            missing += (missing.empty() ? "" : " ") + Missing(variant, sequence.problem);
            continue;
        }
        cut = cut || sequence.cut;
        auto markers = MarkersOf(scenario.asked, ExtentOf(sequence).to);
        AddFaults(sequence.faults, markers);
        for (Plot& plot : SequencePlots(sequence, scenario.name, variant.name, markers)) {
            views.plots.push_back(std::move(plot));
        }
    }
    if (views.plots.empty()) return {{}, missing};
    views.note =
        "Which bytes the server sent when, and what became of them, of the valid run with the "
        "lowest seed. Each stream begins at offset 0.";
    if (cut) {
        views.note += fmt::format(" Of a qlog the first {} MiB are shown.", kMostQlogBytes >> 20);
    }
    if (scenario.variants.size() > count) {
        views.note += fmt::format(" The first {} of {} are shown.", CountText(count, "variant"),
                                  scenario.variants.size());
    }
    if (!missing.empty()) views.note += " " + missing;
    return views;
}

}  // namespace crsp::lab
