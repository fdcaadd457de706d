// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "apps/live/connection-ledger.h"
#include "apps/live/exit-code.h"
#include "apps/live/hash-sink.h"
#include "apps/live/live-node.h"
#include "model/base/result.h"

namespace crsp {

/// JSON forms of counters, with the names of the C++ fields in snake_case; times in nanoseconds on
/// the steady clock of the machine (`_ns`) or milliseconds (`_ms`).
nlohmann::ordered_json ToJson(const ConnectionStats& stats);
nlohmann::ordered_json ToJson(const EndpointStats& stats);
nlohmann::ordered_json ToJson(const HostStats& stats);
nlohmann::ordered_json ToJson(const LedgerEntry& entry);
nlohmann::ordered_json ToJson(const Rendering& rendering);

/// Everything a node knows of itself: schema `crsp.node/1`, its program, socket, endpoint, totals,
/// and its connections.
nlohmann::ordered_json NodeStatsJson(std::string_view program, const LiveNode& node);

/// Whether WriteTextFile could replace `path`, asked before there is anything to lose. An empty
/// path is none. kFailed if it could not.
Expected<void, NodeError> CheckTextFile(const std::string& path);
/// Replaces `path`, a regular file or nothing yet, in one step. kFailed if it cannot be written;
/// then it stays as it was, and nothing is left beside it.
Expected<void, NodeError> WriteTextFile(const std::string& path, std::string_view text);
/// `document` as such files hold it; what is not UTF-8 in it is replaced.
std::string JsonText(const nlohmann::ordered_json& document);
Expected<void, NodeError> WriteJsonFile(const std::string& path,
                                        const nlohmann::ordered_json& document);

}  // namespace crsp
