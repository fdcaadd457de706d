// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "model/connection/endpoint-config.h"

namespace crsp::lab {

/// The options that give a node program what it can be told of `config`: the stream window, the
/// idle timeout and congestion control.
std::vector<std::string> TransportArguments(const TransportConfig& config);

}  // namespace crsp::lab
