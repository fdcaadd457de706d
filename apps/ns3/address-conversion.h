// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "model/base/socket-address.h"
#include "ns3/address.h"

namespace ns3 {

/// The engine's address as ns-3's InetSocketAddress or Inet6SocketAddress.
Address ToNs3Address(const crsp::SocketAddress& address);

/// The reverse; Family::kNone for any other kind of address.
crsp::SocketAddress FromNs3Address(const Address& address);

/// Both, with the last of each kept: one packet after the other has the same peer, and ns-3 makes
/// an address of several parts.
class AddressMemo {
  public:
    const Address& ToNs3(const crsp::SocketAddress& address);
    const crsp::SocketAddress& FromNs3(const Address& address);

  private:
    struct Pair {
        crsp::SocketAddress ours;
        Address theirs;
    };
    Pair m_to;
    Pair m_from;
};

}  // namespace ns3
