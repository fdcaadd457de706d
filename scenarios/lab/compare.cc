// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>

#include "scenarios/lab/compare-metric.h"

namespace crsp::lab {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// What one side has, by what tells a pair: scenario and remaining parameters, then seed.
using Cell = std::tuple<std::string, std::string, std::string>;
using Side = std::map<Cell, std::map<std::uint64_t, const RunRow*>>;

struct Pairing {
    Cell cell;
    std::uint64_t seed = 0;
    std::optional<RunValues> a;  ///< none: it did not come to its end
    std::optional<RunValues> b;
};

/// Logarithms of B / A in several cells. By seed: what a seed draws is the same in many scenarios,
/// so its values are not independent of each other.
struct Ratios {
    std::size_t cells = 0;
    std::size_t withoutA = 0;
    std::size_t withoutB = 0;
    std::map<std::uint64_t, std::vector<double>> bySeed;

    void Add(const std::map<std::uint64_t, double>& ratios) {
        ++cells;
        for (const auto& [seed, ratio] : ratios) bySeed[seed].push_back(ratio);
    }
};

class Comparer {
  public:
    Comparer(ResultsReader& reader, const CompareOptions& options)
        : m_reader(reader), m_options(options), m_decides(options.a.Decides()) {
        m_decides.insert(options.b.Decides().begin(), options.b.Decides().end());
        const std::string a = options.a.OnlyScenario();
        const std::string b = options.b.OnlyScenario();
        if (!a.empty() && !b.empty() && a != b) m_scenarios = fmt::format("{}, {}", a, b);
    }

    CompareResult Run() {
        const auto runs = Usable();
        const Side a = SideOf(runs, m_options.a);
        const Side b = SideOf(runs, m_options.b);
        Pair(a, b);
        if (m_pairs.empty()) m_result.unpaired = Unpaired(a, b);
        auto metrics = m_options.metrics;
        if (metrics.empty()) metrics = DefaultMetrics(Names());
        for (const std::string& metric : metrics) AddMetric(metric);
        m_result.pairs = m_pairs.size();
        // How fine the test has to be is known only when all rows are.
        PairedOptions paired = m_options.paired;
        paired.flips = FlipsFor(m_result.rows.size(), m_options.alpha);
        for (std::size_t i = 0; i < m_result.rows.size(); ++i) {
            Finish(m_result.rows[i], m_differences[i], paired);
        }
        Judge(m_result.rows, m_options.alpha, paired.flips);
        return std::move(m_result);
    }

  private:
    bool Decided(const char* what) const { return m_decides.contains(what); }

    void Note(std::size_t count, const std::string& what) {
        if (count > 0) m_result.notes.push_back(fmt::format("{} runs left out: {}", count, what));
    }

    /// The runs of either side, without those that must not be compared.
    std::vector<RunRow> Usable() {
        std::vector<RunRow> usable;
        std::size_t invalid = 0;
        std::size_t unended = 0;
        for (RunRow& run : m_reader.Runs()) {
            const bool either = m_options.a.Matches(run) || m_options.b.Matches(run);
            if (!either || !m_options.where.Matches(run)) continue;
            if (run.ended != "whole") {
                ++unended;
            } else if (!run.valid) {
                ++invalid;
                continue;
            }
            usable.push_back(std::move(run));
        }
        if (unended > 0) {
            m_result.notes.push_back(fmt::format("{} runs killed or crashed: no values", unended));
        }
        Note(invalid, "not valid, as what was configured was not realised");
        if (!Decided("commit") && !Decided("engine")) KeepLatest(usable);
        return usable;
    }

    void KeepLatest(std::vector<RunRow>& runs) {
        if (runs.empty()) return;
        const RunRow& last =
            *std::max_element(runs.begin(), runs.end(),
                              [](const RunRow& a, const RunRow& b) { return IsLater(b, a); });
        const auto latest = std::pair(last.engine, last.lab);
        const auto before = runs.size();
        std::erase_if(runs,
                      [&](const RunRow& run) { return std::pair(run.engine, run.lab) != latest; });
        Note(before - runs.size(), "of another engine or laboratory than the latest run");
    }

    /// All that tells runs apart and is not decided, but the seed.
    Cell CellOf(const RunRow& run) const {
        Parameters rest;
        for (const auto& [key, value] : run.parameters) {
            if (!m_decides.contains(key)) rest[key] = value;
        }
        std::string remaining = rest.empty() ? "" : ParametersLine(rest);
        if (!Decided("world")) {
            remaining += fmt::format("{}{}", remaining.empty() ? "" : ", ", run.world);
        }
        if (!m_scenarios.empty()) return {m_scenarios, "", remaining};
        return {run.scenario, run.scenarioBase, remaining};
    }

    /// Of the same run by several engines the latest.
    Side SideOf(const std::vector<RunRow>& runs, const Selector& selector) {
        Side side;
        std::size_t replaced = 0;
        for (const RunRow& run : runs) {
            if (!selector.Matches(run)) continue;
            const RunRow*& place = side[CellOf(run)][run.seed];
            if (place) ++replaced;
            if (!place || IsLater(run, *place)) place = &run;
        }
        Note(replaced, fmt::format("of '{}' there is a later one", selector.Text()));
        return side;
    }

    void Pair(const Side& a, const Side& b) {
        Note(Alone(a, b), "of A, without a counterpart");
        Note(Alone(b, a), "of B, without a counterpart");
        for (const auto& [cell, seeds] : a) {
            const auto other = b.find(cell);
            for (const auto& [seed, run] : seeds) {
                const bool both = other != b.end() && other->second.contains(seed);
                if (!both || other->second.at(seed)->id == run->id) continue;
                m_pairs.push_back({cell, seed, ValuesOf(*run), ValuesOf(*other->second.at(seed))});
            }
        }
    }

    static std::size_t Alone(const Side& side, const Side& others) {
        std::size_t alone = 0;
        for (const auto& [cell, seeds] : side) {
            const auto other = others.find(cell);
            for (const auto& [seed, run] : seeds) {
                if (other == others.end() || !other->second.contains(seed)) ++alone;
            }
        }
        return alone;
    }

    std::string Unpaired(const Side& a, const Side& b) const {
        for (const auto& [side, selector] :
             {std::pair(&a, &m_options.a), std::pair(&b, &m_options.b)}) {
            if (side->empty()) {
                return fmt::format("no run that can be compared matches '{}'", selector->Text());
            }
        }
        if (a == b) return "A and B are the same runs";
        return "no run of A has a counterpart of B";
    }

    /// What a run that was killed or crashed has measured until then is of no use.
    std::optional<RunValues> ValuesOf(const RunRow& run) {
        if (run.ended != "whole") return std::nullopt;
        return RunValues(m_reader, run.id);
    }

    std::set<std::string> Names() {
        std::set<std::string> names;
        for (Pairing& pair : m_pairs) {
            for (auto* side : {&pair.a, &pair.b}) {
                if (*side) names.merge((*side)->Names());
            }
        }
        return names;
    }

    void AddMetric(const std::string& metric) {
        std::map<Cell, std::vector<Pairing*>> cells;
        for (Pairing& pair : m_pairs) cells[pair.cell].push_back(&pair);
        Ratios all;
        for (const auto& [cell, pairs] : cells) AddCell(metric, cell, pairs, all);
        if (all.cells > 1) AddAll(metric, all);
    }

    void AddCell(const std::string& metric, const Cell& cell, const std::vector<Pairing*>& pairs,
                 Ratios& all) {
        Comparison row;
        std::tie(row.scenario, std::ignore, row.remaining) = cell;
        row.metric = metric;
        std::vector<double> differences;
        std::map<std::uint64_t, double> ratios;
        for (Pairing* pair : pairs) {
            const auto a = pair->a ? pair->a->Value(metric) : std::nullopt;
            const auto b = pair->b ? pair->b->Value(metric) : std::nullopt;
            if (!a && b) ++row.withoutA;
            if (a && !b) ++row.withoutB;
            if (!a || !b) continue;
            row.unit = pair->a->Unit(metric);
            row.meanA += *a;
            row.meanB += *b;
            differences.push_back(*b - *a);
            if (*a > 0 && *b > 0) ratios[pair->seed] = std::log(*b / *a);
        }
        all.withoutA += row.withoutA;
        all.withoutB += row.withoutB;
        if (differences.empty() && row.withoutA + row.withoutB == 0) return;
        if (!differences.empty() && ratios.size() == differences.size()) all.Add(ratios);
        AddRow(std::move(row), std::move(differences));
    }

    void AddRow(Comparison row, std::vector<double> differences) {
        m_result.rows.push_back(std::move(row));
        m_differences.push_back(std::move(differences));
    }

    static void Finish(Comparison& row, const std::vector<double>& differences,
                       const PairedOptions& paired) {
        row.result.pairs = differences.size();
        if (differences.size() >= 2) row.result = ComparePaired(differences, paired);
        if (row.scenario.empty()) {
            for (double* value : {&row.result.mean, &row.result.low, &row.result.high}) {
                *value = 100 * std::expm1(*value);
            }
            row.meanA = row.meanB = kNone;
            row.relative = differences.size() >= 2 ? row.result.mean : kNone;
            return;
        }
        row.meanA /= static_cast<double>(differences.size());  // NaN where there is none
        row.meanB /= static_cast<double>(differences.size());
        row.relative = row.meanA == 0 ? kNone : 100 * (row.meanB - row.meanA) / std::abs(row.meanA);
    }

    void AddAll(const std::string& metric, const Ratios& all) {
        Comparison row;
        row.metric = metric;
        row.cells = all.cells;
        row.withoutA = all.withoutA;
        row.withoutB = all.withoutB;
        row.unit.assign(1, '%');
        std::vector<double> differences;
        for (const auto& [seed, values] : all.bySeed) {
            const double sum = std::accumulate(values.begin(), values.end(), 0.0);
            differences.push_back(sum / static_cast<double>(values.size()));
        }
        AddRow(std::move(row), std::move(differences));
    }

    ResultsReader& m_reader;
    const CompareOptions& m_options;
    std::set<std::string> m_decides;
    std::string m_scenarios;  ///< those of A and B, if that is what they differ in; else empty
    std::vector<Pairing> m_pairs;
    CompareResult m_result;
    std::vector<std::vector<double>> m_differences;  ///< of m_result.rows
};

CompareVerdict Direction(const Comparison& row) {
    const bool more = row.result.mean > 0;
    const Better better = BetterOf(row.metric);
    if (better == Better::kUnknown) return more ? CompareVerdict::kHigher : CompareVerdict::kLower;
    return more == (better == Better::kMore) ? CompareVerdict::kBetter : CompareVerdict::kWorse;
}

/// Whether the least p that so many pairs can give is small enough, corrected for `rows`.
bool CanTell(std::size_t pairs, std::size_t rows, double alpha, std::size_t flips) {
    return LeastP(pairs, flips) * static_cast<double>(rows) <= alpha;
}

std::size_t PairsNeeded(std::size_t rows, double alpha, std::size_t flips) {
    std::size_t pairs = 2;
    while (pairs < kExactPairs && !CanTell(pairs, rows, alpha, flips)) ++pairs;
    return pairs;
}

}  // namespace

void Judge(std::vector<Comparison>& rows, double alpha, std::size_t flips) {
    std::vector<double> p;
    for (const Comparison& row : rows) p.push_back(row.result.p);
    const auto corrected = HolmCorrected(p);
    const std::size_t needed = PairsNeeded(rows.size(), alpha, flips);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Comparison& row = rows[i];
        row.corrected = corrected[i];
        row.needed = needed;
        const bool same = row.result.mean == 0 && row.result.low == 0 && row.result.high == 0;
        const bool shown = row.corrected <= alpha;
        if (LacksMore(row) && !(shown && Direction(row) == CompareVerdict::kWorse)) {
            row.verdict = CompareVerdict::kLacks;
        } else if (shown) {
            row.verdict = Direction(row);
        } else if (row.result.pairs < 2 || !CanTell(row.result.pairs, rows.size(), alpha, flips)) {
            row.verdict = CompareVerdict::kNotEnough;
        } else {
            row.verdict = same ? CompareVerdict::kIdentical : CompareVerdict::kNotShown;
        }
    }
}

CompareResult Compare(ResultsReader& reader, const CompareOptions& options) {
    return Comparer(reader, options).Run();
}

std::string PairsText(const Comparison& row) {
    auto text = std::to_string(row.result.pairs);
    if (row.withoutA > 0) text += fmt::format(" ({} without A)", row.withoutA);
    if (row.withoutB > 0) text += fmt::format(" ({} without B)", row.withoutB);
    return text;
}

std::string VerdictText(const Comparison& row) {
    switch (row.verdict) {
        case CompareVerdict::kBetter:
            return "B is better";
        case CompareVerdict::kWorse:
            return "B is worse";
        case CompareVerdict::kHigher:
            return "B is higher (better or worse unknown)";
        case CompareVerdict::kLower:
            return "B is lower (better or worse unknown)";
        case CompareVerdict::kNotShown:
            return "no difference shown";
        case CompareVerdict::kIdentical:
            return "no difference at all";
        case CompareVerdict::kLacks:
            // The pairs of a row over scenarios are seeds; what lacks a value are runs.
            if (row.scenario.empty()) {
                return fmt::format("B lacks it in {} runs, A in {}", row.withoutB, row.withoutA);
            }
            return fmt::format("B lacks it in {} of {}, A in {}", row.withoutB,
                               row.result.pairs + row.withoutA + row.withoutB, row.withoutA);
        default:
            if (row.result.pairs >= row.needed) {
                return "not enough: the test cannot tell so many rows; compare fewer, or raise "
                       "alpha";
            }
            return fmt::format("not enough runs: {} pairs, {} needed", row.result.pairs,
                               row.needed);
    }
}

std::string_view EffectText(double effect) {
    const double size = std::abs(effect);
    if (size < 0.2) return "negligible";
    if (size < 0.5) return "small";
    return size < 0.8 ? "medium" : "large";
}

}  // namespace crsp::lab
