// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/lab/html-plot.h"

namespace crsp::lab {

/// Reading what a stored scenario asked for. It may be of another version of the vocabulary, so
/// what is not understood is left out, and nothing is an error.

/// The text at a dotted key; empty if it is not there or no text or number.
std::string AskedText(const nlohmann::json& asked, std::string_view key);

/// The list at a dotted key; empty if there is none.
std::vector<nlohmann::json> AskedList(const nlohmann::json& asked, std::string_view key);

/// In seconds; nothing if it is no duration.
std::optional<double> AskedSeconds(const nlohmann::json& table, std::string_view key);

/// What the scenario does to its nodes and its path, and when: commands at a given time, faults,
/// steps, blackouts, cross traffic. By time, and those of one instant in one, up to `end` seconds.
std::vector<PlotMarker> MarkersOf(const nlohmann::json& asked, double end);

}  // namespace crsp::lab
