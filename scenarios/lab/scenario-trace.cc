// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <filesystem>

#include "scenarios/lab/regular-file.h"
#include "scenarios/lab/scenario-tables.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kMaxBurst = 10'000;
constexpr Duration kDefaultLength = seconds(60);
enum class Model { kPoisson, kCellular, kBursts };

/// Traces travel with the scenario, as contents do.
DeliveryTrace ReadTraceFile(TomlTable& table, const std::string& scenarioFile) {
    const std::filesystem::path relative = table.Text("file");
    if (!StaysBelow(relative)) {
        table.Refuse("file", "expected a path below the scenario's folder");
    }
    const auto path = std::filesystem::path(scenarioFile).parent_path() / relative;
    const auto text = ReadRegularFile(path.string());
    if (!text) {
        table.Refuse("file", fmt::format("expected a readable file, got {}", path.string()));
    }
    auto trace = ParseTrace(*text);
    if (!trace) table.Refuse("file", fmt::format("{}, {}", path.string(), trace.error()));
    return std::move(*trace);
}

DeliveryTrace ReadBursts(TomlTable& table) {
    const Duration every = table.Unit("every", ParseDuration);
    if (every < milliseconds(1) || every % milliseconds(1) != Duration::zero() ||
        every > kMaxTraceLength) {
        table.Refuse("every", "expected whole milliseconds, at least 1 ms and at most 6 h");
    }
    return MakeBursts(every, table.Has("count") ? table.Count("count", 1, kMaxBurst) : 1);
}

DeliveryTrace ReadModel(TomlTable& table) {
    const auto model = static_cast<Model>(table.Choice("model", {"poisson", "cellular", "bursts"}));
    if (model == Model::kBursts) return ReadBursts(table);
    const double rate = table.Unit("rate", ParseRate);
    Duration length = kDefaultLength;
    ReadUnit(table, "length", length, ParseDuration);
    if (length < seconds(1) || length > kMaxTraceLength) {
        table.Refuse("length", "expected from 1 s to 6 h");
    }
    if (rate * ToSeconds(length) / 8 / kOpportunityBytes > kMaxOpportunities / 2) {
        table.Refuse("rate", "expected less, or a shorter length");
    }
    const std::uint64_t seed = table.Has("seed") ? table.Count("seed", 0, 1'000'000'000) : 1;
    if (model == Model::kPoisson) return MakePoisson(rate, length, seed);
    const double wander = table.Has("wander") ? table.Number("wander", 0, 10) : kDefaultWander;
    return MakeCellular(rate, wander, length, seed);
}

}  // namespace

bool StaysBelow(const std::filesystem::path& path) {
    if (!path.is_relative()) return false;
    for (const auto& part : path) {
        if (part == "..") return false;
    }
    return true;
}

DeliveryTrace ReadTrace(TomlTable table, const std::string& scenarioFile) {
    if (table.Has("file") == table.Has("model")) table.Refuse("", "expected either file or model");
    DeliveryTrace trace = table.Has("file") ? ReadTraceFile(table, scenarioFile) : ReadModel(table);
    table.Finish();
    return trace;
}

}  // namespace crsp::lab
