// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "model/base/result.h"
#include "model/stream/flow-control.h"
#include "model/stream/receive-stream.h"
#include "model/stream/send-stream.h"
#include "model/stream/stream-events.h"
#include "model/wire/error-codes.h"
#include "model/wire/packet-builder.h"
#include "model/wire/transport-parameters.h"
#include "model/wire/types.h"

namespace crsp {

/// What we grant the peer and hold for ourselves. Sizes in bytes. Each begins at the first value
/// and may grow up to the maximum; a maximum that is not above it keeps it fixed.
struct StreamLimits {
    std::uint64_t streamReceiveWindow = 0;
    std::uint64_t maxStreamReceiveWindow = 0;
    std::uint64_t connectionReceiveWindow = 0;
    std::uint64_t maxConnectionReceiveWindow = 0;
    std::uint64_t maxPeerStreams = 0;   ///< open at once, of each direction
    std::uint64_t maxRepairSymbol = 0;  ///< longest that the peer may send; 0 refuses them
    std::size_t streamSendBuffer = 0;
    std::size_t maxStreamSendBuffer = 0;
};

/// Streams of ours, of each direction, that are not finished at most, however many the peer grants:
/// one that acknowledges all but their ends keeps them here (CRSP §5.3).
inline constexpr std::uint64_t kMaxOwnStreams = 256;

/// How soon the bytes of a stream are wanted (RFC 9218 §4.1): 0 first, 7 last.
using Urgency = std::uint8_t;
inline constexpr Urgency kUrgencies = 8;
inline constexpr Urgency kDefaultUrgency = 3;

/// One stream: a half for each direction it has.
struct Stream {
    explicit Stream(StreamId streamId) : id(streamId) {}

    bool Terminal() const {
        return (!send || send->Terminal()) && (!receive || receive->Terminal());
    }

    StreamId id;
    std::optional<SendStream> send;
    std::optional<ReceiveStream> receive;
    Urgency urgency = kDefaultUrgency;
    // What the connection's credit has been charged for this stream, and got back.
    std::uint64_t charged = 0;
    std::uint64_t returned = 0;
    /// What its buffer holds beyond the least; taken from the endpoint's budget.
    std::size_t buffered = 0;
    // In which queues of the StreamScheduler it stands.
    bool queuedRepeat = false;
    bool queuedNew = false;
    bool queuedControl = false;
};

/// Which streams there are, who may open how many, and which are over (CRSP §5.1, RFC 9000 §4.6).
///
/// Streams of one kind are opened in order, so two counters and the live ones tell for every id
/// whether it is open, over or still to come.
class StreamTable {
  public:
    StreamTable(Side side, const StreamLimits& limits);

    void OnPeerParameters(const TransportParameters& peer);
    void OnMaxStreams(StreamDirection direction, std::uint64_t maximum);

    Expected<StreamId, UsageError> Open(StreamDirection direction);
    /// The stream if it is open.
    Stream* Find(StreamId id);
    const Stream* Find(StreamId id) const;
    /// The stream that a frame about bytes of the peer names (STREAM, RESET_STREAM,
    /// STREAM_DATA_BLOCKED), opened along with all below it if need be; null if it is over. Fails
    /// with STREAM_STATE_ERROR or STREAM_LIMIT_ERROR.
    Expected<Stream*, TransportError> ForPeerSending(StreamId id, StreamEventQueue& events);
    /// The same for frames about our bytes (STOP_SENDING, MAX_STREAM_DATA).
    Expected<Stream*, TransportError> ForPeerReceiving(StreamId id, StreamEventQueue& events);
    /// Frees the stream. One of the peer's makes room for another.
    void Erase(StreamId id);

    /// Whether MAX_STREAMS is waiting.
    bool HasControl() const;
    /// False if something did not fit.
    bool WriteControl(PacketBuilder& out);
    void OnFrameLost(const SentMaxStreams& sent);

    void Rest();

    std::size_t Count() const { return m_streams.size(); }
    const std::map<StreamId, Stream>& Streams() const { return m_streams; }
    /// Calls `visit` with each open stream, in the order of their ids. It must not erase any.
    template <typename Visit>
    void ForEach(Visit visit) {
        for (auto& [id, stream] : m_streams) visit(stream);
    }

  private:
    struct Kind {
        std::uint64_t opened = 0;    ///< by us
        std::uint64_t finished = 0;  ///< of those
        std::uint64_t allowed = 0;   ///< by the peer
        ReceiveCredit peers;         ///< streams the peer opened, and finished
    };

    Kind& KindOf(StreamDirection direction) { return m_kinds[static_cast<std::size_t>(direction)]; }
    Expected<Stream*, TransportError> Resolve(StreamId id, StreamEventQueue& events);
    Expected<void, TransportError> AdmitPeers(StreamId id, StreamEventQueue& events);
    void Insert(StreamId id);

    Side m_side;
    StreamLimits m_limits;
    std::uint64_t m_peerStreamCredit = 0;
    std::array<Kind, 2> m_kinds;
    std::map<StreamId, Stream> m_streams;
};

}  // namespace crsp
