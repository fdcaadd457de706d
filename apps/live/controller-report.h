// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "apps/live/exit-code.h"
#include "model/media/command.h"

namespace crsp {

/// What a person reads of a result: lines without a final newline, safe on any terminal.
std::string ResultText(const CommandResult& result);
std::string NotificationText(const Notification& notification);

/// What a script reads. Commands are of schema `crsp.command/1` and have the key `command`,
/// notifications of `crsp.notification/1` with the key `event`. Identifiers of 64 bits are strings,
/// names are safe for a terminal, and `name_hex` holds the true bytes where they differ.
nlohmann::ordered_json ResultJson(const CommandResult& result);
nlohmann::ordered_json NotificationJson(const Notification& notification);

/// The exit code of a program that only had this one command to give.
ExitCode ExitCodeOf(const CommandResult& result);
/// The same for a rendering that has ended.
ExitCode ExitCodeOf(const Notification& notification);

}  // namespace crsp
