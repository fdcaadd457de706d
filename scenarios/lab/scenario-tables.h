// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "scenarios/lab/scenario.h"
#include "scenarios/lab/toml-table.h"

namespace crsp::lab {

/// Readers of a scenario's tables, for ReadScenario: each throws TomlRefusal. Those that take a
/// whole scenario look at what the tables before it have said.

template <class T, class Parse>
void ReadUnit(TomlTable& table, std::string_view key, T& target, Parse parse) {
    if (table.Has(key)) target = table.Unit(key, parse);
}

/// `scenarioFile` says where files that links name are looked up.
void ReadLink(TomlTable table, const std::string& scenarioFile, SharedLink& link);
DeliveryTrace ReadTrace(TomlTable table, const std::string& scenarioFile);
/// Whether a path that a scenario names leads to its own folder.
bool StaysBelow(const std::filesystem::path& path);
NatSpec ReadNat(TomlTable table);
void ReadAccess(TomlTable table, Scenario& scenario);
/// `distance`, `far` and `speed` of a cell's stations, no further than `most`, m.
void ReadWalk(TomlTable& table, double most, WalkSpec& walk);
/// What `[access]` says of LTE cells.
void ReadLte(TomlTable& table, const Scenario& scenario, AccessSpec& access);
/// What of the link depends on scenario.stop.
void CheckLink(TomlTable& root, const Scenario& scenario);
void ReadHops(TomlTable& root, Scenario& scenario);
/// `from` and `to` of a flow or of traffic.
PathPart ReadPart(TomlTable& table, const Scenario& scenario);
TrafficSpec ReadTraffic(TomlTable table, const Scenario& scenario);
void ReadTransport(TomlTable table, TransportConfig& config);
void ReadContents(TomlTable& root, Scenario& scenario);
bool HoldsContent(const Scenario& scenario, const std::string& entry);
void ReadNodes(TomlTable table, NodesSpec& nodes);
/// `[[flow]]`, or `[[script]]` of the one flow that has no table.
void ReadFlows(TomlTable& root, Scenario& scenario);
/// `[[fault]]` and `[[controller]]`, once the flows are known.
void ReadActors(TomlTable& root, Scenario& scenario);
/// The steps of `[[script]]` in this table.
Script ReadScript(TomlTable& table, const Scenario& scenario);
void ReadWindows(TomlTable& root, Scenario& scenario);
SweepSpec ReadSweep(TomlTable table);
void ReadExpect(TomlTable table, Scenario& scenario);

}  // namespace crsp::lab
