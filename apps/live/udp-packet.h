// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/ecn.h"
#include "model/base/socket-address.h"

namespace crsp {

/// An IPv4 or IPv6 packet with a UDP datagram, as a link would carry it: what a capture holds.
/// `from` and `to` are of one family. For IPv4 the UDP checksum is left out, as zero.
std::vector<std::byte> MakeUdpPacket(const SocketAddress& from, const SocketAddress& to, Ecn ecn,
                                     ConstByteSpan payload);

/// Finds the UDP payload in a packet of a link type of libpcap (DLT_RAW, Ethernet, PPP, Linux
/// cooked, loopback). Nothing if the packet is none of UDP, is a fragment, or of another link type.
/// The payload is cut to what is there, which is less than was sent where a capture cuts off.
class CapturedUdp {
  public:
    static std::optional<CapturedUdp> Find(int linkType, ByteSpan packet);

    ByteSpan Payload() const { return m_udp.subspan(kHeader); }
    /// Makes the checksum fit a payload that was altered, unless the sender had left it out.
    void UpdateChecksum();

  private:
    static constexpr std::size_t kHeader = 8;

    CapturedUdp(ByteSpan addresses, ByteSpan udp) : m_addresses(addresses), m_udp(udp) {}

    ByteSpan m_addresses;  ///< of the IP header, which the checksum is over as well
    ByteSpan m_udp;
};

}  // namespace crsp
