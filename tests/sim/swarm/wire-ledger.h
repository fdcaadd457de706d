// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <set>
#include <string>

#include "model/host/driver.h"
#include "model/wire/types.h"
#include "tests/sim/swarm/verdict.h"

namespace crsp::sim {

/// Holds what one node puts on the wire against what it may: no packet number twice under one key
/// (CRSP §4.5), one content for each Initial (CRSP §4.4), and to an address that is not validated
/// no more bytes and packets than came from there (CRSP §3.5, §3.8).
class WireLedger : public DriverObserver {
  public:
    WireLedger(std::string node, Verdict& verdict) : m_node(std::move(node)), m_verdict(verdict) {}

    void OnInputDatagram(TimePoint now, const SocketAddress& source, ConstByteSpan bytes) override;
    void OnInputAlarm(TimePoint) override {}
    void OnInputPump(TimePoint) override {}
    void OnOutput(TimePoint now, const Transmit& transmit, ConstByteSpan bytes) override;

    /// The node has been told that its peer is there.
    void OnValidated(const SocketAddress& address) { m_validated.insert(address); }
    std::uint64_t BytesReceived() const { return m_bytesReceived; }
    std::uint64_t BytesSent() const { return m_bytesSent; }

  private:
    struct Account {
        std::uint64_t bytes = 0;  ///< received less sent
        std::uint64_t packets = 0;
    };

    void OnSent(const SocketAddress& to, ConstByteSpan datagram);
    void OnData(ConnectionId peer, PacketNumber number);
    void OnInitial(ConnectionId own, ConstByteSpan datagram);
    void Charge(const SocketAddress& to, std::size_t bytes, bool isData);
    void Fail(const std::string& what) { m_verdict.Fail(m_node + ": " + what); }

    std::string m_node;
    Verdict& m_verdict;
    std::map<ConnectionId, PacketNumber> m_nextNumbers;  ///< by the peer's id: one key each
    std::map<ConnectionId, std::string> m_initials;
    std::set<SocketAddress> m_validated;
    std::map<SocketAddress, Account> m_accounts;
    std::uint64_t m_bytesReceived = 0;
    std::uint64_t m_bytesSent = 0;
};

}  // namespace crsp::sim
