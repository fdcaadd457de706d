// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/asio-address.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(AsioAddress, HostAndPortAreTakenApart) {
    EXPECT_EQ(ParseHostPort("example.org:59001").value().host, "example.org");
    EXPECT_EQ(ParseHostPort("example.org:59001").value().port, 59001);
    EXPECT_EQ(ParseHostPort("[::1]:7").value().host, "::1");
    EXPECT_EQ(ParseHostPort("[::1]:59002").value().port, 59002);
}

TEST(AsioAddress, WhatIsNoAddressIsRefusedWithTheReason) {
    const auto reason = [](std::string_view text) { return ParseHostPort(text).error(); };
    EXPECT_NE(reason("host").find("the port is missing"), std::string::npos);
    EXPECT_NE(reason("host:").find("not a number from 0 to 65535"), std::string::npos);
    EXPECT_NE(reason("host:65536").find("not a number from 0 to 65535"), std::string::npos);
    EXPECT_NE(reason("host:-1").find("not a number from 0 to 65535"), std::string::npos);
    EXPECT_NE(reason(":59001").find("the host is missing"), std::string::npos);
    EXPECT_NE(reason("::1:59001").find("[IPV6]:PORT"), std::string::npos);
    EXPECT_NE(reason("[::1").find("[IPV6]:PORT"), std::string::npos);
    EXPECT_NE(reason("[::1]x").find("[IPV6]:PORT"), std::string::npos);
    EXPECT_EQ(reason("\x1b[2J:1x").find('\x1b'), std::string::npos);
}

TEST(AsioAddress, NumbersResolveToThemselves) {
    EXPECT_EQ(ResolveAddress("127.0.0.1:59001").value(),
              SocketAddress::FromIpv4(0x7f000001, 59001));
    EXPECT_EQ(Display(ResolveAddress("[::1]:59001").value()), "[::1]:59001");
}

TEST(AsioAddress, UnknownHostsAreNamedInTheError) {
    // RFC 6761 keeps .invalid from ever resolving.
    const auto result = ResolveAddress("nobody.invalid:1");
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().find("cannot find the host 'nobody.invalid'"), std::string::npos);
}

TEST(AsioAddress, SystemFormRoundTrips) {
    for (const char* text : {"192.0.2.1:1", "[2001:db8::5]:65535", "0.0.0.0:0"}) {
        const auto address = ResolveAddress(text).value();
        sockaddr_storage storage{};
        ASSERT_GT(ToSockaddr(address, false, storage), 0u);
        EXPECT_EQ(FromSockaddr(storage), address) << text;
    }
}

TEST(AsioAddress, MappedIpv4IsIpv4Again) {
    const auto address = ResolveAddress("192.0.2.1:1").value();
    sockaddr_storage storage{};
    ToSockaddr(address, true, storage);
    EXPECT_EQ(storage.ss_family, AF_INET6);
    EXPECT_EQ(FromSockaddr(storage), address);
}

TEST(AsioAddress, WildcardsAreKnown) {
    EXPECT_TRUE(IsWildcard(ResolveAddress("0.0.0.0:5").value()));
    EXPECT_TRUE(IsWildcard(ResolveAddress("[::]:5").value()));
    EXPECT_FALSE(IsWildcard(ResolveAddress("127.0.0.1:0").value()));
}

}  // namespace
}  // namespace crsp
