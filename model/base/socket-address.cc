// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/socket-address.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace crsp {

SocketAddress SocketAddress::FromIpv4(std::uint32_t address, std::uint16_t port) {
    SocketAddress result{.family = Family::kIpv4, .port = port, .bytes = {}};
    for (std::size_t i = 0; i < 4; ++i) {
        result.bytes[i] = static_cast<std::uint8_t>(address >> (24 - 8 * i));
    }
    return result;
}

std::string ToString(const SocketAddress& address) {
    const auto& b = address.bytes;
    switch (address.family) {
        case SocketAddress::Family::kIpv4:
            return fmt::format("{}.{}.{}.{}:{}", b[0], b[1], b[2], b[3], address.port);
        case SocketAddress::Family::kIpv6: {
            std::string text = "[";
            for (std::size_t i = 0; i < b.size(); i += 2) {
                text += fmt::format("{}{:x}", i == 0 ? "" : ":", b[i] << 8 | b[i + 1]);
            }
            return text + fmt::format("]:{}", address.port);
        }
        case SocketAddress::Family::kNone:
            break;
    }
    return "none";
}

SocketAddress PrefixOf(const SocketAddress& address) {
    constexpr std::array<std::uint8_t, 12> kMappedIpv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    SocketAddress prefix = address;
    prefix.port = 0;
    const bool mapped = std::equal(kMappedIpv4.begin(), kMappedIpv4.end(), address.bytes.begin());
    if (address.family == SocketAddress::Family::kIpv6 && !mapped) {
        std::fill(prefix.bytes.begin() + 8, prefix.bytes.end(), std::uint8_t{0});
    }
    return prefix;
}

std::size_t SocketAddressHash::operator()(const SocketAddress& address) const {
    const std::string_view bytes(reinterpret_cast<const char*>(address.bytes.data()),
                                 address.bytes.size());
    return std::hash<std::string_view>{}(bytes)*31 + address.port;
}

}  // namespace crsp
