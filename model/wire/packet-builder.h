// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "model/base/bytes.h"
#include "model/wire/frame-codec.h"
#include "model/wire/frames.h"
#include "model/wire/sent-frame.h"

namespace crsp {

/// Fills the payload of one packet with frames, and remembers what it wrote.
///
/// Writes straight into the outgoing datagram. Every Write returns false, and changes nothing, when
/// the frame does not fit; the writer then waits for the next packet.
class PacketBuilder {
  public:
    /// `payload` is the space for frames: the datagram without header and tag.
    explicit PacketBuilder(ByteSpan payload) : m_out(payload) {}

    std::size_t Remaining() const { return m_out.Remaining(); }
    bool Empty() const { return m_out.Position() == 0; }
    std::size_t Length() const { return m_out.Position(); }
    bool AckEliciting() const { return m_ackEliciting; }
    const SentFrameList& Frames() const { return m_frames; }
    ConstByteSpan Payload() const { return m_out.Written(); }

    bool WritePing();
    /// `ranges` ascending and not empty.
    bool WriteAck(std::span<const Range> ranges, Duration ackDelay);
    bool Write(const ResetStreamFrame& frame);
    bool Write(const StopSendingFrame& frame);
    bool Write(const MaxDataFrame& frame);
    bool Write(const MaxStreamDataFrame& frame);
    bool Write(const MaxStreamsFrame& frame);
    bool Write(const DataBlockedFrame& frame);
    bool Write(const StreamDataBlockedFrame& frame);
    bool Write(const PathChallengeFrame& frame);
    bool Write(const PathResponseFrame& frame);
    bool Write(const DataSkippedFrame& frame);
    bool Write(const ImmediateAckFrame& frame);
    bool Write(const DataRecoveredFrame& frame);
    bool Write(const ConnectionCloseFrame& frame);
    /// Starts a STREAM frame for up to `wanted` bytes at `offset` and returns where to put them:
    /// as many as fit, possibly fewer than `wanted`. FIN is set only if `fin` and all fit. Nothing
    /// if not even one byte (or an empty FIN frame, when `wanted` is 0) fits.
    std::optional<ByteSpan> ReserveStream(StreamId stream, std::uint64_t offset, std::size_t wanted,
                                          bool fin);
    /// Writes the front of a DATAGRAM frame and returns where to put its `length` bytes; nothing if
    /// they do not all fit.
    std::optional<ByteSpan> ReserveDatagram(std::size_t length);
    /// Writes the front of a REPAIR frame and returns where to put its symbol; nothing if it does
    /// not all fit. `frame.data` is not looked at.
    std::optional<ByteSpan> ReserveRepair(const RepairFrame& frame);
    /// Fills up with PADDING until the payload is `length` long.
    void PadTo(std::size_t length);

  private:
    template <class WireFrame>
    bool WriteControl(const WireFrame& frame, const SentFrame& record);
    bool HasRoom(std::size_t length) const {
        return !m_frames.Full() && m_out.Remaining() >= length;
    }

    ByteWriter m_out;
    SentFrameList m_frames;
    bool m_ackEliciting = false;
};

}  // namespace crsp
