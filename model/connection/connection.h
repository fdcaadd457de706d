// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/base/bytes.h"
#include "model/base/ring-queue.h"
#include "model/base/socket-address.h"
#include "model/base/time.h"
#include "model/connection/ack-tracker.h"
#include "model/connection/closing.h"
#include "model/connection/datagram.h"
#include "model/connection/endpoint-config.h"
#include "model/connection/event.h"
#include "model/connection/handshake.h"
#include "model/connection/key-update.h"
#include "model/connection/liveness.h"
#include "model/connection/packet-trace.h"
#include "model/connection/path-mtu.h"
#include "model/connection/path.h"
#include "model/connection/stats.h"
#include "model/connection/timers.h"
#include "model/crypto/packet-protection.h"
#include "model/recovery/circuit-breaker.h"
#include "model/recovery/congestion-controller.h"
#include "model/recovery/ecn-validator.h"
#include "model/recovery/loss-detection.h"
#include "model/recovery/pacer.h"
#include "model/stream/datagrams.h"
#include "model/stream/stream-set.h"

namespace crsp {

/// No packet number is left out before this (CRSP §6.9).
inline constexpr std::uint64_t kFirstSkip = 64;

/// What a connection is told when it begins. References must outlive it.
struct ConnectionSetup {
    ConnectionHandle handle;
    Side side;
    SocketAddress remote;
    ConnectionId own;  ///< the id we receive packets under
    const TransportConfig& transport;
    MemoryBudgets budgets;
    SecureRandom& random;
    RingQueue<Event>& events;
    Tracer* tracer;
    const KeyLog& keyLog;
};

/// One connection: routes packets, frames and timers to the components that own them, and holds
/// only what belongs to none of them. (DESIGN: why does connection.cc grow?)
///
/// Three dispatchers: a frame received (connection-receive.cc), frames to send, and frames acked or
/// lost (connection-send.cc). Life cycle, timers and commands are in connection.cc.
class Connection {
  public:
    /// Begins as initiator, with an Initial to send. `handshake` must outlive it.
    Connection(TimePoint now, const ConnectionSetup& setup, const HandshakeConfig& handshake,
               const HandshakeGoal& goal);
    /// Begins as responder, with a Response to send.
    Connection(TimePoint now, const ConnectionSetup& setup, AnsweredInitial answer);

    // What arrives. `datagram` is the whole of it, header included.

    /// False if it did not verify: then nothing has changed.
    bool OnResponse(TimePoint now, ConstByteSpan datagram);
    void OnVersionNegotiation(TimePoint now, std::uint32_t version);
    void OnRetry(TimePoint now, const Mac& cookie);
    /// False if it did not verify: then nothing has changed.
    bool OnFinish(TimePoint now, ConstByteSpan datagram);
    /// False if the token is not the peer's: then nothing has changed.
    bool OnReset(TimePoint now, const ResetToken& token);
    /// The Initial that began this connection has come again: the Response was lost.
    void OnRepeatedInitial();
    /// False if the packet did not open: then nothing has changed.
    bool OnData(TimePoint now, const DataHeader& header, const Datagram& datagram);
    void OnTimeout(TimePoint now);

    /// Writes a datagram that has to go alone: one that asks or answers at another address of the
    /// peer (CRSP §3.8), or tries whether the path carries a larger one (CRSP §3.9). Its size is 0
    /// if there is none to send now.
    Transmit WriteSolitary(TimePoint now, ByteSpan out);
    /// Writes the next datagram into `out`, which holds at least DatagramSize() bytes; returns its
    /// length, 0 if there is none to send now.
    std::size_t WriteDatagram(TimePoint now, ByteSpan out);
    /// Brings the deadlines up to date and returns the first.
    std::optional<TimePoint> NextTimeout();
    /// What WriteDatagram's next is to be marked with.
    Ecn Mark() const { return m_state == State::kEstablished ? m_ecn.Mark() : Ecn::kNotEct; }
    /// The size of a full datagram, bytes.
    std::size_t DatagramSize() const { return m_mtu.Size(); }

    // What the application does.

    void Close(TimePoint now, std::uint64_t applicationCode, std::string_view reason);
    /// Ends it because the peer is not wanted any more, established or not.
    void Refuse(TimePoint now);
    /// Null unless streams can be used now.
    StreamSet* Streams() { return m_state == State::kEstablished ? &m_streams : nullptr; }

    /// As Endpoint::WriteMessage.
    Expected<void, UsageError> WriteMessage(StreamId stream, ConstByteSpan message,
                                            TimePoint deadline);
    /// As Endpoint::Read.
    Expected<StreamRead, UsageError> Read(StreamId stream, ByteSpan out);
    /// As Endpoint::ReadUnordered.
    Expected<StreamRead, UsageError> ReadUnordered(StreamId stream, ByteSpan out);
    /// As Endpoint::SendDatagram, DatagramLimit and ReadDatagram.
    Expected<void, UsageError> SendDatagram(ConstByteSpan datagram) {
        return m_datagrams.Send(datagram, PayloadRoom());
    }
    std::optional<std::size_t> DatagramLimit() const { return m_datagrams.Limit(PayloadRoom()); }
    std::optional<std::size_t> ReadDatagram(ByteSpan out) { return m_datagrams.Read(out); }

    const SocketAddress& Remote() const { return m_path.Remote(); }
    ConnectionId OwnId() const { return m_own; }
    /// What the peer receives under; 0 while it is not known.
    ConnectionId PeerId() const { return m_peer; }
    /// ClosedEvent has been given, or nobody was ever told of the connection.
    bool Ended() const { return m_state > State::kEstablished; }
    /// Nothing is left to do; the connection can be deleted.
    bool Gone() const { return m_state == State::kGone; }
    // connection-stats.cc
    ConnectionStats Stats() const;

  private:
    enum class State : std::uint8_t {
        kConnecting,    ///< initiator: the Initial is on its way
        kAwaitingData,  ///< responder: the Response is on its way; waits for Data, or the Finish
        kEstablished,
        kClosing,   ///< we ended it
        kDraining,  ///< the peer ended it
        kGone,
    };

    explicit Connection(TimePoint now, const ConnectionSetup& setup, std::uint64_t group);

    // connection-handshake.cc
    bool OpenPacket(TimePoint now, const DataHeader& header, ByteSpan datagram);
    void UpdateKeys(TimePoint now);
    void OnKeyPhase(TimePoint now);
    /// How long the keys of a phase are kept after it, and another is not begun.
    Duration KeyHold() const;
    void TakeKeys(const HandshakeResult& result);
    void LogKeys(const HandshakeResult& result);
    /// `firstPacket`: the handshake ended with the first packet that the peer could send.
    void Establish(TimePoint now, bool firstPacket);
    /// A packet of the peer has opened: it has all that it needs from our side of the handshake.
    void OnPeerFinished();
    std::size_t WriteInitial(TimePoint now, ByteSpan out);
    std::size_t WriteResponse(TimePoint now, ByteSpan out);
    std::size_t WriteFinish(TimePoint now, ByteSpan out);
    std::size_t WriteHandshake(TimePoint now, ConstByteSpan datagram, std::string_view type,
                               ByteSpan out);

    // connection.cc
    void OnLossDetectionTimer(TimePoint now);
    void OnPathChanged(TimePoint now, const PathChange& change);
    void NoteActive(TimePoint now);
    void OnRestTimer(TimePoint now);
    void StartCongestionControl(TimePoint now);
    void OnDatagramSize(TimePoint now);
    /// Ends the connection for a violation by the peer or a limit of ours, and tells the peer.
    void CloseWith(TimePoint now, const TransportError& error);
    void EnterClosing(TimePoint now, Closing closing, ClosedEvent event);
    /// Ends the connection without a word to the peer.
    void Abandon(TimePoint now, TransportErrorCode code, std::string reason);
    void EndSilently(TimePoint now, ClosedEvent event);
    void ReportClosed(TimePoint now, ClosedEvent event);
    void UpdateTimers();
    void DeliverStreamEvents();
    void TraceMetrics(TimePoint now);
    PathView ViewOfPath(TimePoint now) const;

    /// What a packet held, as far as it matters beyond its frames.
    struct PacketContents {
        bool ackEliciting = false;
        bool probing = true;
        bool refused = false;
        bool asksForAck = false;
        Ecn ecn = Ecn::kNotEct;
    };

    // connection-receive.cc
    void OnPayload(TimePoint now, PacketNumber number, const Datagram& arrived,
                   ConstByteSpan payload);
    void OnPacket(TimePoint now, PacketNumber number, const PacketContents& contents);
    FrameResult OnFrame(TimePoint now, const Frame& frame);
    FrameResult OnAck(TimePoint now, const AckFrame& frame);
    void OnAckEvent(const AckEvent& event);
    void OnPacketAcked(TimePoint now, const SentPacket& packet);
    void OnPeerClose(TimePoint now, const ConnectionCloseFrame& frame);

    // connection-congestion.cc
    /// To be called between the losses that an ACK revealed and what it acknowledged.
    void OnEcn(TimePoint now, const AckFrame& frame, const AckOutcome& outcome);
    /// Packets sent up to `sentAt` ran into congestion. False if that is part of the last event.
    bool NoteCongestion(TimePoint now, TimePoint sentAt);
    void CountLost(const SentPacket& packet);
    /// Fails when the circuit breaker ends the connection.
    Expected<void, TransportError> CheckBreaker(TimePoint now, SentPacketRefs acked,
                                                SentPacketRefs lost, SentPacketRefs spurious);
    void TraceEcn(TimePoint now);

    // connection-stats.cc
    void AddRecovery(ConnectionStats& stats) const;
    void AddCongestion(ConnectionStats& stats) const;
    void AddStreams(ConnectionStats& stats) const;
    void AddDatagrams(ConnectionStats& stats) const;

    // connection-send.cc
    Transmit SendAlone(TimePoint now, const SocketAddress& to, const PacketBuilder& packet,
                       SentPacket record, ByteSpan out);
    Transmit WriteMtuProbe(TimePoint now, ByteSpan out);
    Transmit WriteElsewhere(TimePoint now, ByteSpan out);
    std::size_t WriteData(TimePoint now, ByteSpan out);
    std::size_t WriteClose(TimePoint now, ByteSpan out);
    bool WantsToSendData() const;
    /// Space for frames in a full datagram.
    std::size_t PayloadRoom() const { return DatagramSize() - kDataHeaderLength - kAeadTagLength; }
    bool MaySendData(TimePoint now);
    void CountBlocked(const SentFrameList& frames);
    void CountToSkip();
    void FillPacket(TimePoint now, PacketBuilder& packet, bool mayData);
    std::size_t SealPacket(PacketNumber number, ByteSpan out, std::size_t payloadLength);
    void NoteSent(TimePoint now, const PacketBuilder& packet, std::size_t length);
    void TraceSent(TimePoint now, PacketNumber number, const PacketBuilder& packet,
                   std::size_t length);
    void OnFramesAcked(const SentPacket& packet);
    void OnFramesLost(const SentPacket& packet);
    void OnPacketsLost(TimePoint now, SentPacketRefs packets, const std::optional<LossEvent>& loss);

    ConnectionHandle m_handle;
    Side m_side;
    Path m_path;
    ConnectionId m_own;
    ConnectionId m_peer = 0;
    const TransportConfig& m_config;
    SecureRandom& m_random;
    RingQueue<Event>& m_events;
    PacketTrace m_trace;
    const KeyLog& m_keyLog;
    State m_state;
    TimePoint m_begunAt;
    Timers m_timers;

    /// What only the handshake needs.
    void SetHandshakeTimer(TimePoint now);
    struct Handshaking {
        std::optional<InitiatorHandshake> initiator;
        std::unique_ptr<PairingResponder> pairing;
        HandshakeDatagram response;
        ConnectedEvent connected;
        bool pending = true;          ///< an Initial, Response or Finish is to be sent
        std::uint32_t sends = 0;      ///< since the last Retry
        std::uint32_t retries = 0;    ///< that were answered at once
        std::optional<Mac> cookie{};  ///< the latest
        std::optional<std::uint32_t> otherVersion;  ///< that the responder says it speaks
        TimePoint sentAt{};
    };
    std::unique_ptr<Handshaking> m_handshaking;  ///< none once the peer is known to have finished
    std::optional<ResetToken> m_resetToken;

    // Established.
    std::optional<PacketProtection> m_protection;
    KeyUpdate m_keyUpdate;
    PathMtu m_mtu;
    AckTracker m_acks;
    LossDetection m_recovery;
    std::unique_ptr<CongestionController> m_congestion;
    std::string_view m_congestionState;
    EcnValidator m_ecn;
    EcnState m_ecnTraced = EcnState::kOff;
    CircuitBreaker m_breaker;
    std::optional<TimePoint> m_congestionSince;  ///< when the last congestion event began
    Pacer m_pacer;
    StreamSet m_streams;
    Datagrams m_datagrams;
    Liveness m_liveness;
    std::size_t m_probes = 0;      ///< probe packets still to send
    bool m_blackout = false;       ///< nothing but PINGs and ACKs, until an ACK comes
    bool m_pingPending = false;    ///< an ack-eliciting packet is wanted, whatever is in it
    std::uint32_t m_bareAcks = 0;  ///< packets in a row that asked for no ACK
    std::uint64_t m_untilSkip = kFirstSkip;  ///< packets until a number is left out
    bool m_appLimited = true;
    bool m_resting = false;  ///< has given memory back
    TimePoint m_activeAt{};  ///< a packet came or went

    Closing m_closing;
    PacketNumber m_closeNumber = 0;  ///< of the next packet, once closing
    ConnectionStats m_stats;
};

}  // namespace crsp
