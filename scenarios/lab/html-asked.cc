// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-asked.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "scenarios/lab/units.h"

namespace crsp::lab {
namespace {

/// Of a blackout that comes again and again.
constexpr std::size_t kMostTimes = 100;
/// Of one instant; more are counted.
constexpr std::size_t kMostNamed = 2;

const nlohmann::json* Find(const nlohmann::json& asked, std::string_view key) {
    const nlohmann::json* place = &asked;
    while (!key.empty()) {
        const auto dot = key.find('.');
        if (!place->is_object()) return nullptr;
        const auto found = place->find(std::string(key.substr(0, dot)));
        if (found == place->end()) return nullptr;
        place = &*found;
        key = dot == std::string_view::npos ? "" : key.substr(dot + 1);
    }
    return place;
}

void AddScript(const nlohmann::json& table, std::vector<PlotMarker>& markers) {
    const double start = AskedSeconds(table, "start").value_or(0);
    for (const auto& command : AskedList(table, "script")) {
        const auto at = AskedSeconds(command, "at");
        const std::string what = AskedText(command, "do");
        // Questions change nothing.
        if (what == "status" || what == "list") continue;
        if (at && !what.empty()) markers.push_back({start + *at, 0, what});
    }
}

void AddSteps(const nlohmann::json& asked, const std::string& link,
              std::vector<PlotMarker>& markers) {
    for (const auto& step : AskedList(asked, link + ".steps")) {
        const auto at = AskedSeconds(step, "at");
        std::string what;
        for (const char* key : {"rate", "delay", "jitter"}) {
            const auto value = AskedText(step, key);
            if (!value.empty()) what += fmt::format("{}{}", what.empty() ? "" : ", ", value);
        }
        if (at && !what.empty()) markers.push_back({*at, 0, what});
    }
}

void AddBlackouts(const nlohmann::json& asked, const std::string& link, double end,
                  std::vector<PlotMarker>& markers) {
    for (const auto& blackout : AskedList(asked, link + ".blackout")) {
        const auto at = AskedSeconds(blackout, "at");
        const auto length = AskedSeconds(blackout, "for");
        const auto every = AskedSeconds(blackout, "every");
        if (!at || !length) continue;
        double from = *at;
        for (std::size_t i = 0; i < kMostTimes && from < end; ++i) {
            markers.push_back({from, from + *length, "blackout"});
            if (!every || *every <= 0) break;
            from += *every;
        }
    }
}

void AddTraffic(const nlohmann::json& asked, std::vector<PlotMarker>& markers) {
    for (const auto& traffic : AskedList(asked, "traffic")) {
        const std::string kind = AskedText(traffic, "kind");
        const auto start = AskedSeconds(traffic, "start");
        const auto stop = AskedSeconds(traffic, "stop");
        if (start && *start > 0) markers.push_back({*start, 0, kind + " starts"});
        if (stop) markers.push_back({*stop, 0, kind + " stops"});
    }
}

void AddFaults(const nlohmann::json& asked, std::vector<PlotMarker>& markers) {
    for (const auto& fault : AskedList(asked, "fault")) {
        const auto at = AskedSeconds(fault, "at");
        const std::string what = AskedText(fault, "do");
        if (at) markers.push_back({*at, 0, what.empty() ? "fault" : what});
    }
}

/// `play`, `play x 4` or `pause, resume, 2 more`.
std::string Joined(const std::vector<std::string>& texts) {
    std::vector<std::pair<std::string, std::size_t>> counted;
    for (const std::string& text : texts) {
        const auto same = std::find_if(counted.begin(), counted.end(),
                                       [&](const auto& other) { return other.first == text; });
        if (same == counted.end()) {
            counted.emplace_back(text, 1);
        } else {
            ++same->second;
        }
    }
    std::string out;
    for (std::size_t i = 0; i < std::min(counted.size(), kMostNamed); ++i) {
        const auto& [text, count] = counted[i];
        out += (i == 0 ? "" : ", ") + text + (count > 1 ? fmt::format(" x {}", count) : "");
    }
    if (counted.size() > kMostNamed) out += fmt::format(", {} more", counted.size() - kMostNamed);
    return out;
}

}  // namespace

std::string AskedText(const nlohmann::json& asked, std::string_view key) {
    const nlohmann::json* place = Find(asked, key);
    if (!place) return "";
    if (place->is_string()) return place->get<std::string>();
    return place->is_number() ? place->dump() : "";
}

std::vector<nlohmann::json> AskedList(const nlohmann::json& asked, std::string_view key) {
    const nlohmann::json* place = Find(asked, key);
    if (!place || !place->is_array()) return {};
    return {place->begin(), place->end()};
}

std::optional<double> AskedSeconds(const nlohmann::json& table, std::string_view key) {
    const auto duration = ParseDuration(AskedText(table, key));
    if (!duration) return std::nullopt;
    return std::chrono::duration<double>(*duration).count();
}

std::vector<PlotMarker> MarkersOf(const nlohmann::json& asked, double end) {
    std::vector<PlotMarker> markers;
    AddScript(asked, markers);
    for (const auto& flow : AskedList(asked, "flow")) AddScript(flow, markers);
    for (const auto& controller : AskedList(asked, "controller")) AddScript(controller, markers);
    for (const char* link : {"link", "link.down", "link.up"}) {
        AddSteps(asked, link, markers);
        AddBlackouts(asked, link, end, markers);
    }
    AddTraffic(asked, markers);
    AddFaults(asked, markers);
    std::map<std::pair<double, double>, std::vector<std::string>> instants;
    for (const PlotMarker& marker : markers) {
        if (marker.at <= end) instants[{marker.at, marker.to}].push_back(marker.text);
    }
    std::vector<PlotMarker> joined;
    for (const auto& [when, texts] : instants) {
        joined.push_back({when.first, when.second, Joined(texts)});
    }
    return joined;
}

}  // namespace crsp::lab
