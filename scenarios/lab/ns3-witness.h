// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ns3/ipv4-header.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"
#include "scenarios/lab/trace-digest.h"

namespace crsp::lab {

/// Sees every IPv4 packet that a node sends or takes in, whatever the topology, and makes the
/// digest of the run from them: when, between whom, and what was in it. Lives as long as the
/// simulation.
class Ns3Witness {
  public:
    /// Watches the nodes that there are by now.
    Ns3Witness();
    Ns3Witness(const Ns3Witness&) = delete;
    Ns3Witness& operator=(const Ns3Witness&) = delete;

    /// Sent by nodes, not counting those that were only forwarded.
    std::uint64_t Packets() const { return m_packets; }
    /// The digest of the packets so far, in hex.
    std::string Hex() const { return m_digest.Hex(); }
    /// Completes the digest with the record.
    std::string Finish(const RunRecord& record);

  private:
    void OnSend(const ns3::Ipv4Header& header, ns3::Ptr<const ns3::Packet> packet,
                std::uint32_t interface);
    void OnDeliver(const ns3::Ipv4Header& header, ns3::Ptr<const ns3::Packet> packet,
                   std::uint32_t interface);
    void AddHeader(const ns3::Ipv4Header& header, std::uint32_t bytes);

    TraceDigest m_digest;
    std::uint64_t m_packets = 0;
    std::vector<std::byte> m_bytes;
};

}  // namespace crsp::lab
