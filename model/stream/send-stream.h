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
#include "model/stream/path-view.h"
#include "model/stream/repair-encoder.h"
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

/// Ranges that a peer may say it has made from repair symbols, among what it has not acknowledged.
inline constexpr std::size_t kMaxRecoveredIslands = 4096;

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
    /// Adds forward error correction to a deadline stream; see RepairEncoder.
    void UseRepair(RepairOptions options, std::uint64_t maxSymbol) {
        m_repair = std::make_unique<RepairEncoder>(options, maxSymbol);
    }
    bool HasDeadlines() const { return m_messages != nullptr; }
    /// Each new symbol has to be in a packet of its own.
    bool HasSymbols() const { return m_repair != nullptr; }
    /// As StreamSet::WriteMessage.
    Expected<void, UsageError> WriteMessage(ConstByteSpan message, TimePoint deadline);
    std::optional<TimePoint> NextTimeout() const;
    /// Has messages repeated whose ACK is overdue.
    void RepeatOverdue(TimePoint now);
    /// Gives up messages whose deadline has come; returns how many bytes. Moves on over those never
    /// sent as far as the stream's credit allows and `connectionCredit`, which it reduces.
    std::uint64_t DropLate(TimePoint now, SendCredit& connectionCredit);

    /// Drops everything and has RESET_STREAM sent, unless the peer has it all already. Returns
    /// whether anything changed.
    bool Reset(std::uint64_t applicationCode);
    void OnMaxStreamData(std::uint64_t maximum);

    bool HasRepeat() const { return Sending() && (m_buffer.HasRepeat() || RepairDue()); }
    /// Whether what HasRepeat speaks of is nothing but a repair symbol.
    bool OnlyRepairDue() const { return !m_buffer.HasRepeat() && RepairDue(); }
    /// Writes a repair symbol and returns its length; 0 if it does not fit.
    std::size_t WriteRepair(PacketBuilder& out) { return m_repair->Write(m_id, m_buffer, out); }
    bool HasUnsent() const { return Sending() && m_buffer.HasNew(); }
    /// Bytes never sent that the stream's own credit lets go.
    std::uint64_t Credit() const { return m_credit.Available(); }
    /// Bytes in its buffer.
    std::size_t Held() const { return m_buffer.Held(); }
    /// Bytes sent that are neither acknowledged nor given up, and those between them.
    std::uint64_t Outstanding() const { return m_buffer.SentOffset() - m_buffer.Front(); }
    /// Whether new bytes could go out as far as the stream's own credit is concerned.
    bool HasNew() const { return Sending() && m_buffer.HasNew() && m_credit.Available() > 0; }
    std::optional<SendChunk> NextRepeat() const { return m_buffer.NextRepeat(); }
    /// New bytes within the stream's credit and `connectionCredit`.
    std::optional<SendChunk> NextNew(std::uint64_t connectionCredit) const;
    /// Writes as much of `chunk` as fits and returns how many bytes that were; nothing if not even
    /// one byte did.
    std::optional<std::size_t> WriteChunk(const SendChunk& chunk, PacketBuilder& out,
                                          const PathView& path = {});

    /// Whether RESET_STREAM, STREAM_DATA_BLOCKED or DATA_SKIPPED is waiting.
    bool HasControl() const { return m_resetDue || BlockedDue() || HasSkip(); }
    /// False if something did not fit.
    bool WriteControl(PacketBuilder& out);

    void OnFrameAcked(const SentStream& sent);
    /// The peer has made the bytes from repair symbols. PROTOCOL_VIOLATION if they were never sent.
    Expected<void, TransportError> OnRecovered(Range range);
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
    bool RepairDue() const { return m_repair && m_repair->Due(m_buffer.Front()); }
    void OnBytesAcked(Range range, bool fin);
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
    std::unique_ptr<MessageLog> m_messages;   ///< of a deadline stream only
    std::unique_ptr<RepairEncoder> m_repair;  ///< of one that asked for it
};

}  // namespace crsp
