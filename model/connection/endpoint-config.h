// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "model/base/time.h"
#include "model/crypto/aead.h"
#include "model/recovery/congestion-algorithm.h"

namespace crsp {

class Tracer;

using Seed = std::array<std::byte, 32>;
using PreSharedKey = std::array<std::byte, 32>;

/// The datagram size every path must carry (RFC 9000 §14); Initial packets are padded to it.
inline constexpr std::size_t kMinDatagramSize = 1200;
/// The largest datagram an endpoint may be configured to send: a jumbo frame, IPv6, UDP.
inline constexpr std::size_t kMaxDatagramSize = 8952;

/// Limits and timers of one endpoint. Sizes in bytes. The defaults suit paths up to a
/// bandwidth-delay product of one mebibyte.
struct TransportConfig {
    /// The largest datagram to send. A connection begins with kMinDatagramSize and probes how much
    /// of this its path carries (CRSP §3.9).
    std::size_t maxDatagramSize = kMinDatagramSize;
    /// Credit each peer stream gets ahead of what the application has read (CRSP §5.3). This is
    /// also the most that a paused receiver lets a sender put on the wire.
    std::uint64_t streamReceiveWindow = 256 * 1024;
    /// Credit over all data streams of a connection.
    std::uint64_t connectionReceiveWindow = 512 * 1024;
    /// Bytes the engine buffers for one stream until they are acknowledged.
    std::size_t streamSendBuffer = 512 * 1024;
    /// Streams of each direction that the peer may have open at once.
    std::uint64_t maxPeerStreams = 16;
    Duration idleTimeout = seconds(15);
    /// A PING goes out after this much silence; zero sends none.
    Duration keepAlive = seconds(5);
    Duration handshakeTimeout = seconds(20);
    Duration maxAckDelay = milliseconds(25);
    /// Who decides how much this end may have in flight; the peer decides for itself (CRSP §6.5).
    CongestionAlgorithm congestion = CongestionAlgorithm::kNewReno;
    /// What kFixedRate sends, bit/s: above 0 with it, and 0 with any other.
    std::uint64_t fixedRate = 0;
};

/// Everything that makes one endpoint differ from another.
struct EndpointConfig {
    /// Source of all randomness: keys, connection ids, challenges. Fresh from the system in a real
    /// node, derived from the scenario's seed in a simulation. Two real nodes must never share one.
    Seed seed{};
    /// Shared secret of Noise NNpsk0. Absent means explicit no-auth (Noise NN); both ends must
    /// agree, or the handshake fails.
    std::optional<PreSharedKey> psk;
    /// Offered when connecting; any usable suite is accepted from others. A simulation that must
    /// give the same bytes on every machine names one.
    CipherSuite suite = DefaultSuite();
    TransportConfig transport;
    /// Most connections held at once; further Initial packets are dropped and counted.
    std::size_t maxConnections = 1024;
    /// Whether Initial packets of others are answered at all.
    bool acceptConnections = true;
    /// Observer of everything that happens; may be null. Must outlive the endpoint.
    Tracer* tracer = nullptr;
};

}  // namespace crsp
