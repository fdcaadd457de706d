// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "model/base/socket-address.h"
#include "ns3/address.h"

namespace ns3 {

/// The engine's address as ns-3's InetSocketAddress or Inet6SocketAddress.
Address ToNs3Address(const crsp::SocketAddress& address);

/// The reverse; Family::kNone for any other kind of address.
crsp::SocketAddress FromNs3Address(const Address& address);

}  // namespace ns3
