// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <fmt/format.h>

#include "ns3/ipv4-address-helper.h"
#include "ns3/net-device-container.h"
#include "ns3/traffic-control-helper.h"

namespace crsp::lab {

/// Gives each link its own /24 and takes away the queue discipline that comes with an address, so
/// that the device's drop-tail queue is the only one.
class Addresses {
  public:
    void Assign(const ns3::NetDeviceContainer& link) {
        ns3::Ipv4AddressHelper helper;
        ++m_links;
        const auto base = fmt::format("10.{}.{}.0", 1 + m_links / 256, m_links % 256);
        helper.SetBase(base.c_str(), "255.255.255.0");
        helper.Assign(link);
        ns3::TrafficControlHelper().Uninstall(link);
    }

  private:
    int m_links = 0;
};

}  // namespace crsp::lab
