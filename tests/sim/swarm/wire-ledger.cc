// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/wire-ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/connection/initial-macs.h"
#include "model/wire/packet-header.h"

namespace crsp::sim {

void WireLedger::OnInputDatagram(TimePoint, const Datagram& datagram) {
    m_bytesReceived += datagram.payload.size();
    m_accounts[datagram.source].bytes += datagram.payload.size();
    ++m_accounts[datagram.source].packets;
}

void WireLedger::OnOutput(TimePoint, const Transmit& transmit, ConstByteSpan bytes) {
    m_bytesSent += bytes.size();
    while (!bytes.empty()) {
        const auto datagram = bytes.first(std::min(transmit.segmentSize, bytes.size()));
        OnSent(transmit.destination, datagram);
        bytes = bytes.subspan(datagram.size());
    }
}

void WireLedger::OnSent(const SocketAddress& to, ConstByteSpan datagram) {
    const auto header = DecodePacketHeader(datagram);
    if (!header) return Fail("sends what it would not understand itself");
    if (const auto* initial = std::get_if<InitialHeader>(&*header)) {
        return OnInitial(initial->source, datagram);
    }
    const auto* data = std::get_if<DataHeader>(&*header);
    if (data) OnData(data->destination, data->number);
    if (!m_validated.contains(to)) Charge(to, datagram.size(), data != nullptr);
}

void WireLedger::OnData(ConnectionId peer, PacketNumber number) {
    PacketNumber& next = m_nextNumbers[peer];
    if (number < next) Fail(fmt::format("packet number {} used again", number));
    next = number + 1;
}

void WireLedger::OnInitial(ConnectionId own, ConstByteSpan datagram) {
    // A Retry changes mac2 and nothing else.
    const std::string content(AsText(datagram.first(datagram.size() - kMacLength)));
    const auto [known, isNew] = m_initials.try_emplace(own, content);
    if (!isNew && known->second != content) Fail("a second payload under one ephemeral key");
}

void WireLedger::Charge(const SocketAddress& to, std::size_t bytes, bool isData) {
    Account& account = m_accounts[to];
    // A challenge may be repeated, as long as it is no more bytes.
    const std::uint64_t packets = isData ? 0 : 1;
    if (account.bytes < bytes || account.packets < packets) {
        return Fail(fmt::format("to {} {} bytes, with {} bytes and {} packets from there left",
                                ToString(to), bytes, account.bytes, account.packets));
    }
    account.bytes -= bytes;
    account.packets -= packets;
}

}  // namespace crsp::sim
