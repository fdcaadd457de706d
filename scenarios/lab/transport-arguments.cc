// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/transport-arguments.h"

#include <fmt/format.h>

namespace crsp::lab {

std::vector<std::string> TransportArguments(const TransportConfig& config) {
    std::vector<std::string> arguments{"--window",
                                       std::to_string(config.streamReceiveWindow),
                                       "--max-window",
                                       std::to_string(config.maxStreamReceiveWindow),
                                       "--max-datagram-size",
                                       std::to_string(config.maxDatagramSize),
                                       "--idle-timeout",
                                       fmt::format("{}ns", config.idleTimeout.count()),
                                       "--congestion",
                                       std::string(ToString(config.congestion))};
    if (!config.ecn) arguments.emplace_back("--no-ecn");
    if (config.fixedRate > 0) {
        arguments.insert(arguments.end(), {"--fixed-rate", fmt::format("{}bit", config.fixedRate)});
    }
    return arguments;
}

}  // namespace crsp::lab
