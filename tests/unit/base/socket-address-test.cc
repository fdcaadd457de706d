// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/socket-address.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace crsp {
namespace {

SocketAddress Ipv6(std::uint16_t port) {
    SocketAddress address;
    address.family = SocketAddress::Family::kIpv6;
    address.port = port;
    address.bytes = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff};
    return address;
}

TEST(SocketAddress, PrintsAsUsersWriteIt) {
    EXPECT_EQ(ToString(SocketAddress::FromIpv4(0x7f000001, 59001)), "127.0.0.1:59001");
    EXPECT_EQ(ToString(SocketAddress::FromIpv4(0xffffffff, 0)), "255.255.255.255:0");
    EXPECT_EQ(ToString(Ipv6(443)), "[2001:db8:0:0:0:0:0:ff]:443");
    EXPECT_EQ(ToString(SocketAddress{}), "none");
}

TEST(SocketAddress, DiffersByFamilyAddressAndPort) {
    const auto address = SocketAddress::FromIpv4(0x0a000001, 1);
    EXPECT_EQ(address, SocketAddress::FromIpv4(0x0a000001, 1));
    EXPECT_NE(address, SocketAddress::FromIpv4(0x0a000002, 1));
    EXPECT_NE(address, SocketAddress::FromIpv4(0x0a000001, 2));
    auto other = address;
    other.family = SocketAddress::Family::kIpv6;
    EXPECT_NE(address, other);
}

TEST(SocketAddress, HashTellsPortsAndAddressesApart) {
    std::unordered_set<SocketAddress, SocketAddressHash> seen;
    std::unordered_set<std::size_t> hashes;
    for (std::uint16_t port = 0; port < 100; ++port) {
        for (std::uint32_t host = 0; host < 100; ++host) {
            const auto address = SocketAddress::FromIpv4(0x0a000000 + host, port);
            seen.insert(address);
            hashes.insert(SocketAddressHash{}(address));
        }
    }
    EXPECT_EQ(seen.size(), 10'000u);
    EXPECT_GT(hashes.size(), 9'900u);
    EXPECT_TRUE(seen.contains(SocketAddress::FromIpv4(0x0a000005, 7)));
}

}  // namespace
}  // namespace crsp
