// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "scenarios/lab/run-record.h"

namespace crsp::lab {

/// Readers of what the node programs write. A file that is missing or damaged, as after a crash,
/// gives what could be read of it, which may be nothing.

/// `crsp.command/1` lines of `crsp-controller --json`, in the order of issuing.
std::vector<CommandRecord> ReadCommands(const std::string& path);
/// CSV of `crsp-renderer --timeline`.
std::vector<TimelineRow> ReadTimeline(const std::string& path);
/// SHA-256 of the last rendering, from the renderer's `--stats`.
std::string ReadRenderedHash(const std::string& path);
/// Stream bytes sent and repeated, from the server's `--stats`.
void ReadStreamBytes(const std::string& path, RunRecord& record);

}  // namespace crsp::lab
