// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/base/ring-queue.h"
#include "model/stream/byte-ring.h"
#include "model/wire/error-codes.h"
#include "model/wire/frames.h"
#include "model/wire/packet-builder.h"
#include "model/wire/sent-frame.h"
#include "model/wire/transport-parameters.h"

namespace crsp {

/// Unreliable datagrams waiting in one direction of a connection, at most; and their bytes.
inline constexpr std::size_t kMaxQueuedDatagrams = 256;
inline constexpr std::size_t kMaxQueuedDatagramBytes = 256 * 1024;

/// First in, first out, bounded; its memory is taken with first use and kept.
class DatagramQueue {
  public:
    bool Empty() const { return m_lengths.Empty(); }
    std::size_t FrontLength() { return m_lengths.Front(); }
    /// False, and nothing has changed, if it would pass a limit.
    bool Push(ConstByteSpan datagram);
    /// Copies the first `out.size()` bytes of the front one, which has at least so many, and drops
    /// it.
    void Pop(ByteSpan out);

  private:
    ByteRing m_bytes{kMaxQueuedDatagramBytes};
    RingQueue<std::size_t> m_lengths;
    std::uint64_t m_begin = 0;
    std::uint64_t m_end = 0;
};

/// Unreliable datagrams of one connection.
struct DatagramStats {
    std::uint64_t sent = 0;
    std::uint64_t acked = 0;
    std::uint64_t tooLong = 0;  ///< not sent: the path had come to carry less
    std::uint64_t received = 0;
    std::uint64_t dropped = 0;  ///< received when the queue was full
};

/// Datagrams that are sent once, acknowledged, and never repeated (RFC 9221, CRSP §5.6).
class Datagrams {
  public:
    /// `maxFrame`: the longest DATAGRAM frame that the peer may send, bytes; 0 refuses them.
    explicit Datagrams(std::uint64_t maxFrame) : m_maxFrame(maxFrame) {}

    void OnPeerParameters(const TransportParameters& peer) {
        m_peerMaxFrame = peer.maxDatagramFrameSize;
    }

    /// The longest datagram that the peer takes and an otherwise empty payload of `room` bytes
    /// holds; nothing if the peer takes none.
    std::optional<std::size_t> Limit(std::size_t room) const;
    /// Queues a datagram. kRefused if the peer takes none, kTooLong if it is beyond Limit(`room`),
    /// kBlocked while the queue is full.
    Expected<void, UsageError> Send(ConstByteSpan datagram, std::size_t room);
    /// Takes the oldest datagram received, nothing if there is none. Returns its length; what `out`
    /// does not hold of it is gone.
    std::optional<std::size_t> Read(ByteSpan out);

    /// PROTOCOL_VIOLATION if the frame is longer than we allowed. Dropped, and counted, if the
    /// queue is full.
    Expected<void, TransportError> OnFrame(const DatagramFrame& frame);
    /// True once when there is something to read and the reader had drained what was there.
    bool TakeReceived();

    bool WantsToSend() const { return !m_outgoing.Empty(); }
    /// The oldest did not fit behind other frames: it is to go first in the next packet.
    bool PassedOver() const { return m_passedOver; }
    /// Writes as many as fit. One that does not fit into an empty packet is dropped.
    void WriteFrames(PacketBuilder& out);
    void OnFrameAcked(const SentDatagram&) { ++m_stats.acked; }
    void OnFrameLost(const SentDatagram&) {}

    const DatagramStats& Stats() const { return m_stats; }

  private:
    bool WriteFront(PacketBuilder& out);

    std::uint64_t m_maxFrame;
    std::uint64_t m_peerMaxFrame = 0;
    DatagramQueue m_outgoing;
    DatagramQueue m_incoming;
    bool m_passedOver = false;
    bool m_drained = true;  ///< the reader has seen that there was nothing more
    DatagramStats m_stats;
};

}  // namespace crsp
