// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/stats-json.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/live/asio-address.h"
#include "apps/live/late-file.h"
#include "apps/live/target-file.h"
#include "apps/version/version.h"
#include "model/media/catalogue.h"

namespace crsp {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t Nanoseconds(TimePoint time) {
    return time.time_since_epoch().count();
}

std::uint64_t JsonNumber(std::uint64_t value) {
    return value;
}

double JsonNumber(Duration value) {
    return ToMilliseconds(value);
}

}  // namespace

Json ToJson(const ConnectionStats& stats) {
    Json json;
    ForEachStat(stats, [&](const StatField& field, const auto& value) {
        json[std::string(field.name)] = JsonNumber(value);
    });
    return json;
}

Json ToJson(const EndpointStats& s) {
    return {{"datagrams_received", s.datagramsReceived},
            {"datagrams_sent", s.datagramsSent},
            {"dropped", s.Dropped()},
            {"dropped_malformed", s.droppedMalformed},
            {"dropped_unknown_connection", s.droppedUnknownConnection},
            {"dropped_authentication", s.droppedAuthentication},
            {"dropped_initial_too_small", s.droppedInitialTooSmall},
            {"dropped_initial_refused", s.droppedInitialRefused},
            {"dropped_version", s.droppedVersion},
            {"handshakes_started", s.handshakesStarted},
            {"pairings_started", s.pairingsStarted},
            {"handshakes_completed", s.handshakesCompleted},
            {"retries_sent", s.retriesSent},
            {"resets_sent", s.resetsSent}};
}

Json ToJson(const HostStats& s) {
    Json json = {{"datagrams_received", s.datagramsReceived}, {"datagrams_sent", s.datagramsSent},
                 {"sends_blocked", s.sendsBlocked},           {"sends_failed", s.sendsFailed},
                 {"receive_errors", s.receiveErrors},         {"kernel_drops", s.kernelDrops}};
    if (s.lastSendError) json["last_send_error"] = s.lastSendError.message();
    return json;
}

Json ToJson(const LedgerEntry& entry) {
    Json json = {{"remote", Display(entry.remote)},
                 {"side", entry.side == Side::kInitiator ? "initiator" : "responder"},
                 {"begun_ns", Nanoseconds(entry.begunAt)}};
    if (entry.ended) {
        json["ended_ns"] = Nanoseconds(entry.endedAt);
        json["error"] = ToString(entry.code);
        json["application_code"] = entry.applicationCode;
        json["closed_by_peer"] = entry.closedByPeer;
    }
    json["stats"] = ToJson(entry.stats);
    return json;
}

Json ToJson(const Rendering& r) {
    return {{"generation", r.generation},
            {"entry", std::to_string(r.info.entry)},
            {"version", std::to_string(r.info.version)},
            {"size", r.info.size},
            {"offset", r.info.offset},
            {"bytes", r.bytes},
            {"complete", r.complete},
            {"sha256", r.sha256},
            {"begun_ns", Nanoseconds(r.begunAt)},
            {"ended_ns", Nanoseconds(r.endedAt)}};
}

Json NodeStatsJson(std::string_view program, const LiveNode& node) {
    Json connections = Json::array();
    for (const auto& entry : node.Ledger().Ended()) connections.push_back(ToJson(entry));
    for (const auto& [handle, entry] : node.Ledger().Open()) connections.push_back(ToJson(entry));
    return {{"schema", "crsp.node/1"},
            {"program", program},
            {"engine", EngineHash()},
            {"listen", Display(node.LocalAddress())},
            {"socket", ToJson(node.GetHost().Stats())},
            {"endpoint", ToJson(node.GetEndpoint().Stats())},
            {"connection_count", node.Ledger().Count()},
            {"totals", ToJson(node.Ledger().Totals())},
            {"connections", std::move(connections)}};
}

Expected<void, NodeError> CheckTextFile(const std::string& path) {
    if (path.empty()) return {};
    if (auto usable = CheckTarget(path, "write"); !usable) {
        return Fail(NodeError{ExitCode::kFailed, std::move(usable.error())});
    }
    return {};
}

Expected<void, NodeError> WriteTextFile(const std::string& path, std::string_view text) {
    if (auto usable = CheckTextFile(path); !usable) return usable;
    const auto partPath = path + ".part";
    auto part = LateFile::Open(partPath);
    if (!part) return Fail(std::move(part.error()));
    auto written = part->Write(text);
    if (written && std::rename(partPath.c_str(), path.c_str()) == 0) return {};
    auto failure = written ? NodeError{ExitCode::kFailed, fmt::format("cannot write '{}': {}", path,
                                                                      std::strerror(errno))}
                           : std::move(written.error());
    ::unlink(partPath.c_str());
    return Fail(std::move(failure));
}

std::string JsonText(const Json& document) {
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Expected<void, NodeError> WriteJsonFile(const std::string& path, const Json& document) {
    return WriteTextFile(path, JsonText(document));
}

}  // namespace crsp
