// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "model/base/time.h"
#include "model/connection/key-log.h"
#include "model/connection/known-peer.h"
#include "model/crypto/aead-limits.h"
#include "model/crypto/aead.h"
#include "model/crypto/secret-bytes.h"
#include "model/recovery/congestion-algorithm.h"

namespace crsp {

class Tracer;

using Seed = SecretBytes;
using PreSharedKey = SecretBytes;

/// The datagram size every path must carry (RFC 9000 §14); Initial packets are padded to it.
inline constexpr std::size_t kMinDatagramSize = 1200;
/// The largest datagram an endpoint may be configured to send: a jumbo frame, IPv6, UDP.
inline constexpr std::size_t kMaxDatagramSize = 8952;

/// Limits and timers of one endpoint. Sizes in bytes. Windows and buffers follow the path up to
/// their maximum; the defaults fill one of 25 MB bandwidth-delay product that loses little, or of 4
/// MB that loses 10 %: the more often a packet is repeated, the more waits behind it. A maximum
/// that is not above its start keeps it fixed.
struct TransportConfig {
    /// The largest datagram to send. A connection begins with kMinDatagramSize and probes how much
    /// of this its path carries (CRSP §3.9).
    std::size_t maxDatagramSize = kMinDatagramSize;
    /// Credit each peer stream gets ahead of what the application has read (CRSP §5.3), at first
    /// and at most. The latter is also the most that a paused receiver lets a sender put on the
    /// wire.
    std::uint64_t streamReceiveWindow = 256 * 1024;
    std::uint64_t maxStreamReceiveWindow = 32 * 1024 * 1024;
    /// Credit over all data streams of a connection, which keeps at 1.5 times the largest stream's.
    std::uint64_t connectionReceiveWindow = 512 * 1024;
    std::uint64_t maxConnectionReceiveWindow = 48 * 1024 * 1024;
    /// Bytes the engine buffers for one stream until they are acknowledged. Follows four congestion
    /// windows.
    std::size_t streamSendBuffer = 512 * 1024;
    std::size_t maxStreamSendBuffer = 64 * 1024 * 1024;
    /// Streams of each direction that the peer may have open at once.
    std::uint64_t maxPeerStreams = 16;
    /// Longest DATAGRAM frame that the peer may send; 0 refuses unreliable datagrams (CRSP §5.6).
    std::uint64_t maxDatagramFrameSize = 0;
    /// Longest repair symbol that the peer may send, at most kMaxRepairSymbol; 0 refuses forward
    /// error correction of what the peer sends (CRSP §5.9).
    std::uint64_t maxRepairSymbol = 0;
    Duration idleTimeout = seconds(15);
    /// A PING goes out after this much silence; zero sends none.
    Duration keepAlive = seconds(5);
    /// How long a handshake may take at either end. Patience costs an initiator a packet a second;
    /// at 30 % loss in bursts one handshake in two hundred takes more than 20 s.
    Duration handshakeTimeout = seconds(60);
    Duration maxAckDelay = milliseconds(25);
    /// Packets sent under one key before it is changed (CRSP §4.9), in at most 2,048 bytes each.
    std::uint64_t keyUpdatePackets = std::uint64_t{1} << 22;
    /// At which a connection ends with AEAD_LIMIT_REACHED (CRSP §4.5): those of its suite, unless a
    /// test cannot wait for these.
    std::optional<AeadLimits> aeadLimits;
    /// Who decides how much this end may have in flight; the peer decides for itself (CRSP §6.5).
    CongestionAlgorithm congestion = CongestionAlgorithm::kBbrLda;
    /// What kFixedRate sends, bit/s: above 0 with it, and 0 with any other.
    std::uint64_t fixedRate = 0;
    /// Whether packets are marked ECT(0) where the path and the controller take it, so that queues
    /// mark them instead of dropping (CRSP §6.7). Marks of the peer are counted in any case.
    bool ecn = true;

    /// A stream window that never grows, down to one byte: for a renderer without a buffer.
    void FixStreamWindow(std::uint64_t bytes) {
        streamReceiveWindow = maxStreamReceiveWindow = bytes;
    }
};

/// Everything that makes one endpoint differ from another.
struct EndpointConfig {
    /// Source of all randomness: keys, connection ids, challenges. Fresh from the system in a real
    /// node, derived from the scenario's seed in a simulation. Two real nodes must never share one.
    Seed seed{};
    /// More of it from the system, asked for before each handshake: the copies of a machine that is
    /// copied while it runs would else make the same keys. Absent in a simulation.
    std::function<Seed()> entropy;
    /// Our static key pair: makes this endpoint one of HandshakeMode::kKeyed, which connects to
    /// peers whose key it is given and accepts those in `peers` (Noise IKpsk2).
    std::optional<X25519KeyPair> identity;
    /// The keys that may connect to us, while `identity` is present; see Endpoint::SetPeers.
    std::vector<PeerKey> peers;
    /// Whether unknown keys may pair with us, and we with them (Noise XXpsk3), while `identity` is
    /// present. Whoever pairs has proved nothing yet: people compare ConnectedEvent::pairingCode.
    bool pairing = false;
    /// Shared secret. Without `identity` it is all that the peers prove (Noise NNpsk0); with it, a
    /// second factor that both ends must have. Neither this nor `identity` means explicit no-auth
    /// (Noise NN). Both ends must agree on the mode, or the handshake fails.
    std::optional<PreSharedKey> psk;
    /// Makes the tokens of Resets outlive a restart (CRSP §3.11); random if absent. Not the secret
    /// key of `identity`, which nothing but Noise may use (Noise rev 34 §14).
    std::optional<PreSharedKey> secret;
    /// Unix time at TimePoint zero. It makes the timestamps of keyed handshakes grow over restarts
    /// (CRSP §4.6), so that one that was captured earlier is not taken for a new one.
    Duration unixTimeAtZero{};
    /// Offered when connecting; any usable suite is accepted from others. A simulation that must
    /// give the same bytes on every machine names one.
    CipherSuite suite = DefaultSuite();
    TransportConfig transport;
    /// Most connections held at once; further Initial packets are dropped and counted.
    std::size_t maxConnections = 1024;
    /// Once the credit given in all connections together has come to so many bytes, windows grow no
    /// more; a new connection still begins with its connectionReceiveWindow.
    std::uint64_t maxReceiveMemory = 256 * 1024 * 1024;
    /// Once the buffers of all streams together hold so many bytes beyond the streamSendBuffer of
    /// each, they grow no more.
    std::uint64_t maxSendMemory = 256 * 1024 * 1024;
    /// Whether Initial packets of others are answered at all.
    bool acceptConnections = true;
    /// Observer of everything that happens; may be null. Must outlive the endpoint.
    Tracer* tracer = nullptr;
    /// Told the secrets of every connection, which no node needs; null unless somebody wants to
    /// read a capture.
    KeyLog keyLog;
};

}  // namespace crsp
