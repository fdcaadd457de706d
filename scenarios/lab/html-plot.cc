// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "scenarios/lab/html-axis.h"
#include "scenarios/lab/html-text.h"

namespace crsp::lab {
namespace {

constexpr double kWidth = 640;
constexpr double kHeight = 250;
constexpr double kLeft = 58;
constexpr double kRight = 628;
constexpr double kBottom = 208;
constexpr double kLegendLine = 16;
/// Labels of markers stand in so many rows above the plot.
constexpr std::size_t kLabelRows = 2;
constexpr double kLabelRow = 11;
/// Of the labels' font, in pixels; a little more than it is.
constexpr double kLetter = 5.6;
/// Of shapes, in pixels.
constexpr double kTick = 8;
constexpr double kShortestBar = 1.5;
constexpr std::array<const char*, 5> kShapeClasses{"", " d", " v", " o", " i"};

constexpr std::array<const char*, kPlotColours> kLight{"#0062b1", "#c44400", "#00795c", "#a3307c",
                                                       "#7a5c00", "#5b45c2", "#4d5560", "#b3001b"};
constexpr std::array<const char*, kPlotColours> kDark{"#5cb3ff", "#ff9a5c", "#3fd6a8", "#f08bcb",
                                                      "#e0be3c", "#a99bff", "#b4bcc8", "#ff7a85"};
constexpr std::array<const char*, kPlotColours> kDashes{"",    "7 3",      "2 3",     "9 3 2 3",
                                                        "4 2", "12 3 4 3", "1 2 5 2", "6 6"};

struct Frame {
    PlotAxis x;
    PlotAxis y;
    double top;
};

double TopOf(const Plot& plot) {
    return plot.markers.empty() ? 14 : 10 + kLabelRow * static_cast<double>(kLabelRows);
}

Frame FrameOf(const Plot& plot) {
    const double none = plot.fromZero ? 0 : std::numeric_limits<double>::max();
    double least = none;
    double first = none;
    double most = 0;
    double last = 0;
    for (const PlotLine& line : plot.lines) {
        for (const auto& [x, y] : line.points) {
            first = std::min(first, x);
            last = std::max(last, x);
            if (!std::isfinite(y)) continue;
            least = std::min(least, y);
            most = std::max(most, y);
        }
    }
    // Without a point there is nothing to begin at.
    least = std::min(least, most);
    first = std::min(first, last);
    const double top = TopOf(plot);
    return {PlotAxis(first, last, kLeft, kRight, 8, false),
            PlotAxis(least, most, kBottom, top, 4, true), top};
}

std::string GridOf(const Frame& frame) {
    std::string out;
    for (const double tick : frame.y.Ticks()) {
        const double y = frame.y.At(tick);
        out += fmt::format(
            "<path class=\"g\" d=\"M{} {:.1f}H{}\"/><text class=\"t e\" x=\"{}\" "
            "y=\"{:.1f}\">{}</text>",
            kLeft, y, kRight, kLeft - 6, y + 3.5, NumberText(std::abs(tick) < 1e-12 ? 0 : tick));
    }
    for (const double tick : frame.x.Ticks()) {
        out += fmt::format("<text class=\"t m\" x=\"{:.1f}\" y=\"{}\">{}</text>", frame.x.At(tick),
                           kBottom + 15, NumberText(std::abs(tick) < 1e-12 ? 0 : tick));
    }
    return out + fmt::format("<path class=\"a\" d=\"M{} {}H{}\"/>", kLeft, kBottom, kRight);
}

std::string TitlesOf(const Plot& plot, const Frame& frame) {
    const double middle = (frame.top + kBottom) / 2;
    return fmt::format(
        "<text class=\"t m\" x=\"{}\" y=\"{}\">{}</text>"
        "<text class=\"t m\" transform=\"translate(12 {}) rotate(-90)\">{}</text>",
        (kLeft + kRight) / 2, kBottom + 32, Escaped(plot.xTitle), middle, Escaped(plot.yTitle));
}

/// Finds room for labels from left to right.
class LabelRows {
  public:
    /// The row in which a label of that width fits at x; nothing if in none.
    std::optional<std::size_t> Place(double x, double width) {
        if (x + width > kWidth) return std::nullopt;
        for (std::size_t row = 0; row < kLabelRows; ++row) {
            if (m_ends[row] > x) continue;
            m_ends[row] = x + width + 4;
            return row;
        }
        return std::nullopt;
    }

  private:
    std::array<double, kLabelRows> m_ends{};
};

std::string MarkersOf(const Plot& plot, const Frame& frame) {
    std::string out;
    LabelRows rows;
    for (const PlotMarker& marker : plot.markers) {
        if (marker.at > frame.x.High() || marker.at < frame.x.Low()) continue;
        const double x = frame.x.At(marker.at);
        const std::string text = Escaped(marker.text);
        const std::string title =
            fmt::format("<title>{} s: {}</title>", NumberText(marker.at), text);
        if (marker.to > marker.at) {
            out += fmt::format(
                "<rect class=\"b\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" "
                "height=\"{:.1f}\">{}</rect>",
                x, frame.top, std::max(frame.x.At(marker.to) - x, 1.0), kBottom - frame.top, title);
        }
        const auto row = rows.Place(x, kLetter * static_cast<double>(marker.text.size()));
        const double y = frame.top - 3 - (row ? kLabelRow * static_cast<double>(*row) : 0);
        out += fmt::format("<path class=\"k\" d=\"M{:.1f} {:.1f}V{}\">{}</path>", x, y, kBottom,
                           title);
        if (row)
            out += fmt::format("<text class=\"l\" x=\"{:.1f}\" y=\"{}\">{}</text>", x + 2, y, text);
    }
    return out;
}

std::string PathOf(const PlotLine& line, const Frame& frame) {
    std::string d;
    bool drawing = false;
    for (const auto& [x, y] : line.points) {
        if (!std::isfinite(y)) {
            drawing = false;
            continue;
        }
        d += fmt::format("{}{:.1f} {:.1f}", drawing ? 'L' : 'M', frame.x.At(x), frame.y.At(y));
        drawing = true;
    }
    return d;
}

/// Two points make a piece, by which the script finds what is near.
std::string PieceOf(double x, double y, double to) {
    return fmt::format("M{0:.1f} {1:.1f}L{0:.1f} {2:.1f}", x, y, to);
}

std::string PiecesOf(const PlotLine& line, const Frame& frame) {
    const bool bars = line.shape == PlotShape::kBars;
    std::string d;
    for (std::size_t i = 0; i < line.points.size(); i += bars ? 2 : 1) {
        const double x = frame.x.At(line.points[i].first);
        const double y = frame.y.At(line.points[i].second);
        double to = line.shape == PlotShape::kTicks ? y - kTick : y;
        if (bars) to = std::max(frame.y.At(line.points[i + 1].second), y + kShortestBar);
        d += PieceOf(x, y, to);
    }
    return d;
}

bool IsLine(PlotShape shape) {
    return shape == PlotShape::kLine || shape == PlotShape::kSolid;
}

std::string ClassOf(const PlotLine& line) {
    return fmt::format("s s{}{}", line.colour % kPlotColours,
                       kShapeClasses[static_cast<std::size_t>(line.shape)]);
}

/// The shape in a space of 28 by 8.
std::string SampleOf(const PlotLine& line) {
    static constexpr std::array<const char*, 5> kSamples{"M0 4h28", "M0 4h28",
                                                         "M6 8v-3M10 7v-4M14 5v-4M18 4v-4",
                                                         "M8 4h0M20 4h0", "M8 8v-7M20 8v-7"};
    return kSamples[static_cast<std::size_t>(line.shape)];
}

std::string LinesOf(const Plot& plot, const Frame& frame) {
    std::string out;
    for (const PlotLine& line : plot.lines) {
        out += fmt::format("<path class=\"{}\" data-name=\"{}\" d=\"{}\"><title>{}</title></path>",
                           ClassOf(line), Escaped(line.name),
                           IsLine(line.shape) ? PathOf(line, frame) : PiecesOf(line, frame),
                           Escaped(line.name));
    }
    return out;
}

std::string FileLegend(const Plot& plot) {
    std::string out;
    double y = kHeight + 8;
    for (const PlotLine& line : plot.lines) {
        out += fmt::format(
            "<path class=\"{}\" transform=\"translate({} {})\" d=\"{}\"/><text class=\"t\" "
            "x=\"{}\" "
            "y=\"{}\">{}</text>",
            ClassOf(line), kLeft, y - 7.5, SampleOf(line), kLeft + 34, y, Escaped(line.name));
        y += kLegendLine;
    }
    return out;
}

std::string Opening(const Plot& plot, const Frame& frame, SvgUse use) {
    if (use == SvgUse::kFile) {
        const double height = kHeight + 8 + kLegendLine * static_cast<double>(plot.lines.size());
        return SvgFileOpening(kWidth, height, plot.title);
    }
    return fmt::format(
        "<svg class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\" tabindex=\"0\" aria-label=\"{}\" "
        "data-x=\"{},{}\" data-y=\"{},{}\" data-box=\"{},{},{},{}\">",
        kWidth, kHeight, Escaped(plot.title), frame.x.Low(), frame.x.High(), frame.y.Low(),
        frame.y.High(), kLeft, frame.top, kRight, kBottom);
}

}  // namespace

std::string SvgOf(const Plot& plot, SvgUse use) {
    const Frame frame = FrameOf(plot);
    return Opening(plot, frame, use) + GridOf(frame) + TitlesOf(plot, frame) +
           MarkersOf(plot, frame) + LinesOf(plot, frame) +
           (use == SvgUse::kFile ? FileLegend(plot) : "") + "</svg>";
}

std::string SvgFileOpening(double width, double height, const std::string& title) {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
        "height=\"{1}\"><title>{2}</title><style>svg{{{3}background:#fff}}{4}</style>",
        width, height, Escaped(title), PlotColours(false), PlotStyle());
}

std::string PlotStyle() {
    std::string out =
        "svg{font:11px system-ui,sans-serif}.t{fill:var(--soft)}.e{text-anchor:end}"
        ".m{text-anchor:middle}.l{fill:var(--soft);font-size:10px}.g{stroke:var(--grid)}"
        ".a{stroke:var(--soft)}.k{stroke:var(--mark);stroke-dasharray:1 2}"
        ".b{fill:var(--mark);opacity:.25}.n{fill:var(--node);stroke:var(--soft)}"
        ".r{stroke-dasharray:3 2}.w{fill:var(--ink);font-weight:600}"
        ".h{fill:none;stroke:var(--soft);stroke-width:1.5}"
        ".s{fill:none;stroke-width:1.6;stroke-linejoin:round}";
    for (std::size_t i = 0; i < kPlotColours; ++i) {
        out += fmt::format(".s{0}{{stroke:var(--c{0});stroke-dasharray:{1}}}", i,
                           *kDashes[i] == '\0' ? "none" : kDashes[i]);
    }
    // A shape tells what it is; only lines need dashes beside their colours.
    return out +
           ".s:is(.d,.v,.o,.i){stroke-dasharray:none}.s:is(.v,.i){stroke-width:2}"
           ".s.o{stroke-width:5;stroke-linecap:round}";
}

std::string PlotColours(bool dark) {
    std::string out =
        dark ? "--ink:#e8ebf0;--node:#1d232c;--soft:#a9b2bf;--grid:#2b323d;--mark:#8b95a5;"
             : "--ink:#16191e;--node:#f3f5f8;--soft:#4f5966;--grid:#e2e6eb;--mark:#7c8694;";
    for (std::size_t i = 0; i < kPlotColours; ++i) {
        out += fmt::format("--c{}:{};", i, dark ? kDark[i] : kLight[i]);
    }
    return out;
}

std::string LegendOf(const std::vector<PlotLine>& lines) {
    std::string out = "<ul class=\"legend\">";
    for (const PlotLine& line : lines) {
        out += fmt::format(
            "<li><svg viewBox=\"0 0 28 8\" aria-hidden=\"true\"><path class=\"{}\" "
            "d=\"{}\"/></svg>{}</li>",
            ClassOf(line), SampleOf(line), Escaped(line.name));
    }
    return out + "</ul>";
}

}  // namespace crsp::lab
