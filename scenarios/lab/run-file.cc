// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/run-file.h"

#include <sys/resource.h>

#include <cerrno>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

namespace crsp::lab {
namespace {

using nlohmann::json;

std::string PathIn(const std::string& folder) {
    return folder + "/run.json";
}

json ToJson(const Distribution& samples) {
    json values = json::array();
    for (const auto& [value, count] : samples.Values()) values.push_back({value, count});
    return {{"exact", samples.Exact()},
            {"least", samples.Least()},
            {"most", samples.Most()},
            {"mean", samples.Mean()},
            {"values", values}};
}

Distribution ToDistribution(const json& from) {
    std::map<double, std::uint64_t> values;
    for (const json& pair : from["values"]) values[pair[0]] = pair[1];
    return Distribution::Restore(from["exact"], from["least"], from["most"], from["mean"],
                                 std::move(values));
}

/// NaN becomes null.
json ToJson(const Series& series) {
    return {{"name", series.name},
            {"unit", series.unit},
            {"step", ToSeconds(series.step)},
            {"values", series.values}};
}

Series ToSeries(const json& from) {
    Series series{from["name"], from["unit"], FromSeconds(from["step"]), {}};
    for (const json& value : from["values"]) {
        series.values.push_back(value.is_number() ? value.get<double>()
                                                  : std::numeric_limits<double>::quiet_NaN());
    }
    return series;
}

json ToJson(const RunIdentity& identity) {
    return {{"scenario-hash", identity.scenarioHash},
            {"parameters", identity.parameters},
            {"world", identity.world},
            {"seed", identity.seed},
            {"engine", identity.engine},
            {"lab", identity.lab}};
}

RunIdentity ToIdentity(const json& from) {
    return {from["scenario-hash"], from["parameters"], from["world"],
            from["seed"],          from["engine"],     from["lab"]};
}

void AddExtent(const RunFile& file, json& to) {
    to["invalid"] = file.invalid;
    to["digest"] = file.digest;
    to["simulated-seconds"] = file.simulatedSeconds;
    to["cpu-seconds"] = file.cpuSeconds;
    to["packets"] = file.packets;
    to["samples"] = json::object();
    for (const auto& [name, samples] : file.samples) to["samples"][name] = ToJson(samples);
    to["series"] = json::array();
    for (const Series& series : file.series) to["series"].push_back(ToJson(series));
}

void TakeExtent(const json& from, RunFile& file) {
    file.invalid = from["invalid"];
    file.digest = from["digest"];
    file.simulatedSeconds = from["simulated-seconds"];
    file.cpuSeconds = from["cpu-seconds"];
    file.packets = from["packets"];
    for (const auto& [name, samples] : from["samples"].items()) {
        file.samples[name] = ToDistribution(samples);
    }
    for (const json& series : from["series"]) file.series.push_back(ToSeries(series));
}

}  // namespace

double CpuSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
    const auto micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    return static_cast<double>(seconds) + static_cast<double>(micros) / 1e6;
}

RunFile RunFileOf(const Scenario& scenario, const RunRecord& record) {
    RunFile file;
    file.metrics = ComputeMetrics(scenario, record);
    file.latencies = CommandLatencies(record);
    file.shortfalls = Shortfalls(scenario, record, file.metrics);
    file.invalid = record.invalid;
    file.digest = record.digest;
    file.series = record.series;
    file.simulatedSeconds = ToSeconds(record.length);
    file.cpuSeconds = CpuSeconds();
    file.packets = record.packets;
    Distribution waited;
    for (const Passage& passage : record.passages) waited.Add(ToMilliseconds(passage.waited));
    if (waited.Count() > 0) file.samples["queue-delay"] = std::move(waited);
    return file;
}

void SaveRunFile(const std::string& folder, const RunFile& file) {
    json json;
    json["schema"] = "crsp.run/3";
    json["run"] = ToJson(file.identity);
    json["metrics"] = nlohmann::json::object();
    for (const auto& [name, value] : file.metrics) json["metrics"][name] = value;
    json["command-latencies"] = file.latencies;
    json["shortfalls"] = file.shortfalls;
    AddExtent(file, json);
    std::ofstream stream(PathIn(folder));
    stream << json.dump(1, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
    stream.close();
    if (!stream) throw std::system_error(errno, std::generic_category(), PathIn(folder));
}

RunFile LoadRunFile(const std::string& folder) {
    RunFile file;
    std::ifstream stream(PathIn(folder));
    const auto json = nlohmann::json::parse(stream, nullptr, false);
    if (!json.is_object()) return file;
    file.identity = ToIdentity(json["run"]);
    for (const auto& [name, value] : json["metrics"].items()) {
        file.metrics[name] = value.get<double>();
    }
    file.latencies = json["command-latencies"].get<std::vector<double>>();
    file.shortfalls = json["shortfalls"].get<std::vector<std::string>>();
    TakeExtent(json, file);
    return file;
}

}  // namespace crsp::lab
