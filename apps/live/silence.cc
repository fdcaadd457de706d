// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/silence.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "apps/live/asio-address.h"

namespace crsp {

bool Silence::Explains(const CommandResult& result) {
    if (result.Ok()) return false;
    // A peer that refused has been reached.
    if (result.transportError.value_or(TransportErrorCode::kHandshakeTimeout) !=
        TransportErrorCode::kHandshakeTimeout) {
        return false;
    }
    if (*result.error != MediaErrorCode::kConnectionLost &&
        *result.error != MediaErrorCode::kTimeout) {
        return false;
    }
    const bool server = result.verb == Verb::kList || result.verb == Verb::kPlay;
    const bool renderer = result.verb != Verb::kList;
    const bool explains =
        (server && Unreached(m_config.server)) || (renderer && Unreached(m_config.renderer));
    m_found = m_found || explains;
    return explains;
}

std::optional<NodeError> Silence::Failure() const {
    if (!m_found) return std::nullopt;
    std::vector<std::string> peers;
    std::vector<std::string> remedies;
    auto code = ExitCode::kUnavailable;
    const auto add = [&](std::string_view name, const std::optional<PeerTarget>& peer) {
        if (!Unreached(peer)) return;
        peers.push_back(fmt::format("the {} at {}", name, Display(peer->address)));
        const bool heard = m_runner.Arrivals().LastFrom(peer->address).has_value();
        const auto failure = m_runner.Peers().NoAnswer(peer->address, heard);
        if (!failure) return;
        remedies.push_back(failure->message);
        if (failure->code == ExitCode::kRefused) code = failure->code;
    };
    add("server", m_config.server);
    add("renderer", m_config.renderer);
    const auto text = fmt::format("could not reach {} within {} s: ", fmt::join(peers, " and "),
                                  ToSeconds(m_config.commandTimeout));
    if (!remedies.empty()) {
        return NodeError{code, text + fmt::format("{}", fmt::join(remedies, "; "))};
    }
    return NodeError{
        code, fmt::format("{}{} running, and {} share the key, or say --no-auth as well?", text,
                          peers.size() == 1 ? "is it" : "are they",
                          peers.size() == 1 ? "does it" : "do they")};
}

bool Silence::Unreached(const std::optional<PeerTarget>& peer) const {
    const auto& ledger = m_node.Ledger();
    return peer && !ledger.LastEnded(peer->address) &&
           std::none_of(ledger.Open().begin(), ledger.Open().end(),
                        [&](const auto& item) { return item.second.remote == peer->address; });
}

}  // namespace crsp
