// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "model/connection/endpoint.h"
#include "model/wire/packet-header.h"
#include "tests/fuzz/checked-trace.h"
#include "tests/fuzz/fuzzed-data.h"

namespace crsp::fuzz {

/// One endpoint, the datagrams it has sent that nobody has delivered yet, and what came of it.
struct WireEnd {
    WireEnd(EndpointConfig config, SocketAddress from);

    /// What went to and came from one address.
    struct Account {
        std::uint64_t bytesIn = 0, bytesOut = 0;
        std::uint64_t packetsIn = 0, packetsOut = 0;
        bool validated = false;
    };

    CheckedTrace trace;
    Endpoint endpoint;
    SocketAddress address;
    std::deque<Bytes> waiting;
    std::vector<Bytes> sent;
    std::map<SocketAddress, Account> accounts;
    std::map<ConnectionHandle, bool> closed;  ///< of each connection that was heard of
    std::optional<ConnectedEvent> connected;  ///< the first one
    std::vector<std::pair<ConnectionHandle, StreamId>> readable;
    std::size_t genuineReceived = 0;  ///< datagrams that said what the other end had said
};

/// Two endpoints whose datagrams are all in the fuzzer's hands: lost, changed, repeated, sent from
/// elsewhere. What must hold whatever happens is checked on the way: no address gets more than came
/// from it before it is validated (A1), and a connection is heard of in order and ends once.
class HostileWire {
  public:
    HostileWire(EndpointConfig initiating, EndpointConfig responding);

    /// Passes everything on, unchanged, for `duration`.
    void RunHonestly(Duration duration);
    /// One thing that an attacker or the path does, chosen by `data`.
    void Attack(FuzzedData& data);
    /// From now on each datagram that is passed on comes after an empty packet of a type that
    /// `data` chooses, to the same connection.
    void Shadow(FuzzedData& data);
    /// Lets nobody hear of anybody until no connection is left, and then sends packets of every
    /// type to those that there were.
    void Outlive();
    /// Lets time pass, with its timers and without any datagram delivered.
    void Advance(Duration duration);
    /// Sends, and takes note of all events.
    void Settle();
    void Deliver(WireEnd& to, Bytes datagram, const SocketAddress& source);

    WireEnd initiator;
    WireEnd responder;
    TimePoint now = TimePoint{} + seconds(1);

  private:
    WireEnd& Pick(FuzzedData& data) { return data.Flag() ? responder : initiator; }
    WireEnd& PeerOf(WireEnd& end) { return &end == &initiator ? responder : initiator; }
    SocketAddress PickSource(FuzzedData& data, WireEnd& to);
    void DeliverOldest(WireEnd& to);
    void TimersAt(WireEnd& end);
    void Settle(WireEnd& end);
    void Note(WireEnd& end, const Event& event);
    static void CheckAccounts(const WireEnd& end);
    std::optional<TimePoint> NextTimeout() const;

    std::optional<PacketType> m_shadow;
    Bytes m_buffer = Bytes(2 * kMaxDatagramSize);
};

/// Changes a datagram at places and to lengths that `data` chooses.
void Mutate(FuzzedData& data, Bytes& datagram);

}  // namespace crsp::fuzz
