// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/base/socket-address.h"
#include "model/base/time.h"
#include "model/crypto/aead.h"
#include "model/crypto/secure-random.h"
#include "model/wire/frame-codec.h"
#include "model/wire/frames.h"
#include "model/wire/packet-builder.h"
#include "model/wire/packet-header.h"

namespace crsp {

/// Bytes that may go to an address not yet validated, for each byte that came from it. RFC 9000
/// §8.1 allows three; one makes us useless to an attacker who wants to amplify.
inline constexpr std::uint64_t kUnvalidatedPathFactor = 1;
/// An address that does not answer for this many probe timeouts is given up (RFC 9000 §8.2.4).
inline constexpr int kPathValidationPtos = 3;
/// A packet of one PATH_CHALLENGE or PATH_RESPONSE. No packet that wants an answer is shorter, so
/// that one is enough to pay for the challenge.
inline constexpr std::size_t kPathPacketLength =
    kDataHeaderLength + kPathFrameLength + kAeadTagLength;

/// A new address of the peer has been validated and is in use.
struct PathChange {
    SocketAddress before;
    bool rebinding = false;  ///< another port of the same host: most likely a NAT (RFC 9000 §9.4)
    std::optional<Duration> roundTrip{};  ///< of the challenge, if it was sent once
};

/// Where the peer is, and whether it really is there (CRSP §3.8; RFC 9000 §8.2, §9).
///
/// A peer that shows up at another address is challenged there, while everything else still goes to
/// the old one; only its answer moves the connection. So neither a forged source address nor a
/// packet that was captured and sent again from elsewhere takes the connection away, and an
/// address that did not ask for it never gets more bytes, or packets, than came from there.
class Path {
  public:
    /// `random` makes the challenges and must outlive the path.
    Path(const SocketAddress& remote, SecureRandom& random) : m_remote(remote), m_random(random) {}

    const SocketAddress& Remote() const { return m_remote; }
    /// An address that is being validated, if there is one.
    std::optional<SocketAddress> Candidate() const;

    /// A packet of `bytes` opened and is no duplicate: call this first, then OnFrame for its path
    /// frames, then OnPeerSeen if it is the newest and holds more than probing frames.
    void OnPacket(const SocketAddress& source, std::size_t bytes);
    void OnFrame(const PathChallengeFrame& frame) { m_response = Response{m_source, frame.data}; }
    /// Returns the change, if this was the answer that validates the candidate.
    std::optional<PathChange> OnFrame(TimePoint now, const PathResponseFrame& frame);
    /// The peer is where this packet came from. `probeTimeout`: of the present path.
    void OnPeerSeen(TimePoint now, Duration probeTimeout);

    /// Whether a response is due at the present address.
    bool ResponseDue() const { return m_response && m_response->to == m_remote; }
    /// Writes it.
    void WriteFrames(PacketBuilder& packet);
    /// Whether there may be anything to write elsewhere.
    bool WantsElsewhere() const {
        return m_validation || (m_response && m_response->to != m_remote);
    }
    /// Writes what is due elsewhere, and returns where: a packet of its own, of
    /// kPathPacketLength bytes. Nothing if nothing is due or affordable.
    std::optional<SocketAddress> WriteElsewhere(TimePoint now, PacketBuilder& packet);

    std::optional<TimePoint> NextTimeout() const;
    /// To be called when NextTimeout() is reached: asks again, or gives up a candidate that did not
    /// answer in time.
    void OnTimeout(TimePoint now);

  private:
    struct Response {
        SocketAddress to;
        std::uint64_t data = 0;
    };
    struct Validation {
        SocketAddress address;
        std::uint64_t challenge = 0;  ///< the same each time: whichever is answered counts
        std::uint64_t credit = 0;     ///< bytes that may still go there
        std::uint64_t packets = 1;    ///< and in so many packets at most
        Duration interval{};          ///< between challenges
        bool due = true;              ///< a challenge waits to be sent, and for credit
        TimePoint nextChallenge{};
        TimePoint giveUpAt{};
        TimePoint challengedAt{};
        std::uint32_t challenges = 0;
    };

    void Charge(const SocketAddress& to);

    SocketAddress m_remote;
    SecureRandom& m_random;
    SocketAddress m_source;  ///< of the packet being taken apart
    std::uint64_t m_sourceBytes = 0;
    std::optional<Response> m_response;
    std::optional<Validation> m_validation;
};

}  // namespace crsp
