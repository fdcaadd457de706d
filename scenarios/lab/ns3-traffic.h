// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ns3/packet-sink.h"
#include "scenarios/lab/ns3-handshakes.h"
#include "scenarios/lab/ns3-messages.h"
#include "scenarios/lab/ns3-path.h"
#include "scenarios/lab/ns3-short-transfers.h"
#include "scenarios/lab/run-record.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Sets ns-3's TCP up so that it is a fair competitor: without these its defaults cripple it (40 ms
/// delayed ACK, RTO floor, SACK, initial window of 10, 4 MiB buffers). Call before nodes are made.
void ConfigureTcp();

/// The cross traffic of a scenario. Lives as long as the simulation.
class Ns3Traffic {
  public:
    /// Installs all of it; sizes and pauses draw from `seed`.
    Ns3Traffic(const Scenario& scenario, const Ns3Path& path, const SocketAddress& server,
               std::uint64_t seed);
    Ns3Traffic(const Ns3Traffic&) = delete;
    Ns3Traffic& operator=(const Ns3Traffic&) = delete;

    /// Adds what was received to the record.
    void Collect(RunRecord& record) const;

  private:
    void InstallMessages(const Scenario& scenario, const TrafficSpec& traffic, const Ns3Path& path);
    void InstallGreedy(const TrafficSpec& traffic, const Ns3Path& path);
    void InstallUdp(const TrafficSpec& traffic, const Ns3Path& path);
    void Tick();

    std::vector<ns3::Ptr<ns3::PacketSink>> m_sinks;
    std::vector<std::unique_ptr<Ns3ShortTransfers>> m_transfers;
    std::vector<std::unique_ptr<Ns3Handshakes>> m_handshakes;
    std::vector<std::unique_ptr<Ns3Messages>> m_messages;
    std::vector<std::uint64_t> m_bytes;
    std::uint64_t m_flows = 0;
    std::uint16_t m_port;
};

}  // namespace crsp::lab
