// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/controller-report.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "apps/live/shown-names.h"

namespace crsp {
namespace {

using Json = nlohmann::ordered_json;

std::string ListingText(const CommandResult& result) {
    std::string text = fmt::format("{:>20} {:>14}  {}", "ID", "BYTES", "NAME");
    const auto names = ShownNames(result.listing);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& entry = result.listing[i];
        fmt::format_to(std::back_inserter(text), "\n{:>20} {:>14}  {}", entry.id, entry.size,
                       names[i]);
    }
    if (result.total > result.listing.size()) {
        fmt::format_to(std::back_inserter(text), "\n({} of {} entries)", result.listing.size(),
                       result.total);
    }
    return text;
}

std::string StatusText(const CommandResult& result) {
    if (result.generation == 0) return fmt::format("{}", ToString(result.state));
    const bool failed = result.stateCode != MediaErrorCode::kNone;
    return fmt::format("{} generation={} entry={} position={} size={}{}", ToString(result.state),
                       result.generation, result.entry, result.position, result.size,
                       failed ? fmt::format(" ({})", ToString(result.stateCode)) : "");
}

std::string HexOf(std::string_view bytes) {
    std::string hex;
    for (const unsigned char c : bytes) fmt::format_to(std::back_inserter(hex), "{:02x}", c);
    return hex;
}

Json EntryJson(const CatalogueEntry& entry) {
    const auto name = PrintableName(entry.name);
    Json json = {{"id", std::to_string(entry.id)},
                 {"version", std::to_string(entry.version)},
                 {"size", entry.size},
                 {"name", name}};
    if (name != entry.name) json["name_hex"] = HexOf(entry.name);
    return json;
}

void AddListing(Json& json, const CommandResult& result) {
    json["change_counter"] = result.changeCounter;
    json["total"] = result.total;
    auto& entries = json["entries"] = Json::array();
    for (const auto& entry : result.listing) entries.push_back(EntryJson(entry));
}

void AddRendering(Json& json, const CommandResult& result) {
    json["generation"] = result.generation;
    json["position"] = result.position;
    if (result.verb != Verb::kPlay && result.verb != Verb::kStatus) return;
    json["entry"] = std::to_string(result.entry);
    json["size"] = result.size;
    if (result.verb != Verb::kStatus) return;
    json["state"] = ToString(result.state);
    json["state_code"] = static_cast<std::uint64_t>(result.stateCode);
}

std::string_view EventName(Notification::Kind kind) {
    switch (kind) {
        case Notification::Kind::kBegun:
            return "begun";
        case Notification::Kind::kEnded:
            return "ended";
        case Notification::Kind::kTakenOver:
            return "taken_over";
        case Notification::Kind::kError:
            break;
    }
    return "error";
}

std::string_view ReasonName(EndReason reason) {
    switch (reason) {
        case EndReason::kComplete:
            return "complete";
        case EndReason::kStopped:
            return "stopped";
        case EndReason::kFailed:
            return "failed";
        case EndReason::kReplaced:
            break;
    }
    return "replaced";
}

ExitCode ExitCodeOf(TransportErrorCode code) {
    switch (code) {
        case TransportErrorCode::kNoError:
        case TransportErrorCode::kApplicationError:
        case TransportErrorCode::kConnectionRefused:
        case TransportErrorCode::kHandshakeTimeout:
        case TransportErrorCode::kIdleTimeout:
        case TransportErrorCode::kStatelessReset:
            return ExitCode::kUnavailable;
        default:
            return ExitCode::kProtocol;
    }
}

ExitCode ExitCodeOf(MediaErrorCode code) {
    switch (code) {
        case MediaErrorCode::kNone:
            return ExitCode::kOk;
        case MediaErrorCode::kNoSuchEntry:
            return ExitCode::kNoInput;
        case MediaErrorCode::kUnknownServer:
        case MediaErrorCode::kServerUnreachable:
        case MediaErrorCode::kConnectionLost:
        case MediaErrorCode::kBusy:
            return ExitCode::kUnavailable;
        case MediaErrorCode::kNotAllowed:
            return ExitCode::kRefused;
        case MediaErrorCode::kTimeout:
            return ExitCode::kTimeout;
        case MediaErrorCode::kMalformedMessage:
        case MediaErrorCode::kNotSupported:
            return ExitCode::kProtocol;
        default:
            return ExitCode::kFailed;
    }
}

}  // namespace

std::string ResultText(const CommandResult& result) {
    if (!result.Ok()) {
        std::string text = fmt::format("{}: {}", ToString(result.verb), ToString(*result.error));
        if (!result.text.empty() && result.text != ToString(*result.error)) {
            text += fmt::format(" ({})", PrintableName(result.text));
        }
        if (result.transportError) text += fmt::format(" [{}]", ToString(*result.transportError));
        return text;
    }
    if (result.verb == Verb::kList) return ListingText(result);
    if (result.verb == Verb::kStatus) return StatusText(result);
    if (result.verb == Verb::kPlay) {
        return fmt::format("play: ok generation={} entry={} size={}", result.generation,
                           result.entry, result.size);
    }
    if (result.verb == Verb::kTakeOver) return "take-over: ok";
    return fmt::format("{}: ok generation={} position={}", ToString(result.verb), result.generation,
                       result.position);
}

std::string NotificationText(const Notification& n) {
    switch (n.kind) {
        case Notification::Kind::kBegun:
            return fmt::format("begun generation={} entry={} size={}", n.generation, n.entry,
                               n.size);
        case Notification::Kind::kEnded:
            return fmt::format("ended generation={} reason={} rendered={}{}", n.generation,
                               ReasonName(n.reason), n.rendered,
                               n.code == MediaErrorCode::kNone
                                   ? std::string()
                                   : fmt::format(" ({})", ToString(n.code)));
        case Notification::Kind::kTakenOver:
            return "taken over by another controller";
        case Notification::Kind::kError:
            break;
    }
    return fmt::format("error: {} {}", ToString(n.code), PrintableName(n.text));
}

Json ResultJson(const CommandResult& result) {
    Json json = {{"schema", "crsp.command/1"},
                 {"command", ToString(result.verb)},
                 {"result", result.Ok() ? "ok" : ToString(*result.error)},
                 {"code", static_cast<std::uint64_t>(result.error.value_or(MediaErrorCode::kNone))},
                 {"issued_ns", result.issuedAt.time_since_epoch().count()},
                 {"answered_ns", result.answeredAt.time_since_epoch().count()},
                 {"latency_ms", ToMilliseconds(result.Latency())}};
    if (!result.Ok() && !result.text.empty()) json["text"] = PrintableName(result.text);
    if (result.transportError) json["transport_error"] = ToString(*result.transportError);
    if (result.verb == Verb::kList) {
        if (result.Ok()) AddListing(json, result);
    } else if (result.verb != Verb::kTakeOver) {
        AddRendering(json, result);
    }
    return json;
}

Json NotificationJson(const Notification& n) {
    Json json = {{"schema", "crsp.notification/1"},
                 {"event", EventName(n.kind)},
                 {"at_ns", n.at.time_since_epoch().count()},
                 {"generation", n.generation}};
    if (n.kind == Notification::Kind::kBegun) {
        json["entry"] = std::to_string(n.entry);
        json["size"] = n.size;
    } else if (n.kind == Notification::Kind::kEnded) {
        json["reason"] = ReasonName(n.reason);
        json["rendered"] = n.rendered;
    } else if (n.kind == Notification::Kind::kError) {
        json["text"] = PrintableName(n.text);
    }
    if (n.code != MediaErrorCode::kNone) json["error"] = ToString(n.code);
    return json;
}

ExitCode ExitCodeOf(const CommandResult& result) {
    if (result.Ok()) return ExitCode::kOk;
    return result.transportError ? ExitCodeOf(*result.transportError) : ExitCodeOf(*result.error);
}

ExitCode ExitCodeOf(const Notification& notification) {
    if (notification.kind != Notification::Kind::kEnded) return ExitCodeOf(notification.code);
    if (notification.reason == EndReason::kComplete) return ExitCode::kOk;
    return notification.reason == EndReason::kFailed ? ExitCodeOf(notification.code)
                                                     : ExitCode::kFailed;
}

}  // namespace crsp
