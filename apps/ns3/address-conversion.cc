// SPDX-License-Identifier: GPL-2.0-only
#include "apps/ns3/address-conversion.h"

#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"

namespace ns3 {
namespace {

crsp::SocketAddress FromInet(const InetSocketAddress& inet) {
    return crsp::SocketAddress::FromIpv4(inet.GetIpv4().Get(), inet.GetPort());
}

crsp::SocketAddress FromInet6(const Inet6SocketAddress& inet) {
    crsp::SocketAddress address;
    address.family = crsp::SocketAddress::Family::kIpv6;
    address.port = inet.GetPort();
    inet.GetIpv6().Serialize(address.bytes.data());
    return address;
}

}  // namespace

Address ToNs3Address(const crsp::SocketAddress& address) {
    if (address.family == crsp::SocketAddress::Family::kIpv6) {
        auto bytes = address.bytes;
        return Inet6SocketAddress(Ipv6Address(bytes.data()), address.port);
    }
    return InetSocketAddress(Ipv4Address::Deserialize(address.bytes.data()), address.port);
}

crsp::SocketAddress FromNs3Address(const Address& address) {
    if (InetSocketAddress::IsMatchingType(address)) {
        return FromInet(InetSocketAddress::ConvertFrom(address));
    }
    if (Inet6SocketAddress::IsMatchingType(address)) {
        return FromInet6(Inet6SocketAddress::ConvertFrom(address));
    }
    return {};
}

const Address& AddressMemo::ToNs3(const crsp::SocketAddress& address) {
    if (m_to.theirs.IsInvalid() || m_to.ours != address) m_to = {address, ToNs3Address(address)};
    return m_to.theirs;
}

const crsp::SocketAddress& AddressMemo::FromNs3(const Address& address) {
    if (m_from.theirs != address) m_from = {FromNs3Address(address), address};
    return m_from.ours;
}

}  // namespace ns3
