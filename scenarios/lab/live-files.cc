// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/live-files.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string_view>

namespace crsp::lab {
namespace {

using Json = nlohmann::json;

Json ReadJson(const std::string& path) {
    std::ifstream stream(path);
    return Json::parse(stream, nullptr, false);
}

TimePoint TimeFrom(std::int64_t ns) {
    return TimePoint(nanoseconds(ns));
}

/// The number at a JSON pointer, 0 where there is none.
template <class T>
T NumberAt(const Json& json, const char* pointer) {
    const Json::json_pointer at(pointer);
    return json.is_object() && json.contains(at) && json[at].is_number() ? json[at].get<T>() : T{};
}

std::optional<CommandRecord> ParseCommand(const std::string& line) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || json.value("schema", "") != "crsp.command/1") return std::nullopt;
    const auto verb = VerbFromText(json.value("command", ""));
    if (!verb) return std::nullopt;
    CommandRecord record;
    record.verb = *verb;
    record.issued = TimeFrom(NumberAt<std::int64_t>(json, "/issued_ns"));
    record.answered = TimeFrom(NumberAt<std::int64_t>(json, "/answered_ns"));
    const std::string result = json.value("result", "");
    if (result != "ok") record.error = result;
    record.generation = NumberAt<std::uint64_t>(json, "/generation");
    record.position = NumberAt<std::uint64_t>(json, "/position");
    return record;
}

std::optional<std::uint64_t> NextNumber(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with(',')) text.remove_prefix(1);
    return number;
}

std::optional<TimelineRow> ParseRow(std::string_view line) {
    const auto time = NextNumber(line);
    const auto comma = line.find(',');
    if (!time || comma == std::string_view::npos) return std::nullopt;
    const std::string_view event = line.substr(0, comma);
    line.remove_prefix(comma + 1);
    const auto generation = NextNumber(line);
    const auto position = NextNumber(line);
    if (!generation || !position) return std::nullopt;
    const auto kind = event == "begin" ? TimelineRow::Kind::kBegin
                      : event == "end" ? TimelineRow::Kind::kEnd
                                       : TimelineRow::Kind::kRender;
    return TimelineRow{TimeFrom(static_cast<std::int64_t>(*time)), *generation, *position, kind};
}

}  // namespace

std::vector<CommandRecord> ReadCommands(const std::string& path) {
    std::vector<CommandRecord> commands;
    std::ifstream stream(path);
    for (std::string line; std::getline(stream, line);) {
        if (auto command = ParseCommand(line)) commands.push_back(std::move(*command));
    }
    std::stable_sort(commands.begin(), commands.end(),
                     [](const auto& a, const auto& b) { return a.issued < b.issued; });
    return commands;
}

std::vector<TimelineRow> ReadTimeline(const std::string& path) {
    std::vector<TimelineRow> rows;
    std::ifstream stream(path);
    for (std::string line; std::getline(stream, line);) {
        if (const auto row = ParseRow(line)) rows.push_back(*row);
    }
    return rows;
}

std::string ReadRenderedHash(const std::string& path) {
    const Json json = ReadJson(path);
    const Json::json_pointer at("/renderer/last/sha256");
    const bool has = json.is_object() && json.contains(at) && json[at].is_string();
    return has ? json[at].get<std::string>() : "";
}

void ReadStreamBytes(const std::string& path, RunRecord& record) {
    const Json json = ReadJson(path);
    record.streamBytesSent = NumberAt<std::uint64_t>(json, "/totals/stream_bytes_sent");
    record.streamBytesRetransmitted =
        NumberAt<std::uint64_t>(json, "/totals/stream_bytes_retransmitted");
}

}  // namespace crsp::lab
