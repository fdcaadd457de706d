// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/stream/flow-control.h"
#include "model/stream/receive-buffer.h"
#include "model/stream/repair-decoder.h"
#include "model/wire/error-codes.h"
#include "model/wire/frames.h"
#include "model/wire/packet-builder.h"
#include "model/wire/sent-frame.h"
#include "model/wire/types.h"

namespace crsp {

/// RFC 9000 §3.2, figure 3. Reset Recvd is left at once, since the reset is told right away.
enum class ReceiveState : std::uint8_t { kRecv, kSizeKnown, kDataRecvd, kDataRead, kResetRead };

/// What a Read delivered.
struct StreamRead {
    std::size_t bytes = 0;
    Range skipped{};           ///< in front of them, given up by the sender
    bool finished = false;     ///< the end of the stream has been reached
    std::uint64_t offset = 0;  ///< of the first of these bytes
};

/// Our receiving half of one stream: its bytes, the credit we grant, and how it ends
/// (RFC 9000 §3.2).
class ReceiveStream {
  public:
    /// `window`: credit ahead of what has been read, bytes. It may grow up to `maxWindow`, which is
    /// also the most memory it takes.
    ReceiveStream(StreamId id, std::uint64_t window, std::uint64_t maxWindow = 0)
        : m_id(id),
          m_buffer(static_cast<std::size_t>(std::max(window, maxWindow))),
          m_credit(ReceiveCredit::Growing(window, maxWindow)) {}

    /// Whether the frame would make too many gaps and has to be dropped.
    bool Refuses(const StreamFrame& frame) const;
    /// Takes bytes and FIN; returns how many of them were new. The caller has asked Refuses().
    Expected<std::size_t, TransportError> OnFrame(const StreamFrame& frame, const PathView& path);
    bool Refuses(const DataSkippedFrame& frame) const {
        return m_buffer.RefusesSkip({frame.begin, frame.end});
    }
    /// The caller has asked Refuses().
    Expected<void, TransportError> OnFrame(const DataSkippedFrame& frame);
    /// Takes a repair symbol; returns how many bytes it made. The caller has checked its length.
    Expected<std::size_t, TransportError> OnFrame(const RepairFrame& frame, const PathView& path);
    /// Bytes made from repair symbols since the last call.
    std::uint64_t TakeRecovered() { return std::exchange(m_recovered, 0); }
    /// Returns whether the application is to be told; a reset that comes after all bytes is not.
    Expected<bool, TransportError> OnFrame(const ResetStreamFrame& frame);

    /// The peer says that our limit keeps it from sending.
    void OnFrame(const StreamDataBlockedFrame& frame);
    /// The window that this stream should have from now on; nothing if the one it has will do.
    std::optional<std::uint64_t> WantedWindow(const PathView& path);
    void GrowWindow(std::uint64_t window) { m_credit.GrowTo(window); }
    std::uint64_t Window() const { return m_credit.Window(); }

    /// kNotReadable once stopped or reset; kBadMode after ReadUnordered.
    Expected<StreamRead, UsageError> Read(ByteSpan out);
    /// As Endpoint::ReadUnordered.
    Expected<StreamRead, UsageError> ReadUnordered(ByteSpan out);
    /// Drops everything, also what is still to come, and has STOP_SENDING sent if more may come.
    void StopSending(std::uint64_t applicationCode);

    /// True once when bytes or the end can be read and the reader had drained what was there.
    bool TakeReadable();
    /// Whether STOP_SENDING, MAX_STREAM_DATA or DATA_RECOVERED is waiting.
    bool HasControl() const { return StopDue() || GrantDue() || !m_recoveredDue.Empty(); }
    /// False if something did not fit.
    bool WriteControl(PacketBuilder& out);

    void OnFrameLost(const SentStopSending&) { m_stopSent = false; }
    void OnFrameLost(const SentMaxStreamData& sent) { m_credit.OnGrantLost(sent.maximum); }

    /// Highest offset the peer has used, the measure of connection credit (RFC 9000 §4.1).
    std::uint64_t Received() const { return m_credit.Received(); }
    /// What of it was read or dropped, so that the peer gets it back as connection credit.
    std::uint64_t Consumed() const { return m_credit.Consumed(); }
    /// All that could be read has been.
    bool Drained() const { return m_unordered ? !m_buffer.HasUntaken() : m_buffer.Readable() == 0; }
    /// Neither stopped, nor reset, nor read to its end.
    bool Readable() const { return !m_stopped && !Terminal(); }
    /// Some bytes have come, and more may come at any time.
    bool ExpectsData() const {
        return m_state == ReceiveState::kRecv && !m_stopped && m_credit.Received() > 0 &&
               m_credit.Available() > 0;
    }
    /// The end has been read, or will never be.
    bool Terminal() const { return m_state >= ReceiveState::kDataRead; }
    ReceiveState State() const { return m_state; }
    std::size_t Capacity() const { return m_buffer.Capacity(); }
    void Rest() { m_buffer.Rest(); }

  private:
    bool StopDue() const { return m_state == ReceiveState::kRecv && m_stopped && !m_stopSent; }
    bool GrantDue() const {
        return m_state == ReceiveState::kRecv && !m_stopped && m_credit.GrantDue();
    }
    std::size_t Store(std::uint64_t offset, ConstByteSpan data);
    std::size_t StoreRecovered();
    void NoteArrived(const PathView& path);
    bool EndOfRead();
    Expected<void, TransportError> CheckSize(std::uint64_t end, bool isFinal) const;
    void Discard();

    StreamId m_id;
    ReceiveState m_state = ReceiveState::kRecv;
    ReceiveBuffer m_buffer;
    ReceiveCredit m_credit;
    std::optional<std::uint64_t> m_finalSize;
    std::uint64_t m_stopCode = 0;
    bool m_stopped = false;
    bool m_stopSent = false;
    bool m_unordered = false;
    std::unique_ptr<RepairDecoder> m_repair;  ///< from the first repair symbol on
    RangeSet m_recoveredDue;                  ///< made by it, and to be told
    std::uint64_t m_recovered = 0;
    bool m_drained = true;  ///< the reader has seen the end of what was there
};

}  // namespace crsp
