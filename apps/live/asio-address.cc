// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/asio-address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

#include "model/media/catalogue.h"

namespace crsp {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<std::uint16_t> ParsePort(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return port;
}

/// Splits at the colon before the port; a bare IPv6 address has several and needs its brackets.
struct Split {
    std::string_view host;
    std::string_view port;
    bool hasPort = false;
};

std::optional<Split> SplitHostPort(std::string_view text) {
    if (!text.empty() && text.front() == '[') {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        const auto rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') return std::nullopt;
        return Split{text.substr(1, close - 1), rest.empty() ? rest : rest.substr(1),
                     !rest.empty()};
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return Split{text, {}, false};
    if (text.find(':', colon + 1) != std::string_view::npos) return std::nullopt;
    return Split{text.substr(0, colon), text.substr(colon + 1), true};
}

using AddrInfo = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Expected<AddrInfo, std::string> LookUp(const std::string& host, bool ipv4Only) {
    addrinfo hints{};
    hints.ai_family = ipv4Only ? AF_INET : AF_UNSPEC;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (error != 0) return Fail(std::string(::gai_strerror(error)));
    return AddrInfo(found, ::freeaddrinfo);
}

const addrinfo* PreferIpv4(const addrinfo* first) {
    for (const auto* info = first; info; info = info->ai_next) {
        if (info->ai_family == AF_INET) return info;
    }
    return first;
}

}  // namespace

Expected<HostPort, std::string> ParseHostPort(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        return Fail(fmt::format("'{}' is not an address: {}", PrintableName(text), why));
    };
    const auto split = SplitHostPort(text);
    if (!split) return refuse("expected HOST:PORT, or [IPV6]:PORT");
    if (split->host.empty()) return refuse("the host is missing; expected HOST:PORT");
    if (split->host.find('\0') != std::string_view::npos) return refuse("it holds a zero byte");
    if (!split->hasPort) return refuse("the port is missing; expected HOST:PORT");
    const auto port = ParsePort(split->port);
    if (!port) return refuse("the port is not a number from 0 to 65535");
    return HostPort{std::string(split->host), *port};
}

Expected<SocketAddress, std::string> ResolveAddress(std::string_view text, bool ipv4Only) {
    const auto parsed = ParseHostPort(text);
    if (!parsed) return Fail(parsed.error());
    const auto found = LookUp(parsed->host, ipv4Only);
    if (!found) {
        return Fail(fmt::format("cannot find the host '{}': {}", PrintableName(parsed->host),
                                found.error()));
    }
    const auto* chosen = PreferIpv4(found->get());
    sockaddr_storage storage{};
    std::memcpy(&storage, chosen->ai_addr, chosen->ai_addrlen);
    auto address = FromSockaddr(storage);
    address.port = parsed->port;
    return address;
}

socklen_t ToSockaddr(const SocketAddress& address, bool mapped, sockaddr_storage& out) {
    out = {};
    if (address.family == SocketAddress::Family::kIpv4 && !mapped) {
        auto& in = reinterpret_cast<sockaddr_in&>(out);
        in.sin_family = AF_INET;
        in.sin_port = htons(address.port);
        std::memcpy(&in.sin_addr, address.bytes.data(), 4);
        return sizeof(in);
    }
    if (address.family == SocketAddress::Family::kNone) return 0;
    auto& in6 = reinterpret_cast<sockaddr_in6&>(out);
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(address.port);
    if (address.family == SocketAddress::Family::kIpv6) {
        std::memcpy(&in6.sin6_addr, address.bytes.data(), 16);
    } else {
        std::memcpy(&in6.sin6_addr, kMappedPrefix.data(), kMappedPrefix.size());
        std::memcpy(in6.sin6_addr.s6_addr + kMappedPrefix.size(), address.bytes.data(), 4);
    }
    return sizeof(in6);
}

SocketAddress FromSockaddr(const sockaddr_storage& address) {
    SocketAddress result;
    if (address.ss_family == AF_INET) {
        const auto& in = reinterpret_cast<const sockaddr_in&>(address);
        result.family = SocketAddress::Family::kIpv4;
        result.port = ntohs(in.sin_port);
        std::memcpy(result.bytes.data(), &in.sin_addr, 4);
    } else if (address.ss_family == AF_INET6) {
        const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address);
        const auto* bytes = in6.sin6_addr.s6_addr;
        const bool mapped = std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes);
        result.family = mapped ? SocketAddress::Family::kIpv4 : SocketAddress::Family::kIpv6;
        result.port = ntohs(in6.sin6_port);
        std::memcpy(result.bytes.data(), mapped ? bytes + kMappedPrefix.size() : bytes,
                    mapped ? 4 : 16);
    }
    return result;
}

bool IsWildcard(const SocketAddress& address) {
    return std::all_of(address.bytes.begin(), address.bytes.end(), [](auto b) { return b == 0; });
}

bool IsLoopback(const SocketAddress& address) {
    if (address.family == SocketAddress::Family::kIpv4) return address.bytes[0] == 127;
    auto unspecified = address;
    unspecified.bytes[15] = 0;
    return address.bytes[15] == 1 && IsWildcard(unspecified);
}

std::string Display(const SocketAddress& address) {
    if (address.family != SocketAddress::Family::kIpv6) return ToString(address);
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
    return fmt::format("[{}]:{}", text.data(), address.port);
}

}  // namespace crsp
