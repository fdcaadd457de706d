// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace crsp {

/// Where a datagram goes to or came from: an IPv4 or IPv6 address and a UDP port.
///
/// The engine only compares, hashes and prints addresses; turning names into them is the host's.
struct SocketAddress {
    enum class Family : std::uint8_t { kNone, kIpv4, kIpv6 };

    Family family = Family::kNone;
    std::uint16_t port = 0;
    std::array<std::uint8_t, 16> bytes{};  ///< network order; IPv4 uses the first four

    /// `address` in host order, as in 0x7f000001 for 127.0.0.1.
    static SocketAddress FromIpv4(std::uint32_t address, std::uint16_t port);

    auto operator<=>(const SocketAddress&) const = default;
};

/// `127.0.0.1:59001`, `[2001:db8::1]:59001` without zero compression, or `none`.
std::string ToString(const SocketAddress& address);

/// What one customer is given: an IPv4 host, or an IPv6 network of 64 bits. Port and host bits are
/// zero in it.
SocketAddress PrefixOf(const SocketAddress& address);

struct SocketAddressHash {
    std::size_t operator()(const SocketAddress& address) const;
};

}  // namespace crsp
