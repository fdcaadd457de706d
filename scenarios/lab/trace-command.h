// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

#include "apps/cli/usage.h"

namespace crsp::lab {

/// `crsp-lab trace generate` and `crsp-lab trace show`.
struct TraceCommand {
    std::string model = "poisson";
    std::string rate;
    std::string length = "60 s";
    double wander = -1;  ///< of cellular; below 0: its default
    std::uint64_t seed = 1;
    std::string file;  ///< of show
};

/// Adds the subcommand `trace` with its own.
void DeclareTrace(CLI::App& app, TraceCommand& command);

/// Prints a trace in mahimahi's format, or what one comes to. Returns the exit code.
int RunTrace(const CLI::App& app, const TraceCommand& command);

}  // namespace crsp::lab
