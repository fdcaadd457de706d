// SPDX-License-Identifier: GPL-2.0-only
#pragma once

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

void ReadLink(TomlTable table, SharedLink& link);
NatSpec ReadNat(TomlTable table);
void ReadAccess(TomlTable table, AccessSpec& access);
/// What of the link depends on scenario.stop.
void CheckLink(TomlTable& root, const Scenario& scenario);
TrafficSpec ReadTraffic(TomlTable table);
void ReadTransport(TomlTable table, TransportConfig& config);
void ReadContents(TomlTable& root, Scenario& scenario);
bool HoldsContent(const Scenario& scenario, const std::string& entry);
void ReadNodes(TomlTable table, NodesSpec& nodes);
/// `[[flow]]`, or `[[script]]` of the one flow that has no table.
void ReadFlows(TomlTable& root, Scenario& scenario);
void ReadWindows(TomlTable& root, Scenario& scenario);
SweepSpec ReadSweep(TomlTable table);
void ReadExpect(TomlTable table, Scenario& scenario);

}  // namespace crsp::lab
