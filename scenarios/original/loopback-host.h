// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/base/time.h"
#include "scenarios/original/party.h"

namespace crsp::original {

/// std::chrono::steady_clock on the engine's axis.
TimePoint LoopbackNow();

/// 127.0.0.1 at that port.
SocketAddress Loopback(std::uint16_t port);

/// A party on UDP sockets of 127.0.0.1, and nowhere else: the original knows neither keys nor
/// rights.
class LoopbackHost {
  public:
    /// `ports` are as many as the party needs; 0 picks a free one. Throws
    /// boost::system::system_error if one cannot be had. `party` outlives this, and this outlives
    /// the last turn of `io`.
    LoopbackHost(boost::asio::io_context& io, Party& party,
                 const std::vector<std::uint16_t>& ports);

    void Start();
    std::uint16_t Port(std::size_t index) const;

  private:
    /// Longer ones come in cut off, and are refused for it.
    static constexpr std::size_t kBufferBytes = 2048;

    struct Socket {
        boost::asio::ip::udp::socket socket;
        boost::asio::ip::udp::endpoint from{};
        std::array<std::byte, kBufferBytes> buffer{};
    };

    void Receive(std::size_t port);
    void EndTurn();

    Party& m_party;
    std::vector<std::unique_ptr<Socket>> m_sockets;
    boost::asio::steady_timer m_timer;
};

}  // namespace crsp::original
