// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "scenarios/lab/html-asked.h"
#include "scenarios/lab/html-text.h"
#include "scenarios/lab/metric-names.h"

namespace crsp::lab {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
/// More than can be told apart on a screen; longer series are joined to means.
constexpr std::size_t kMostPoints = 150;
/// Steps of a cumulative distribution, of which a histogram may have thousands.
constexpr std::size_t kMostSteps = 200;
/// Fewer runs make no distribution.
constexpr std::size_t kFewestRuns = 3;

struct SeriesTitle {
    const char* name;
    const char* title;
    const char* axis;
};
/// In the order in which they are shown; `lost` as packets in each second.
constexpr SeriesTitle kSeriesTitles[] = {
    {"rate", "Rate rendered", "Mbit/s"},         {"rtt", "Round trip", "ms"},
    {"cwnd", "Congestion window", "kB"},         {"in-flight", "Bytes in flight", "kB"},
    {"lost", "Packets taken for lost", "1/s"},   {"queue-delay", "Wait in the queue", "ms"},
    {"traffic-rate", "Cross traffic", "Mbit/s"},
};

std::vector<const ReportVariant*> Shown(const ReportScenario& scenario) {
    std::vector<const ReportVariant*> shown;
    for (const ReportVariant& variant : scenario.variants) {
        if (shown.size() < kPlotColours) shown.push_back(&variant);
    }
    return shown;
}

std::vector<std::pair<double, double>> StepsOf(const Distribution& all) {
    std::vector<std::pair<double, double>> points;
    const double total = static_cast<double>(all.Count());
    const std::size_t stride = std::max<std::size_t>(all.Values().size() / kMostSteps, 1);
    double share = 0;
    std::uint64_t before = 0;
    std::size_t i = 0;
    for (const auto& [value, count] : all.Values()) {
        before += count;
        if (i++ % stride != 0 && i != all.Values().size()) continue;
        points.emplace_back(value, share);
        share = 100 * static_cast<double>(before) / total;
        points.emplace_back(value, share);
    }
    return points;
}

/// Distributions of each variant by what they are of, with its unit.
using Distributions = std::map<std::string, std::pair<std::string, std::vector<PlotLine>>>;

void AddLine(Distributions& all, const std::string& name, const std::string& unit,
             const std::string& variant, std::size_t colour, const Distribution& values) {
    if (values.Count() < 2) return;
    all[name].first = unit;
    all[name].second.push_back({variant, StepsOf(values), colour});
}

void AddDistributions(ResultsReader& reader, const ReportVariant& variant, std::size_t colour,
                      Distributions& all) {
    std::map<std::string, std::pair<std::string, Distribution>> joined;
    std::map<std::string, Distribution> runs;
    for (const RunRow& run : variant.runs) {
        if (!IsMeasured(run)) continue;
        for (const SampleRow& row : reader.SamplesOf(run.id)) {
            joined[row.name].first = row.unit;
            joined[row.name].second.Join(row.samples);
        }
        for (const MetricRow& row : reader.MetricsOf(run.id)) {
            if (row.name == metric::kCompletionTime) runs[row.name].Add(row.value);
        }
    }
    for (const auto& [name, entry] : joined) {
        AddLine(all, name, entry.first, variant.name, colour, entry.second);
    }
    for (const auto& [name, values] : runs) {
        if (values.Count() < kFewestRuns) continue;
        AddLine(all, name, std::string(DescribeMetric(name).unit), variant.name, colour, values);
    }
}

std::vector<Plot> DistributionPlots(ResultsReader& reader, const ReportScenario& scenario) {
    Distributions all;
    const auto shown = Shown(scenario);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        AddDistributions(reader, *shown[i], i, all);
    }
    std::vector<Plot> plots;
    for (auto& [name, entry] : all) {
        const bool ofRuns = name == metric::kCompletionTime;
        plots.push_back({FileNameOf(scenario.name, name + "-cdf"),
                         fmt::format("{}: {}", name, ofRuns ? "share of runs" : "share of samples"),
                         fmt::format("{}, {}", name, entry.first),
                         ofRuns ? "% of runs up to" : "% up to",
                         std::move(entry.second),
                         {}});
    }
    return plots;
}

/// Means of neighbours, so that there are kMostPoints at most.
std::vector<std::pair<double, double>> PointsOf(const SeriesRow& series) {
    const auto list = nlohmann::json::parse(series.points, nullptr, false);
    std::vector<std::pair<double, double>> points;
    if (!list.is_array()) return points;
    const double scale = series.unit == "B" ? 1e-3 : 1;
    const std::size_t stride = (list.size() + kMostPoints - 1) / kMostPoints;
    for (std::size_t i = 0; i < list.size(); i += stride) {
        const std::size_t end = std::min(i + stride, list.size());
        double sum = 0;
        std::size_t count = 0;
        for (std::size_t k = i; k < end; ++k) {
            if (!list[k].is_number()) continue;
            sum += list[k].get<double>() * scale;
            ++count;
        }
        points.emplace_back(static_cast<double>(end) * series.step,
                            count == 0 ? kNothing : sum / static_cast<double>(count));
    }
    return points;
}

/// Lines by the series' name, without that of a flow.
using SeriesLines = std::map<std::string, std::vector<PlotLine>>;

/// Of a run with several flows the first that will go on one plot have lines of their own, if
/// there is one variant; else each variant has its first flow.
void AddSeries(ResultsReader& reader, const ReportVariant& variant, std::size_t colour, bool alone,
               SeriesLines& lines) {
    for (const SeriesRow& series : reader.SeriesOf(variant.Shown().id)) {
        const auto dot = series.name.find('.');
        const std::string base = series.name.substr(0, dot);
        const bool ofFlow = dot != std::string::npos;
        auto& place = lines[base];
        std::size_t own = colour;
        std::string name = variant.name;
        if (ofFlow && alone) {
            own = place.size();
            name = series.name.substr(dot + 1);
        }
        const bool there = std::any_of(place.begin(), place.end(),
                                       [&](const PlotLine& line) { return line.colour == own; });
        if (there || own >= kPlotColours) continue;
        place.push_back({name, PointsOf(series), own});
    }
}

/// The curve whose slope is the rate: where playing stands still it is flat.
Plot TotalPlot(const Plot& rate, const std::string& scenario) {
    Plot plot{
        FileNameOf(scenario, "rendered"), "Rendered in total", rate.xTitle, "MB", {}, rate.markers};
    for (const PlotLine& line : rate.lines) {
        PlotLine total{line.name, {}, line.colour};
        double sum = 0;
        double before = 0;
        for (const auto& [at, value] : line.points) {
            if (std::isfinite(value)) sum += value * (at - before) / 8;
            before = at;
            total.points.emplace_back(at, sum);
        }
        plot.lines.push_back(std::move(total));
    }
    return plot;
}

double EndOf(const SeriesLines& lines) {
    double end = 0;
    for (const auto& [name, all] : lines) {
        for (const PlotLine& line : all) {
            if (!line.points.empty()) end = std::max(end, line.points.back().first);
        }
    }
    return end;
}

std::vector<Plot> SeriesPlots(ResultsReader& reader, const ReportScenario& scenario) {
    SeriesLines lines;
    const auto shown = Shown(scenario);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        AddSeries(reader, *shown[i], i, shown.size() == 1, lines);
    }
    const auto markers = MarkersOf(scenario.asked, EndOf(lines));
    std::vector<Plot> plots;
    for (const SeriesTitle& series : kSeriesTitles) {
        const auto found = lines.find(series.name);
        if (found == lines.end()) continue;
        plots.push_back({FileNameOf(scenario.name, series.name), series.title, "seconds",
                         series.axis, std::move(found->second), markers});
        if (found->first != "rate") continue;
        Plot total = TotalPlot(plots.back(), scenario.name);
        plots.push_back(std::move(total));
    }
    return plots;
}

}  // namespace

std::string FileNameOf(const std::string& scenario, const std::string& what) {
    std::string name = scenario + "-" + what;
    for (char& c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        if (!plain) c = '-';
    }
    return name;
}

ScenarioPlots PlotsOf(ResultsReader& reader, const ReportScenario& scenario) {
    ScenarioPlots plots{DistributionPlots(reader, scenario), SeriesPlots(reader, scenario), ""};
    plots.seriesNote = "One run of each variant, of the valid ones that with the lowest seed.";
    if (scenario.variants.size() > kPlotColours) {
        plots.seriesNote +=
            fmt::format(" The first {} of {} are shown.", CountText(kPlotColours, "variant"),
                        scenario.variants.size());
    }
    return plots;
}

}  // namespace crsp::lab
