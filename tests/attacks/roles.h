// SPDX-License-Identifier: BSD-3-Clause
// Who streams from a server under attack, and who wants in.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "model/host/role.h"
#include "tests/attacks/party.h"

namespace crsp::attacks {

/// The keys of stream or newcomer `which`.
X25519KeyPair KeysOf(std::size_t which);

/// A role without timers; what it does is in OnEvent.
class Reacting : public Role {
  public:
    void OnStart(TimePoint, Endpoint&) override {}
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}
};

/// Connects when told to, and reads all that comes.
class Visitor : public Reacting {
  public:
    void Call(TimePoint now, Endpoint& endpoint, const SocketAddress& server, const PeerKey& key);
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    std::uint64_t Got() const { return m_got; }
    std::optional<Duration> Took() const { return m_took; }

  private:
    TimePoint m_begunAt{};
    std::optional<Duration> m_took;
    std::uint64_t m_got = 0;
    Bytes m_buffer = Bytes(65'536);
};

/// What became of the streams and newcomers beside a flood.
struct Outcome {
    std::uint64_t bytes = 0;  ///< that streams got during the flood
    std::size_t connected = 0;
    std::size_t late = 0;  ///< or not connected at all
    Duration p99 = Duration::max();
    double floodDropped = 0;  ///< share

    /// Enters those who wanted in; a time for each who is. More than `limit` is late.
    void CountNewcomers(std::vector<Duration> took, Duration limit);
    std::string P99() const;
};

}  // namespace crsp::attacks
