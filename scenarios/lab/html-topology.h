// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "scenarios/lab/html-plot.h"

namespace crsp::lab {

/// A picture of the nodes of a scenario and of the hops between them, with what these are
/// configured to do; empty if `asked` has no link to draw.
std::string TopologySvg(const nlohmann::json& asked, const std::string& name, SvgUse use);

}  // namespace crsp::lab
