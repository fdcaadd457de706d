// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

namespace crsp::lab {

/// SHA-256 in hex over the sources that a run in ns-3 is made by, besides the engine: the ns-3
/// adapter and the laboratory, without what only starts, stores or shows runs
/// (scenarios/lab/CMakeLists.txt has the list).
std::string_view LabHash();

}  // namespace crsp::lab
