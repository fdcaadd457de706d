// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/stream/flow-control.h"
#include "model/stream/message-log.h"
#include "model/stream/send-buffer.h"
#include "model/wire/error-codes.h"
#include "model/wire/packet-builder.h"
#include "model/wire/sent-frame.h"
#include "model/wire/types.h"

namespace crsp {

/// RFC 9000 §3.1, figure 2.
enum class SendState : std::uint8_t {
    kReady,
    kSend,
    kDataSent,
    kResetSent,
    kDataRecvd,
    kResetRecvd
};

/// Our sending half of one stream: its bytes, its credit, and how it ends (RFC 9000 §3.1).
class SendStream {
  public:
    /// In bytes; see SendBuffer for both limits.
    SendStream(StreamId id, std::size_t bufferLimit, std::uint64_t credit,
               std::size_t maxBufferLimit = 0)
        : m_id(id), m_buffer(bufferLimit, maxBufferLimit), m_credit(credit) {}

    void SetBufferLimit(std::size_t limit) { m_buffer.SetLimit(limit); }

    /// As StreamSet::Write; kNotSendable once finished or reset.
    Expected<std::size_t, UsageError> Write(ConstByteSpan data, bool finish);
    /// Makes this a deadline stream (CRSP §5.8), before anything is written.
    void UseDeadlines() { m_messages = std::make_unique<MessageLog>(); }
    /// As StreamSet::WriteMessage.
    Expected<void, UsageError> WriteMessage(ConstByteSpan message, TimePoint deadline);
    std::optional<TimePoint> NextDeadline() const;
    /// Gives up messages whose deadline has come; returns how many bytes. Moves on over those never
    /// sent as far as the stream's credit allows and `connectionCredit`, which it reduces.
    std::uint64_t DropLate(TimePoint now, SendCredit& connectionCredit);

    /// Drops everything and has RESET_STREAM sent, unless the peer has it all already. Returns
    /// whether anything changed.
    bool Reset(std::uint64_t applicationCode);
    void OnMaxStreamData(std::uint64_t maximum);

    bool HasRepeat() const { return Sending() && m_buffer.HasRepeat(); }
    /// Whether new bytes could go out as far as the stream's own credit is concerned.
    bool HasNew() const { return Sending() && m_buffer.HasNew() && m_credit.Available() > 0; }
    std::optional<SendChunk> NextRepeat() const { return m_buffer.NextRepeat(); }
    /// New bytes within the stream's credit and `connectionCredit`.
    std::optional<SendChunk> NextNew(std::uint64_t connectionCredit) const;
    /// Writes as much of `chunk` as fits and returns how many bytes that were; nothing if not even
    /// one byte did.
    std::optional<std::size_t> WriteChunk(const SendChunk& chunk, PacketBuilder& out);

    /// Whether RESET_STREAM, STREAM_DATA_BLOCKED or DATA_SKIPPED is waiting.
    bool HasControl() const { return m_resetDue || BlockedDue() || HasSkip(); }
    /// False if something did not fit.
    bool WriteControl(PacketBuilder& out);

    void OnFrameAcked(const SentStream& sent);
    void OnFrameAcked(const SentResetStream&);
    void OnFrameAcked(const SentDataSkipped& sent);
    void OnFrameLost(const SentStream& sent);
    void OnFrameLost(const SentResetStream&);
    void OnFrameLost(const SentDataSkipped& sent);
    void OnFrameLost(const SentStreamDataBlocked& sent) { m_credit.OnBlockedLost(sent.limit); }

    /// True once after a Write was cut short, when there is room again.
    bool TakeWritable() { return Sending() && m_buffer.TakeWritable(); }
    /// Neither finished nor reset.
    bool Writable() const { return Sending() && !m_buffer.Finished(); }
    /// The peer has everything, or knows of the reset: nothing will follow.
    bool Terminal() const {
        return m_state == SendState::kDataRecvd || m_state == SendState::kResetRecvd;
    }
    SendState State() const { return m_state; }
    std::size_t Capacity() const { return m_buffer.Capacity(); }
    void Rest() { m_buffer.Rest(); }

  private:
    bool Sending() const { return m_state <= SendState::kDataSent; }
    bool BlockedDue() const { return Sending() && m_credit.BlockedDue(); }
    void NoteBlocked();
    bool HasSkip() const {
        return m_messages && Sending() && m_messages->HasSkip(m_buffer.SentOffset());
    }
    void ConcludeIfAcked();

    StreamId m_id;
    SendState m_state = SendState::kReady;
    SendBuffer m_buffer;
    SendCredit m_credit;
    std::uint64_t m_resetCode = 0;
    bool m_resetDue = false;
    std::unique_ptr<MessageLog> m_messages;  ///< of a deadline stream only
};

}  // namespace crsp
