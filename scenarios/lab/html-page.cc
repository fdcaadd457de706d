// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-page.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "scenarios/lab/compare.h"
#include "scenarios/lab/html-asked.h"
#include "scenarios/lab/html-assets.h"
#include "scenarios/lab/html-matrix.h"
#include "scenarios/lab/html-plots.h"
#include "scenarios/lab/html-sequence.h"
#include "scenarios/lab/html-tables.h"
#include "scenarios/lab/html-text.h"
#include "scenarios/lab/html-topology.h"

namespace crsp::lab {
namespace {

namespace fs = std::filesystem;

/// With more of them they begin closed.
constexpr std::size_t kOpenScenarios = 4;

/// What a comparison adds: a sentence at the top, and a section with its table.
struct Compared {
    std::string title;
    std::string id;
    std::string sentence;
    std::string table;
};

Compared CompareFor(ResultsReader& reader, const ReportOptions& options, const Selector& a,
                    const Selector& b) {
    CompareOptions compare;
    compare.a = a;
    compare.b = b;
    compare.where = options.where;
    const CompareResult result = Compare(reader, compare);
    Compared compared;
    compared.sentence = ComparedSentence(result, a.Text(), b.Text());
    compared.table = ComparedTable(result, a.Text(), b.Text());
    compared.table +=
        "<p class=\"muted\">The interval is bootstrap-t's; p is that of a sign-flip "
        "test, corrected for all rows (Holm).";
    for (const std::string& note : result.notes) compared.table += "<br>" + Escaped(note);
    compared.table += "</p>";
    return compared;
}

bool HasBothWorlds(const ReportData& data) {
    std::set<std::string> worlds;
    for (const RunRow* run : data.Runs()) worlds.insert(run->world);
    return worlds.size() > 1;
}

std::vector<Compared> Comparisons(ResultsReader& reader, const ReportData& data,
                                  const ReportOptions& options) {
    std::vector<Compared> all;
    if (options.a && options.b) {
        all.push_back(CompareFor(reader, options, *options.a, *options.b));
        all.back().title = "Comparison";
        all.back().id = "comparison";
    }
    if (HasBothWorlds(data)) {
        all.push_back(CompareFor(reader, options, *Selector::Parse("world:ns3"),
                                 *Selector::Parse("world:live")));
        all.back().title = "Simulation and live";
        all.back().id = "fidelity";
    }
    return all;
}

std::string FiguresOf(const std::vector<Plot>& plots) {
    std::string out = "<div class=\"plots\">";
    for (const Plot& plot : plots) {
        out += fmt::format("<figure><figcaption>{}</figcaption>{}</figure>\n", Escaped(plot.title),
                           SvgOf(plot, SvgUse::kPage));
    }
    return out + "</div>";
}

std::vector<PlotLine> LegendLines(const std::vector<Plot>& plots) {
    std::vector<PlotLine> lines;
    std::set<std::string> names;
    for (const Plot& plot : plots) {
        for (const PlotLine& line : plot.lines) {
            if (!names.insert(line.name).second) continue;
            lines.push_back({line.name, {}, line.colour, line.shape});
        }
    }
    return lines;
}

std::string PlotSection(const std::string& title, const std::string& note,
                        const std::vector<Plot>& plots) {
    if (plots.empty()) return "";
    return fmt::format("<h3>{}</h3>{}{}{}", title,
                       note.empty() ? "" : fmt::format("<p class=\"muted\">{}</p>", Escaped(note)),
                       LegendOf(LegendLines(plots)), FiguresOf(plots));
}

std::string SequenceSection(const ReportScenario& scenario, bool open) {
    const SequenceViews views = SequencesOf(scenario, open ? kMostSequences : 1);
    if (!views.plots.empty()) return PlotSection("Sequence", views.note, views.plots);
    return fmt::format("<p class=\"muted\">{}</p>", Escaped(views.note));
}

std::string ScenarioHtml(ResultsReader& reader, const ReportScenario& scenario, std::size_t number,
                         bool open) {
    const auto say = [&](const char* key, const char* format) {
        const std::string text = AskedText(scenario.asked, key);
        return text.empty() ? "" : fmt::format(fmt::runtime(format), Escaped(text));
    };
    const ScenarioPlots plots = PlotsOf(reader, scenario);
    std::string out =
        fmt::format("<details class=\"scenario\" id=\"scenario-{}\"{}><summary>{}</summary>",
                    number, open ? " open" : "", Escaped(scenario.name));
    out += say("scenario.description", "<p>{}.") +
           say("scenario.source", " <span class=\"muted\">Source: {}.</span></p>");
    if (!scenario.fixed.empty()) {
        out += fmt::format("<p>With <code>{}</code>.</p>", Escaped(scenario.fixed));
    }
    out += TopologySvg(scenario.asked, scenario.name, SvgUse::kPage);
    out += MetricTable(reader, scenario) + PercentileTable(reader, scenario);
    out += PlotSection("Distributions", "", plots.distributions);
    out += PlotSection("Over time", plots.seriesNote, plots.series);
    out += SequenceSection(scenario, open);
    return out + "</details>\n";
}

std::string HeadHtml(const std::vector<Compared>& comparisons) {
    std::string links = "<a href=\"#matrix\">Matrix</a>";
    for (const Compared& compared : comparisons) {
        links += fmt::format("<a href=\"#{}\">{}</a>", compared.id, compared.title);
    }
    links += "<a href=\"#scenarios\">Scenarios</a><a href=\"#provenance\">Provenance</a>";
    return fmt::format(
        "<a class=\"skip\" href=\"#main\">Skip to the report</a><header><div>"
        "<strong>CRSP laboratory</strong><nav aria-label=\"Sections\">{}</nav>"
        "<button id=\"theme\" type=\"button\" hidden aria-label=\"Change colours\"></button>"
        "</div></header>",
        links);
}

}  // namespace

std::string PageOf(const std::string& title, const std::string& body) {
    const std::string style = PageStyle();
    const std::string script(PageScript());
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>\n"
        "<style>{}</style>\n</head>\n<body>\n{}\n<script>{}</script>\n</body>\n</html>\n",
        CspHash(style), CspHash(script), Escaped(title), style, body, script);
}

std::string ReportHtml(ResultsReader& reader, const ReportData& data,
                       const ReportOptions& options) {
    const auto comparisons = Comparisons(reader, data, options);
    std::string body = HeadHtml(comparisons) +
                       "<main id=\"main\"><h1>Results</h1>"
                       "<section class=\"verdict\" aria-label=\"Verdict\">" +
                       VerdictHtml(data);
    for (const Compared& compared : comparisons) {
        body += fmt::format("<p><b>{}.</b> {}</p>", compared.title, Escaped(compared.sentence));
    }
    body += "</section>" + FailureHtml(data);
    body += "<h2 id=\"matrix\">Matrix</h2>" +
            MatrixHtml(data, fs::path(options.out).parent_path().string());
    for (const Compared& compared : comparisons) {
        body += fmt::format("<h2 id=\"{}\">{}</h2>{}", compared.id, compared.title, compared.table);
    }
    body += "<h2 id=\"scenarios\">Scenarios</h2>";
    const bool open = data.scenarios.size() <= kOpenScenarios;
    for (std::size_t i = 0; i < data.scenarios.size(); ++i) {
        body += ScenarioHtml(reader, data.scenarios[i], i, open);
    }
    body += "<h2 id=\"provenance\">Provenance</h2>" + ProvenanceHtml(data, options.results);
    return PageOf("CRSP laboratory: results", body + "</main>");
}

std::size_t WriteSvgs(ResultsReader& reader, const ReportData& data, const std::string& folder) {
    std::size_t count = 0;
    const auto write = [&](const std::string& name, const std::string& svg) {
        if (svg.empty()) return;
        WriteTextFile((fs::path(folder) / (name + ".svg")).string(), svg + "\n");
        ++count;
    };
    for (const ReportScenario& scenario : data.scenarios) {
        write(FileNameOf(scenario.name, "nodes"),
              TopologySvg(scenario.asked, scenario.name, SvgUse::kFile));
        const ScenarioPlots plots = PlotsOf(reader, scenario);
        for (const auto* group : {&plots.distributions, &plots.series}) {
            for (const Plot& plot : *group) write(plot.name, SvgOf(plot, SvgUse::kFile));
        }
        for (const Plot& plot : SequencesOf(scenario, kMostSequences).plots) {
            write(plot.name, SvgOf(plot, SvgUse::kFile));
        }
    }
    return count;
}

bool WriteReport(const ReportOptions& options) {
    ResultsReader reader(options.results);
    bool allEngines = false;
    for (const auto* side : {&options.a, &options.b}) {
        if (!*side) continue;
        const auto& decides = (*side)->Decides();
        allEngines = allEngines || decides.contains("commit") || decides.contains("engine");
    }
    ReportData data = LoadReport(reader, options.where, allEngines);
    FindFolders(data, options.results);
    if (data.scenarios.empty()) return false;
    WriteTextFile(options.out, ReportHtml(reader, data, options));
    if (!options.svg.empty()) WriteSvgs(reader, data, options.svg);
    return true;
}

void WriteTextFile(const std::string& path, const std::string& text) {
    const fs::path folder = fs::path(path).parent_path();
    if (!folder.empty()) fs::create_directories(folder);
    errno = 0;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (file) return;
    throw fs::filesystem_error("cannot write", path,
                               std::error_code(errno == 0 ? EIO : errno, std::generic_category()));
}

}  // namespace crsp::lab
