// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/stream/flow-control.h"
#include "model/stream/memory-budget.h"
#include "model/stream/path-view.h"
#include "model/stream/stream-events.h"
#include "model/stream/stream-scheduler.h"
#include "model/stream/stream-table.h"
#include "model/wire/error-codes.h"
#include "model/wire/frames.h"
#include "model/wire/packet-builder.h"
#include "model/wire/sent-frame.h"
#include "model/wire/transport-parameters.h"
#include "model/wire/types.h"

namespace crsp {

/// What became of a frame that broke no rule.
enum class FrameOutcome : std::uint8_t {
    kAccepted,
    kRefused,  ///< dropped at kMaxReceiveGaps: the packet must not be acknowledged
};

using FrameResult = Expected<FrameOutcome, TransportError>;

/// Bytes of stream payload since the connection began, and frames refused.
struct StreamStats {
    std::uint64_t bytesSent = 0;  ///< first transmissions
    std::uint64_t bytesRetransmitted = 0;
    std::uint64_t bytesReceived = 0;  ///< new bytes; duplicates are not counted
    std::uint64_t framesRefused = 0;
    std::uint64_t bytesGivenUp = 0;     ///< ours: of messages past their deadline
    std::uint64_t bytesSkipped = 0;     ///< the reader passed over: given up by the peer
    std::uint64_t repairBytesSent = 0;  ///< symbols of forward error correction (CRSP §5.9)
    std::uint64_t bytesRecovered = 0;   ///< made from them; among bytesReceived
};

/// All streams of one connection, and the credit they share (CRSP §5).
///
/// kControlStream has credit of its own only and is written before everything else, so data never
/// blocks it (CRSP §5.4). Of the other streams the more urgent go first; within one urgency lost
/// bytes go before new ones, and each stream gets a packet in turn. A stream both of whose
/// directions have come to their end is freed and remembered by counters alone.
class StreamSet {
  public:
    StreamSet(Side side, const StreamLimits& limits, MemoryBudgets budgets = {});
    ~StreamSet();
    StreamSet(const StreamSet&) = delete;
    StreamSet& operator=(const StreamSet&) = delete;

    /// The handshake is done: from now on streams may be opened, within the peer's limits.
    void OnPeerParameters(const TransportParameters& peer);

    /// What the path looks like now. To be called before frames are taken in or written: windows
    /// and buffers follow it.
    void OnPath(const PathView& path) { m_path = path; }

    /// Each takes one frame of the peer. A repeated or late frame is accepted and changes nothing.
    /// Fails with STREAM_STATE_ERROR, STREAM_LIMIT_ERROR, FLOW_CONTROL_ERROR or FINAL_SIZE_ERROR
    /// (RFC 9000 §4, §19.4 to §19.13); the connection is then to be closed.
    FrameResult OnFrame(const StreamFrame& frame);
    FrameResult OnFrame(const ResetStreamFrame& frame);
    FrameResult OnFrame(const StopSendingFrame& frame);
    FrameResult OnFrame(const MaxDataFrame& frame);
    FrameResult OnFrame(const MaxStreamDataFrame& frame);
    FrameResult OnFrame(const MaxStreamsFrame& frame);
    FrameResult OnFrame(const DataBlockedFrame& frame);
    FrameResult OnFrame(const StreamDataBlockedFrame& frame);
    FrameResult OnFrame(const DataSkippedFrame& frame);
    /// PROTOCOL_VIOLATION if it is longer than we accept.
    FrameResult OnFrame(const RepairFrame& frame);
    /// PROTOCOL_VIOLATION if it names bytes that we never sent.
    FrameResult OnFrame(const DataRecoveredFrame& frame);

    /// Whether any stream but the control stream is open.
    bool HasDataStreams() const {
        return m_table.Count() > (m_table.Find(kControlStream) != nullptr ? 1u : 0u);
    }
    /// Whether bytes wait that were never sent.
    bool HasHeldUp() const;
    /// Gives memory back that holds nothing, as when a connection goes idle.
    void Rest() { m_table.Rest(); }

    /// Whether WriteFrames would write something into an empty packet. O(1).
    bool WantsToSend() const;
    /// Writes what fits: the control stream, control frames, then data.
    void WriteFrames(PacketBuilder& out);
    /// MAX_DATA, MAX_STREAMS, DATA_BLOCKED, and what streams have to say beside their bytes.
    void WriteControlFrames(PacketBuilder& out);
    /// STREAM frames, those of the control stream first.
    void WriteStreamFrames(PacketBuilder& out);

    void OnFrameAcked(const SentStream& sent);
    void OnFrameAcked(const SentResetStream& sent);
    void OnFrameAcked(const SentStopSending&) {}
    void OnFrameAcked(const SentMaxData&) {}
    void OnFrameAcked(const SentMaxStreamData&) {}
    void OnFrameAcked(const SentMaxStreams&) {}
    void OnFrameAcked(const SentDataBlocked&) {}
    void OnFrameAcked(const SentStreamDataBlocked&) {}
    void OnFrameAcked(const SentDataSkipped& sent);
    void OnFrameAcked(const SentRepair&) {}
    void OnFrameAcked(const SentDataRecovered&) {}
    /// Each makes its frame go out again if it still matters. A probe may call it for frames that
    /// are in flight; a later OnFrameAcked for the same frame takes it back (RFC 9002 §6.2.4).
    void OnFrameLost(const SentStream& sent);
    void OnFrameLost(const SentResetStream& sent);
    void OnFrameLost(const SentStopSending& sent);
    void OnFrameLost(const SentMaxData& sent);
    void OnFrameLost(const SentMaxStreamData& sent);
    void OnFrameLost(const SentMaxStreams& sent);
    void OnFrameLost(const SentDataBlocked& sent);
    void OnFrameLost(const SentStreamDataBlocked& sent);
    void OnFrameLost(const SentDataSkipped& sent);
    void OnFrameLost(const SentRepair&) {}
    /// The sender then repeats what it would have spared, no more.
    void OnFrameLost(const SentDataRecovered&) {}

    /// Opens the next stream of ours; see Endpoint::OpenStream.
    Expected<StreamId, UsageError> Open(StreamDirection direction,
                                        StreamMode mode = StreamMode::kReliable,
                                        RepairOptions repair = {});
    /// Buffers a message for a deadline stream, whole or not at all (CRSP §5.8). After `deadline`
    /// it is not sent, or sent again, and the peer is told to go on without it. kTooLong if the
    /// buffer never holds it; kBlocked while it has no room, and a kWritable event follows.
    Expected<void, UsageError> WriteMessage(StreamId stream, ConstByteSpan message,
                                            TimePoint deadline);
    /// When CheckMessages is to be called.
    std::optional<TimePoint> NextTimeout() const;
    /// Gives up messages that are late by the time of OnPath, and has those repeated whose ACK is
    /// overdue. WriteFrames does that too.
    void CheckMessages();
    /// Buffers as much of `data` as fits and returns how much that was; with `finish` the stream
    /// ends after it, provided all of it was taken. A kWritable event follows if it was cut short.
    Expected<std::size_t, UsageError> Write(StreamId stream, ConstByteSpan data, bool finish);
    /// Copies bytes in order and grants the peer as much new credit.
    Expected<StreamRead, UsageError> Read(StreamId stream, ByteSpan out);
    /// As Endpoint::ReadUnordered.
    Expected<StreamRead, UsageError> ReadUnordered(StreamId stream, ByteSpan out);
    /// Abandons our sending side; no effect once the peer has everything.
    Expected<void, UsageError> Reset(StreamId stream, std::uint64_t applicationCode);
    /// How soon bytes of the stream go out, compared with those of others: 0 first, 7 last, each in
    /// turn within one urgency (RFC 9218 §4.1). kControlStream always goes first.
    Expected<void, UsageError> SetPriority(StreamId stream, Urgency urgency);
    /// Asks the peer to stop sending and drops what it still sends; no effect the second time.
    Expected<void, UsageError> StopSending(StreamId stream, std::uint64_t applicationCode);
    /// The oldest event not yet seen. Readable and writable events of streams that are gone are
    /// left out.
    std::optional<StreamEvent> PollEvent();

    /// Whether the peer has begun a data stream that it may go on sending: neither ended nor
    /// stopped, with credit left.
    bool ExpectsData() const;
    const StreamStats& Stats() const { return m_stats; }
    /// Streams not yet freed.
    std::size_t Count() const { return m_table.Count(); }
    /// Credit over all data streams ahead of what was read, and the largest that any stream had.
    std::uint64_t ConnectionWindow() const { return m_receiveCredit.Window(); }
    std::uint64_t LargestStreamWindow() const { return m_largestStreamWindow; }
    /// Bytes of memory in all stream buffers.
    std::size_t BufferedCapacity() const;

  private:
    FrameResult Conclude(Stream& stream);
    bool ChargeConnection(Stream& stream);
    void Settle(Stream& stream);
    void TuneWindows(Stream& stream);
    bool GrowConnectionWindow(std::uint64_t wanted);
    void OfferRoom(Stream& stream);
    std::size_t SendLimit(const Stream& stream) const;
    /// Gives the stream's buffer what SendLimit() says, as far as there is memory for it.
    void LimitBuffer(Stream& stream);
    /// What the stream's buffer holds beyond the least.
    void NoteBuffered(Stream& stream, std::size_t buffered);
    bool AllDrained() const;
    bool Stale(const StreamEvent& event) const;
    template <class DoRead>
    Expected<StreamRead, UsageError> ReadWith(StreamId stream, DoRead read);
    bool WriteChunk(Stream& stream, const SendChunk& chunk, PacketBuilder& out);
    bool WriteRepair(Stream& stream, PacketBuilder& out);
    void OnWritten(const Stream& stream, bool symbol);
    void WriteControlStream(PacketBuilder& out);
    bool WriteStreamControl(PacketBuilder& out);
    void WriteConnectionCredit(PacketBuilder& out);
    void WriteRepeats(StreamQueue& queue, PacketBuilder& out);
    void WriteNewData(StreamQueue& queue, PacketBuilder& out);
    template <class Sent>
    void TellSender(StreamId id, void (SendStream::*tell)(const Sent&), const Sent& sent);
    template <class Sent>
    void TellReceiver(StreamId id, void (ReceiveStream::*tell)(const Sent&), const Sent& sent);

    StreamLimits m_limits;
    MemoryBudgets m_budgets;
    PathView m_path;
    StreamTable m_table;
    StreamScheduler m_scheduler;
    std::vector<StreamId> m_deadlineStreams;  ///< ours, open
    std::uint64_t m_peerMaxRepairSymbol = 0;
    bool m_packetClosed = false;  ///< what it holds goes alone
    bool m_asksForAck = false;    ///< of the packet being written
    StreamEventQueue m_events;
    bool m_roomDue = false;  ///< the connection's credit has grown: writers may go on
    SendCredit m_sendCredit{0};
    ReceiveCredit m_receiveCredit;
    std::uint64_t m_largestStreamWindow;
    StreamStats m_stats;
    std::uint64_t m_buffered = 0;  ///< of all streams, taken from the endpoint's budget
};

}  // namespace crsp
