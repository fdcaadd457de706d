// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/receive-stream.h"
#include "model/base/planted.h"

namespace crsp {
namespace {

Unexpected<TransportError> CreditExceeded() {
    return Fail(TransportError{TransportErrorCode::kFlowControlError, "stream credit exceeded"});
}

/// Ranges to be told in DATA_RECOVERED, at most: an untold one is merely repeated.
constexpr std::size_t kMaxRecoveredDue = 64;

}  // namespace

bool ReceiveStream::Refuses(const StreamFrame& frame) const {
    return m_buffer.Refuses({frame.offset, frame.offset + frame.data.size()});
}

Expected<std::size_t, TransportError> ReceiveStream::OnFrame(const StreamFrame& frame,
                                                             const PathView& path) {
    m_credit.Start(path.now);
    const std::uint64_t end = frame.offset + frame.data.size();
    if (const auto size = CheckSize(end, frame.fin); !size) return Fail(size.error());
    if (!m_credit.ReceiveTo(end)) return CreditExceeded();
    if (m_state > ReceiveState::kSizeKnown) return 0;
    if (frame.fin) {
        m_finalSize = end;
        m_state = ReceiveState::kSizeKnown;
    }
    if (m_stopped) {
        Discard();
        if (m_finalSize) m_state = ReceiveState::kDataRead;
        return 0;
    }
    const std::size_t stored = Store(frame.offset, frame.data);
    NoteArrived(path);
    return stored;
}

std::size_t ReceiveStream::Store(std::uint64_t offset, ConstByteSpan data) {
    const std::size_t stored = m_buffer.Insert(offset, data);
    if (!m_repair) return stored;
    m_repair->OnData(offset, data);
    return stored + StoreRecovered();
}

std::size_t ReceiveStream::StoreRecovered() {
    std::size_t stored = 0;
    while (const auto made = m_repair->Recover()) {
        const Range range{made->offset, made->offset + made->data.size()};
        if (m_buffer.Refuses(range)) continue;
        stored += m_buffer.Insert(made->offset, made->data);
        m_recoveredDue.Add(range);
        if (m_recoveredDue.Count() > kMaxRecoveredDue) m_recoveredDue.PopFront();
    }
    m_recovered += stored;
    return stored;
}

void ReceiveStream::NoteArrived(const PathView& path) {
    if (Drained()) m_credit.OnHeldUp(path);
    if (!m_finalSize || !m_buffer.CompleteTo(*m_finalSize)) return;
    m_state = ReceiveState::kDataRecvd;
    m_repair.reset();
}

Expected<std::size_t, TransportError> ReceiveStream::OnFrame(const RepairFrame& frame,
                                                             const PathView& path) {
    if (const auto size = CheckSize(frame.End(), false); !size) return Fail(size.error());
    if (!m_credit.ReceiveTo(frame.End())) return CreditExceeded();
    if (m_state > ReceiveState::kSizeKnown) return 0;
    if (m_stopped) {
        Discard();
        return 0;
    }
    if (!m_repair) m_repair = std::make_unique<RepairDecoder>(m_buffer.ArrivedEnd());
    m_repair->OnRepair(frame);
    const std::size_t stored = StoreRecovered();
    NoteArrived(path);
    return stored;
}

Expected<void, TransportError> ReceiveStream::OnFrame(const DataSkippedFrame& frame) {
    if (const auto size = CheckSize(frame.end, false); !size) return Fail(size.error());
    if (!m_credit.ReceiveTo(frame.end)) return CreditExceeded();
    if (m_state > ReceiveState::kSizeKnown) return {};
    if (m_stopped) {
        Discard();
        return {};
    }
    m_buffer.Skip({frame.begin, frame.end});
    if (m_finalSize && m_buffer.CompleteTo(*m_finalSize)) m_state = ReceiveState::kDataRecvd;
    return {};
}

Expected<bool, TransportError> ReceiveStream::OnFrame(const ResetStreamFrame& frame) {
    if (const auto size = CheckSize(frame.finalSize, true); !size) return Fail(size.error());
    if (!m_credit.ReceiveTo(frame.finalSize)) return CreditExceeded();
    m_finalSize = frame.finalSize;
    if (m_state > ReceiveState::kSizeKnown) return false;
    Discard();
    m_state = ReceiveState::kResetRead;
    return !m_stopped;
}

void ReceiveStream::OnFrame(const StreamDataBlockedFrame& frame) {
    // A reader that lags needs no larger window: one that pauses must not get one.
    if (Drained()) m_credit.OnStarved(frame.limit);
}

std::optional<std::uint64_t> ReceiveStream::WantedWindow(const PathView& path) {
    if (!GrantDue() || !m_credit.TakeHungry(path)) return std::nullopt;
    return std::min(2 * m_credit.Window(), m_credit.Maximum());
}

Expected<StreamRead, UsageError> ReceiveStream::Read(ByteSpan out) {
    if (m_stopped || m_state == ReceiveState::kResetRead) return Fail(UsageError::kNotReadable);
    if (m_unordered) return Fail(UsageError::kBadMode);
    StreamRead read;
    read.skipped = m_buffer.PassSkipped();
    read.offset = m_buffer.ReadOffset();
    read.bytes = m_buffer.Read(out);
    m_credit.Consume(read.skipped.Length() + read.bytes);
    if (read.bytes < out.size()) m_drained = true;
    read.finished = EndOfRead();
    return read;
}

Expected<StreamRead, UsageError> ReceiveStream::ReadUnordered(ByteSpan out) {
    if (m_stopped || m_state == ReceiveState::kResetRead) return Fail(UsageError::kNotReadable);
    m_unordered = true;
    const std::uint64_t before = m_buffer.ReadOffset();
    StreamRead read;
    read.skipped = m_buffer.TakeSkipped();
    if (read.skipped.Empty()) {
        const Range taken = m_buffer.Take(out);
        read.offset = taken.begin;
        read.bytes = static_cast<std::size_t>(taken.Length());
    }
    m_credit.Consume(m_buffer.ReadOffset() - before);
    m_drained = Drained();
    read.finished = EndOfRead();
    return read;
}

bool ReceiveStream::EndOfRead() {
    const bool early = CRSP_PLANTED(kFinalSizeIgnored) && Drained();
    if (!m_finalSize || (m_buffer.ReadOffset() != *m_finalSize && !early)) return false;
    m_state = ReceiveState::kDataRead;
    m_buffer.Release();
    return true;
}

void ReceiveStream::StopSending(std::uint64_t applicationCode) {
    if (!Readable()) return;
    m_stopped = true;
    m_stopCode = applicationCode;
    Discard();
    if (m_finalSize) m_state = ReceiveState::kDataRead;
}

bool ReceiveStream::TakeReadable() {
    if (!m_drained || !Readable()) return false;
    const bool atEnd = m_state == ReceiveState::kDataRecvd;
    if (Drained() && !atEnd) return false;
    m_drained = false;
    return true;
}

bool ReceiveStream::WriteControl(PacketBuilder& out) {
    if (StopDue()) {
        if (!out.Write(StopSendingFrame{m_id, m_stopCode})) return false;
        m_stopSent = true;
    }
    if (GrantDue()) {
        if (!out.Write(MaxStreamDataFrame{m_id, m_credit.NextLimit()})) return false;
        m_credit.OnGrantSent();
    }
    while (!m_recoveredDue.Empty()) {
        const Range range = m_recoveredDue.Front();
        if (!out.Write(DataRecoveredFrame{m_id, range.begin, range.end})) return false;
        m_recoveredDue.PopFront();
    }
    return true;
}

Expected<void, TransportError> ReceiveStream::CheckSize(std::uint64_t end, bool isFinal) const {
    const bool beyond = m_finalSize && end > *m_finalSize;
    const bool changed = isFinal && m_finalSize && end != *m_finalSize;
    const bool below = isFinal && end < m_credit.Received();
    if (!beyond && !changed && !below) return {};
    return Fail(TransportError{TransportErrorCode::kFinalSizeError, "final size contradicted"});
}

void ReceiveStream::Discard() {
    m_credit.Consume(m_credit.Received() - m_credit.Consumed());
    m_buffer.Release();
    m_repair.reset();
    m_recoveredDue.Clear();
}

}  // namespace crsp
