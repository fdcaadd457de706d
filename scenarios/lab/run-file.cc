// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/run-file.h"

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

namespace crsp::lab {
namespace {

std::string PathIn(const std::string& folder) {
    return folder + "/run.json";
}

}  // namespace

void SaveRunFile(const std::string& folder, const RunFile& file) {
    nlohmann::json json;
    json["schema"] = "crsp.run/1";
    json["metrics"] = nlohmann::json::object();
    for (const auto& [name, value] : file.metrics) json["metrics"][name] = value;
    json["command-latencies"] = file.latencies;
    json["shortfalls"] = file.shortfalls;
    std::ofstream stream(PathIn(folder));
    stream << json.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
    stream.close();
    if (!stream) throw std::system_error(errno, std::generic_category(), PathIn(folder));
}

RunFile LoadRunFile(const std::string& folder) {
    RunFile file;
    std::ifstream stream(PathIn(folder));
    const auto json = nlohmann::json::parse(stream, nullptr, false);
    if (!json.is_object()) return file;
    for (const auto& [name, value] : json["metrics"].items()) {
        file.metrics[name] = value.get<double>();
    }
    file.latencies = json["command-latencies"].get<std::vector<double>>();
    file.shortfalls = json["shortfalls"].get<std::vector<std::string>>();
    return file;
}

}  // namespace crsp::lab
