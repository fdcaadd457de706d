// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/udp-packet.h"

#include <pcap/dlt.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "model/base/assert.h"

namespace crsp {
namespace {

constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kHops = 64;
constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kChecksumAt = 6;
constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv4Addresses = 12;
constexpr std::size_t kIpv4ChecksumAt = 10;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kIpv6Addresses = 8;
constexpr std::uint16_t kMoreFragmentsOrOffset = 0x3fff;

std::uint8_t At(ByteSpan bytes, std::size_t index) {
    return std::to_integer<std::uint8_t>(bytes[index]);
}

std::uint16_t U16At(ByteSpan bytes, std::size_t index) {
    return static_cast<std::uint16_t>(At(bytes, index) << 8 | At(bytes, index + 1));
}

/// RFC 1071: the sum that a checksum is the complement of.
std::uint32_t Sum(ConstByteSpan bytes, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = std::to_integer<std::uint32_t>(bytes[i]);
        sum += i % 2 == 0 ? byte << 8 : byte;
    }
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/// RFC 768: over the addresses, the protocol, the length and the datagram. Never 0, which says that
/// there is none.
std::uint16_t UdpChecksum(ConstByteSpan addresses, ConstByteSpan udp) {
    std::uint32_t sum = Sum(addresses, kUdp + static_cast<std::uint32_t>(udp.size()));
    const auto checksum = static_cast<std::uint16_t>(~Sum(udp, sum));
    return checksum == 0 ? 0xffff : checksum;
}

void PutChecksum(ByteSpan at, std::uint16_t checksum) {
    ByteWriter(at).U16(checksum);
}

void PutIpv4(ByteWriter& out, const SocketAddress& from, const SocketAddress& to, Ecn ecn,
             std::size_t udpLength) {
    const ByteSpan header = out.Reserve(kIpv4Header);
    ByteWriter ip(header);
    ip.U8(0x45);
    ip.U8(static_cast<std::uint8_t>(ecn));
    ip.U16(static_cast<std::uint16_t>(kIpv4Header + udpLength));
    ip.U32(0x00004000);  // no identification, must not be fragmented
    ip.U8(kHops);
    ip.U8(kUdp);
    ip.U16(0);
    for (const auto* address : {&from, &to}) {
        ip.Bytes(std::as_bytes(std::span(address->bytes)).first(4));
    }
    PutChecksum(header.subspan(kIpv4ChecksumAt), static_cast<std::uint16_t>(~Sum(header)));
}

void PutIpv6(ByteWriter& out, const SocketAddress& from, const SocketAddress& to, Ecn ecn,
             std::size_t udpLength) {
    out.U32(0x60000000 | static_cast<std::uint32_t>(ecn) << 20);
    out.U16(static_cast<std::uint16_t>(udpLength));
    out.U8(kUdp);
    out.U8(kHops);
    for (const auto* address : {&from, &to}) out.Bytes(std::as_bytes(std::span(address->bytes)));
}

/// Bytes in front of the IP packet; nothing for a link type unknown here.
std::optional<std::size_t> LinkHeader(int linkType) {
    switch (linkType) {
        case DLT_RAW:
            return 0;
        case DLT_PPP:
            return 2;
        case DLT_NULL:
        case DLT_LOOP:
            return 4;
        case DLT_EN10MB:
            return 14;
        case DLT_LINUX_SLL:
            return 16;
        case DLT_LINUX_SLL2:
            return 20;
        default:
            return std::nullopt;
    }
}

/// An IP packet taken apart: where its addresses are, and what it carries.
struct Ip {
    ByteSpan addresses;
    ByteSpan payload;
};

std::optional<Ip> ParseIpv4(ByteSpan packet) {
    if (packet.size() < kIpv4Header) return std::nullopt;
    const std::size_t header = 4 * static_cast<std::size_t>(At(packet, 0) & 0x0f);
    const std::size_t length = U16At(packet, 2);
    const bool fragment = (U16At(packet, 6) & kMoreFragmentsOrOffset) != 0;
    if (fragment || At(packet, 9) != kUdp || header < kIpv4Header || header > packet.size() ||
        length < header) {
        return std::nullopt;
    }
    return Ip{packet.subspan(kIpv4Addresses, 8),
              packet.first(std::min(length, packet.size())).subspan(header)};
}

std::optional<Ip> ParseIpv6(ByteSpan packet) {
    if (packet.size() < kIpv6Header || At(packet, 6) != kUdp) return std::nullopt;
    const std::size_t length = kIpv6Header + U16At(packet, 4);
    return Ip{packet.subspan(kIpv6Addresses, 32),
              packet.first(std::min(length, packet.size())).subspan(kIpv6Header)};
}

}  // namespace

std::vector<std::byte> MakeUdpPacket(const SocketAddress& from, const SocketAddress& to, Ecn ecn,
                                     ConstByteSpan payload) {
    CRSP_ASSERT(from.family == to.family);
    const bool ipv4 = to.family == SocketAddress::Family::kIpv4;
    const std::size_t udpLength = kUdpHeader + payload.size();
    std::vector<std::byte> packet((ipv4 ? kIpv4Header : kIpv6Header) + udpLength);
    ByteWriter out(packet);
    (ipv4 ? PutIpv4 : PutIpv6)(out, from, to, ecn, udpLength);
    const ByteSpan udp = ByteSpan(packet).subspan(out.Position());
    out.U16(from.port);
    out.U16(to.port);
    out.U16(static_cast<std::uint16_t>(udpLength));
    out.U16(0);
    out.Bytes(payload);
    CRSP_ASSERT(out.Ok());
    if (!ipv4) {
        PutChecksum(udp.subspan(kChecksumAt),
                    UdpChecksum(ByteSpan(packet).subspan(kIpv6Addresses, 32), udp));
    }
    return packet;
}

std::optional<CapturedUdp> CapturedUdp::Find(int linkType, ByteSpan packet) {
    const auto link = LinkHeader(linkType);
    if (!link || packet.size() <= *link) return std::nullopt;
    packet = packet.subspan(*link);
    const int version = At(packet, 0) >> 4;
    if (version != 4 && version != 6) return std::nullopt;
    const auto ip = version == 4 ? ParseIpv4(packet) : ParseIpv6(packet);
    if (!ip || ip->payload.size() < kUdpHeader) return std::nullopt;
    const std::size_t length = U16At(ip->payload, 4);
    if (length < kUdpHeader) return std::nullopt;
    return CapturedUdp(ip->addresses, ip->payload.first(std::min(length, ip->payload.size())));
}

void CapturedUdp::UpdateChecksum() {
    if (U16At(m_udp, kChecksumAt) == 0) return;
    PutChecksum(m_udp.subspan(kChecksumAt), 0);
    PutChecksum(m_udp.subspan(kChecksumAt), UdpChecksum(m_addresses, m_udp));
}

}  // namespace crsp
