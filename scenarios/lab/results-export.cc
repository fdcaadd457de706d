// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/results-export.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace crsp::lab {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<const char*, double>, 6> kPercentiles{
    {{"p50", 0.5}, {"p75", 0.75}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}}};

std::string Quoted(const std::string& cell) {
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string Line(const std::vector<std::string>& cells) {
    std::string line;
    for (const std::string& cell : cells) {
        if (!line.empty()) line += ',';
        line += Quoted(cell);
    }
    return line + "\n";
}

std::string Number(double value) {
    return fmt::format("{}", value);
}

/// What every line begins with.
std::vector<std::string> Head(const RunRow& run) {
    return {std::to_string(run.id), run.scenario, ParametersText(run.parameters), run.world,
            std::to_string(run.seed)};
}

std::string With(const RunRow& run, const std::vector<std::string>& cells) {
    auto line = Head(run);
    line.insert(line.end(), cells.begin(), cells.end());
    return Line(line);
}

std::string RunLine(const RunRow& run) {
    return With(run, {run.engine, run.lab, run.commit, run.compiler, run.ns3Version, run.started,
                      Number(run.wallSeconds), Number(run.cpuSeconds), Number(run.simulatedSeconds),
                      std::to_string(run.packets), run.ended, run.ok ? "1" : "0", run.problem,
                      run.valid ? "1" : "0", run.reason, run.digest, run.folder, run.command});
}

std::string SampleLines(ResultsReader& reader, const RunRow& run) {
    std::string text;
    for (const SampleRow& row : reader.SamplesOf(run.id)) {
        for (const auto& [value, count] : row.samples.Values()) {
            text += With(run, {row.name, Number(value), std::to_string(count), row.unit});
        }
    }
    return text;
}

std::string PercentileLines(ResultsReader& reader, const RunRow& run) {
    std::string text;
    for (const SampleRow& row : reader.SamplesOf(run.id)) {
        for (const auto& [name, share] : kPercentiles) {
            text += With(run, {row.name, name, Number(row.samples.Quantile(share)), row.unit});
        }
    }
    return text;
}

std::string SeriesLines(ResultsReader& reader, const RunRow& run) {
    std::string text;
    for (const SeriesRow& row : reader.SeriesOf(run.id)) {
        double at = 0;
        for (const json& point : json::parse(row.points)) {
            at += row.step;
            if (!point.is_number()) continue;
            text += With(run, {row.name, fmt::format("{:.6g}", at), point.dump(), row.unit});
        }
    }
    return text;
}

std::string MetricLines(ResultsReader& reader, const RunRow& run) {
    std::string text;
    for (const MetricRow& row : reader.MetricsOf(run.id)) {
        text += With(run, {row.name, Number(row.value), row.unit});
    }
    return text;
}

json SamplesJson(const SampleRow& row) {
    json percentiles = json::object();
    for (const auto& [name, share] : kPercentiles) percentiles[name] = row.samples.Quantile(share);
    json values = json::array();
    for (const auto& [value, count] : row.samples.Values()) values.push_back({value, count});
    return {{"unit", row.unit},
            {"exact", row.samples.Exact()},
            {"count", row.samples.Count()},
            {"least", row.samples.Least()},
            {"most", row.samples.Most()},
            {"mean", row.samples.Mean()},
            {"percentiles", percentiles},
            {"values", values}};
}

}  // namespace

json RunJson(const RunRow& run) {
    return {{"run", run.id},
            {"scenario", run.scenario},
            {"scenario-hash", run.scenarioHash},
            {"parameters", run.parameters},
            {"world", run.world},
            {"seed", run.seed},
            {"engine-hash", run.engine},
            {"lab-hash", run.lab},
            {"commit", run.commit},
            {"compiler", run.compiler},
            {"ns3-version", run.ns3Version},
            {"command", run.command},
            {"folder", run.folder},
            {"started", run.started},
            {"wall-seconds", run.wallSeconds},
            {"cpu-seconds", run.cpuSeconds},
            {"simulated-seconds", run.simulatedSeconds},
            {"packets", run.packets},
            {"ended", run.ended},
            {"ok", run.ok},
            {"problem", run.problem},
            {"valid", run.valid},
            {"reason", run.reason},
            {"digest", run.digest}};
}

json WholeRunJson(ResultsReader& reader, const RunRow& run) {
    json whole = RunJson(run);
    whole["metrics"] = json::object();
    for (const MetricRow& row : reader.MetricsOf(run.id)) {
        whole["metrics"][row.name] = {{"value", row.value}, {"unit", row.unit}};
    }
    whole["samples"] = json::object();
    for (const SampleRow& row : reader.SamplesOf(run.id)) {
        whole["samples"][row.name] = SamplesJson(row);
    }
    whole["series"] = json::object();
    for (const SeriesRow& row : reader.SeriesOf(run.id)) {
        whole["series"][row.name] = {
            {"unit", row.unit}, {"step", row.step}, {"points", json::parse(row.points)}};
    }
    return whole;
}

std::string JsonText(const json& json) {
    return json.dump(1, ' ', true, json::error_handler_t::replace) + "\n";
}

std::string CsvText(ResultsReader& reader, const std::vector<RunRow>& runs,
                    const std::string& table) {
    const std::string head = "run,scenario,parameters,world,seed,";
    const auto all = [&](const std::string& columns, auto lines) {
        std::string text = head + columns + "\n";
        for (const RunRow& run : runs) text += lines(run);
        return text;
    };
    if (table == "runs") {
        return all(
            "engine_hash,lab_hash,commit,compiler,ns3_version,started,wall_seconds,"
            "cpu_seconds,simulated_seconds,packets,ended,ok,problem,valid,reason,digest,"
            "folder,command",
            RunLine);
    }
    const auto by = [&](auto lines) {
        return [&reader, lines](const RunRow& run) { return lines(reader, run); };
    };
    if (table == "samples") return all("samples,value,count,unit", by(SampleLines));
    if (table == "percentiles") return all("samples,percentile,value,unit", by(PercentileLines));
    if (table == "series") return all("series,seconds,value,unit", by(SeriesLines));
    return all("metric,value,unit", by(MetricLines));
}

}  // namespace crsp::lab
