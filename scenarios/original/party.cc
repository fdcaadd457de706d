// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/original/party.h"

#include <fmt/format.h>

namespace crsp::original {

void Party::OnDatagram(TimePoint now, std::size_t port, const SocketAddress& from,
                       ConstByteSpan bytes) {
    const auto taken = Decode(bytes).and_then(
        [&](const Message& message) { return OnMessage(now, port, from, message); });
    if (taken) return;
    ++m_refused;
    m_lastRefusal = taken.error();
}

void Party::Send(std::size_t port, const SocketAddress& to, const Message& message) {
    m_outgoing.push_back({port, to, Encode(message)});
}

Unexpected<std::string> Party::Unwanted(const Message& message) {
    return Fail(fmt::format("a message of type {} is not for this party or not for now",
                            static_cast<unsigned>(message.type)));
}

}  // namespace crsp::original
