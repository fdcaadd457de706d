// SPDX-License-Identifier: BSD-3-Clause
#include "tests/attacks/roles.h"

#include <fmt/format.h>

namespace crsp::attacks {

X25519KeyPair KeysOf(std::size_t which) {
    SecretKey secret;
    secret.Bytes()[0] = static_cast<std::byte>(which);
    secret.Bytes()[1] = static_cast<std::byte>(which >> 8);
    secret.Bytes()[2] = std::byte{1};
    return X25519PairOf(secret);
}

void Visitor::Call(TimePoint now, Endpoint& endpoint, const SocketAddress& server,
                   const PeerKey& key) {
    m_begunAt = now;
    (void)endpoint.Connect(now, server, key);
}

void Visitor::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    if (std::holds_alternative<ConnectedEvent>(event)) m_took = now - m_begunAt;
    const auto* readable = std::get_if<StreamReadableEvent>(&event);
    if (!readable) return;
    ReadResult read{.bytes = m_buffer.size()};
    while (read.bytes == m_buffer.size()) {
        read =
            endpoint.Read(readable->connection, readable->stream, m_buffer).value_or(ReadResult{});
        m_got += read.bytes;
    }
}

void Outcome::CountNewcomers(std::vector<Duration> took, Duration limit) {
    connected = static_cast<std::size_t>(std::count_if(
        took.begin(), took.end(), [](Duration time) { return time != Duration::max(); }));
    late = static_cast<std::size_t>(
        std::count_if(took.begin(), took.end(), [&](Duration time) { return time > limit; }));
    std::sort(took.begin(), took.end());
    // The smallest that 99 of 100 do not exceed.
    p99 = took[(took.size() * 99 + 99) / 100 - 1];
}

std::string Outcome::P99() const {
    if (p99 == Duration::max()) return "none";
    return fmt::format("{:.2f} s", std::chrono::duration<double>(p99).count());
}

}  // namespace crsp::attacks
