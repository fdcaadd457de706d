// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace crsp::lab {

/// So many lines have a colour and a dash of their own.
inline constexpr std::size_t kPlotColours = 8;

/// How the points of a line are drawn.
enum class PlotShape {
    kLine,
    kSolid,  ///< a line without dashes
    kBars,   ///< each two of them, of one x, as a bar from the first to the second
    kDots,   ///< each as a dot
    kTicks,  ///< each as a stroke that stands on it
};

struct PlotLine {
    std::string name;
    std::vector<std::pair<double, double>> points;  ///< a y of NaN interrupts the line
    std::size_t colour = 0;                         ///< below kPlotColours
    PlotShape shape = PlotShape::kLine;
};

/// Something that happened at an instant, or from then `to`.
struct PlotMarker {
    double at = 0;
    double to = 0;  ///< a span if greater than `at`
    std::string text;
};

struct Plot {
    std::string name;  ///< of a file, without ending
    std::string title;
    std::string xTitle;
    std::string yTitle;
    std::vector<PlotLine> lines;
    std::vector<PlotMarker> markers;
    bool fromZero = true;  ///< else both axes begin where the points do
};

enum class SvgUse {
    kPage,  ///< has the colours of the page that it stands in
    kFile,  ///< has its own colours, title and legend
};

/// The plot as one SVG element.
std::string SvgOf(const Plot& plot, SvgUse use);

/// The begin of a picture in a file of its own.
std::string SvgFileOpening(double width, double height, const std::string& title);

/// The style sheet of plots, as it stands in the page and in single files. Colours are the
/// variables that PlotColours sets.
std::string PlotStyle();
std::string PlotColours(bool dark);

/// What tells the lines apart, as HTML.
std::string LegendOf(const std::vector<PlotLine>& lines);

}  // namespace crsp::lab
