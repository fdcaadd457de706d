// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "scenarios/lab/scenario-tables.h"

namespace crsp::lab {
namespace {

constexpr std::size_t kMaxHops = 8;
/// Within which a cell of 802.11n may reach its stations.
constexpr double kMaxWifiDistance = 1000;
constexpr double kMaxSpeed = 100;

/// 802.11n with one or two spatial streams.
constexpr unsigned kMaxMcs = 15;

void ReadWifiMode(TomlTable& table, WifiSpec& wifi) {
    if (!table.Has("wifi-mode")) return;
    wifi.mode = table.Text("wifi-mode");
    for (unsigned mcs = 0; mcs <= kMaxMcs; ++mcs) {
        if (wifi.mode == fmt::format("HtMcs{}", mcs)) return;
    }
    table.Refuse("wifi-mode", "expected one of HtMcs0 to HtMcs15");
}

void ReadWifi(TomlTable& table, WifiSpec& wifi) {
    ReadWifiMode(table, wifi);
    ReadWalk(table, kMaxWifiDistance, wifi.walk);
}

}  // namespace

void ReadWalk(TomlTable& table, double most, WalkSpec& walk) {
    if (table.Has("distance")) walk.distance = table.Number("distance", 1, most);
    walk.far = walk.distance;
    if (table.Has("far") != table.Has("speed")) {
        table.Refuse("speed", "expected both far and speed, or neither");
    }
    if (!table.Has("far")) return;
    walk.far = table.Number("far", walk.distance, most);
    walk.speed = table.Number("speed", 0, kMaxSpeed);
    if (walk.far <= walk.distance) table.Refuse("far", "expected more than distance");
    if (walk.speed <= 0) table.Refuse("speed", "expected more than 0 m/s");
}

void ReadAccess(TomlTable table, Scenario& scenario) {
    AccessSpec& access = scenario.access;
    if (table.Has("kind")) {
        access.kind = static_cast<AccessKind>(
            table.Choice("kind", {"point-to-point", "csma", "wifi", "lte"}));
    }
    if (access.kind == AccessKind::kWifi) {
        // The air has its own.
        access.delay = Duration::zero();
        ReadWifi(table, access.wifi);
    } else {
        ReadUnit(table, "rate", access.rate, ParseRate);
        ReadUnit(table, "delay", access.delay, ParseDuration);
        if (access.kind == AccessKind::kLte) ReadLte(table, scenario, access);
    }
    table.Finish();
}

void ReadHops(TomlTable& root, Scenario& scenario) {
    const auto tables = root.Tables("hop");
    if (tables.size() > kMaxHops) root.Refuse("hop", "expected at most 8 hops behind the link");
    for (const TomlTable& table : tables) {
        ReadLink(table, scenario.file, scenario.hops.emplace_back());
    }
}

PathPart ReadPart(TomlTable& table, const Scenario& scenario) {
    PathPart part{0, scenario.hops.size() + 1};
    if (table.Has("from")) part.from = table.Count("from", 0, scenario.hops.size());
    if (table.Has("to")) part.to = table.Count("to", 1, scenario.hops.size() + 1);
    if (part.to <= part.from) table.Refuse("to", "expected a place behind from");
    return part;
}

}  // namespace crsp::lab
