// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "model/base/result.h"
#include "model/base/socket-address.h"

namespace crsp {

/// `HOST:PORT` taken apart, before any name is looked up.
struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};

/// Reads `HOST:PORT` or `[IPV6]:PORT`. The error is one sentence that names the text and what was
/// expected.
Expected<HostPort, std::string> ParseHostPort(std::string_view text);

/// Finds the first address of `HOST:PORT`; blocks while a name is looked up, so call it before the
/// event loop runs. IPv4 is preferred, and is the only family considered if `ipv4Only`.
Expected<SocketAddress, std::string> ResolveAddress(std::string_view text, bool ipv4Only = false);

/// The same address for the system's calls; returns the length that counts. An IPv4 address becomes
/// IPv4-mapped IPv6 if `mapped`, as a dual-stack socket wants it. 0 if there is no such address.
socklen_t ToSockaddr(const SocketAddress& address, bool mapped, sockaddr_storage& out);

/// The reverse of ToSockaddr: an IPv4-mapped address comes back as IPv4, so that one peer has one
/// address whatever the socket.
SocketAddress FromSockaddr(const sockaddr_storage& address);

/// True for 0.0.0.0 and [::]: good to listen on, not to send to.
bool IsWildcard(const SocketAddress& address);

/// True for what never leaves this machine: 127.0.0.0/8 and [::1].
bool IsLoopback(const SocketAddress& address);

/// As people write it: IPv6 in its short form of RFC 5952, `[::1]:59001`.
std::string Display(const SocketAddress& address);

}  // namespace crsp
