// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/connection.h"
#include "model/base/planted.h"

#include <algorithm>

namespace crsp {
namespace {

/// A closed connection keeps answering for this many probe timeouts (RFC 9000 §10.2).
constexpr int kClosingProbeTimeouts = 3;
/// A connection that ended without a word stays this long, so that its counters can still be asked
/// for when the ClosedEvent comes.
constexpr Duration kSilentEndLinger = milliseconds(1);

/// So long without a packet, and a connection without data streams gives back memory that nothing
/// is kept in.
constexpr Duration kRestAfter = seconds(1);

StreamLimits LimitsOf(const TransportConfig& config) {
    return {.streamReceiveWindow = config.streamReceiveWindow,
            .maxStreamReceiveWindow = config.maxStreamReceiveWindow,
            .connectionReceiveWindow = config.connectionReceiveWindow,
            .maxConnectionReceiveWindow = config.maxConnectionReceiveWindow,
            .maxPeerStreams = config.maxPeerStreams,
            .maxRepairSymbol = config.maxRepairSymbol,
            .streamSendBuffer = config.streamSendBuffer,
            .maxStreamSendBuffer = config.maxStreamSendBuffer};
}

}  // namespace

Connection::Connection(TimePoint now, const ConnectionSetup& setup, std::uint64_t group)
    : m_handle(setup.handle),
      m_side(setup.side),
      m_path(setup.remote, setup.random),
      m_own(setup.own),
      m_config(setup.transport),
      m_random(setup.random),
      m_events(setup.events),
      m_trace(setup.tracer, group),
      m_keyLog(setup.keyLog),
      m_state(setup.side == Side::kInitiator ? State::kConnecting : State::kAwaitingData),
      m_begunAt(now),
      m_keyUpdate(setup.transport.keyUpdatePackets),
      m_acks(setup.transport.maxAckDelay),
      m_ecn(setup.transport.ecn && RespondsToEcn(setup.transport.congestion)),
      m_pacer(kMinDatagramSize),
      m_streams(setup.side, LimitsOf(setup.transport), setup.budgets),
      m_datagrams(setup.transport.maxDatagramFrameSize),
      m_liveness(now, setup.transport.idleTimeout, setup.transport.keepAlive) {
    m_timers.Set(Timer::kHandshakeEnd, now + m_config.handshakeTimeout);
    m_trace.Emit(now, trace::ConnectionStarted{Remote(), m_side == Side::kInitiator});
}

void Connection::StartCongestionControl(TimePoint now) {
    m_congestion = MakeCongestionController(
        {.algorithm = m_config.congestion, .fixedRate = m_config.fixedRate, .seed = m_own},
        DatagramSize());
    m_pacer = Pacer(DatagramSize());
    m_pacer.SetRate(now, m_congestion->PacingRate(m_recovery.Rtt()));
}

void Connection::OnPathChanged(TimePoint now, const PathChange& change) {
    ++m_stats.pathChanges;
    m_ecn.OnPathChanged(m_recovery.NextPacketNumber());
    TraceEcn(now);
    const auto lost = m_recovery.OnPathChanged(now);
    if (!CRSP_PLANTED(kMovedPathNotRepeated)) OnPacketsLost(now, lost, std::nullopt);
    if (!change.rebinding) {
        m_recovery.ResetPath(now, change.roundTrip);
        m_mtu.Restart();
        StartCongestionControl(now);
    }
    m_probes = 0;
    m_blackout = false;
    m_trace.Emit(now, trace::PathChanged{Remote(), change.rebinding});
    m_events.Push(PathChangedEvent{m_handle, Remote()});
    TraceMetrics(now);
}

void Connection::NoteActive(TimePoint now) {
    m_activeAt = now;
    m_resting = false;
}

void Connection::OnRestTimer(TimePoint now) {
    m_activeAt = now;
    // Streams that the peer gives no credit for may be held up for long.
    m_resting = m_recovery.AckElicitingInFlight() == 0 && !WantsToSendData() &&
                (!m_streams.HasDataStreams() || m_streams.HasHeldUp());
    if (!m_resting) return;
    m_recovery.Rest();
    m_streams.Rest();
    m_protection->Rest();
}

void Connection::OnDatagramSize(TimePoint now) {
    m_congestion->OnDatagramSize(DatagramSize());
    m_pacer.SetDatagramSize(DatagramSize());
    m_trace.Emit(now, trace::MtuUpdated{DatagramSize()});
}

std::optional<TimePoint> Connection::NextTimeout() {
    UpdateTimers();
    return m_timers.Next();
}

void Connection::OnTimeout(TimePoint now) {
    UpdateTimers();  // what was due may have been put off since it was asked for
    if (m_timers.Expire(Timer::kClosingEnd, now)) m_state = State::kGone;
    if (m_timers.Expire(Timer::kHandshakeEnd, now)) {
        return Abandon(now, TransportErrorCode::kHandshakeTimeout, "no answer to the handshake");
    }
    if (m_timers.Expire(Timer::kIdle, now)) {
        return Abandon(now, TransportErrorCode::kIdleTimeout, "nothing heard from the peer");
    }
    if (m_timers.Expire(Timer::kHandshake, now)) m_handshaking->pending = true;
    m_timers.Expire(Timer::kPacing, now);
    if (m_timers.Expire(Timer::kAckDelay, now)) m_acks.OnDeadline();
    if (m_timers.Expire(Timer::kKeepAlive, now)) {
        m_pingPending = true;
        m_liveness.OnKeepAlive();
    }
    if (m_timers.Expire(Timer::kQuiet, now)) {
        m_pingPending |= m_liveness.OnQuiet(m_streams.ExpectsData());
    }
    if (m_timers.Expire(Timer::kPath, now)) m_path.OnTimeout(now);
    if (m_timers.Expire(Timer::kDeadline, now)) {
        m_streams.OnPath(ViewOfPath(now));
        m_streams.CheckMessages();
        DeliverStreamEvents();
    }
    if (m_timers.Expire(Timer::kLossDetection, now)) OnLossDetectionTimer(now);
    if (m_timers.Expire(Timer::kRest, now)) OnRestTimer(now);
    if (m_timers.Expire(Timer::kOldKeys, now)) m_protection->ForgetPrevious();
}

void Connection::OnLossDetectionTimer(TimePoint now) {
    const auto outcome = m_recovery.OnTimeout(now);
    OnPacketsLost(now, outcome.lost, outcome.loss);
    m_blackout = outcome.kind == TimeoutOutcome::Kind::kPing;
    if (outcome.kind == TimeoutOutcome::Kind::kProbe || m_blackout) {
        m_probes = m_blackout ? 1 : kProbePackets;
        ++m_stats.ptoCount;
        for (const auto* packet : outcome.probes) OnFramesLost(*packet);
        if (m_mtu.OnProbeTimeout(m_recovery.PtoCount())) OnDatagramSize(now);
        m_ecn.OnProbeTimeout(m_recovery.PtoCount(), m_recovery.NextPacketNumber());
    }
    TraceEcn(now);
    TraceMetrics(now);
    const auto breaker = CheckBreaker(now, {}, outcome.lost, {});
    if (!breaker) CloseWith(now, breaker.error());
}

void Connection::Close(TimePoint now, std::uint64_t applicationCode, std::string_view reason) {
    const auto code =
        applicationCode == 0 ? TransportErrorCode::kNoError : TransportErrorCode::kApplicationError;
    ClosedEvent event{m_handle, code, applicationCode, std::string(reason), false};
    if (m_state != State::kEstablished) return EndSilently(now, std::move(event));
    Closing closing(true, applicationCode, event.reason);
    EnterClosing(now, std::move(closing), std::move(event));
}

void Connection::Refuse(TimePoint now) {
    const TransportError error{TransportErrorCode::kConnectionRefused,
                               "the peer's key is no longer known here"};
    if (m_state == State::kEstablished) return CloseWith(now, error);
    if (!Ended()) Abandon(now, error.code, error.reason);
}

void Connection::CloseWith(TimePoint now, const TransportError& error) {
    EnterClosing(now, Closing(false, static_cast<std::uint64_t>(error.code), error.reason),
                 ClosedEvent{m_handle, error.code, 0, error.reason, false});
}

void Connection::EnterClosing(TimePoint now, Closing closing, ClosedEvent event) {
    m_state = State::kClosing;
    m_closing = std::move(closing);
    m_closeNumber = m_recovery.NextPacketNumber();
    m_timers.StopAll();
    m_timers.Set(Timer::kClosingEnd,
                 now + kClosingProbeTimeouts * m_recovery.Rtt().ProbeTimeout(Duration{}));
    ReportClosed(now, std::move(event));
}

void Connection::Abandon(TimePoint now, TransportErrorCode code, std::string reason) {
    if (m_state == State::kAwaitingData) {
        m_state = State::kGone;  // nobody was ever told of it
        return;
    }
    EndSilently(now, ClosedEvent{m_handle, code, 0, std::move(reason), false});
}

void Connection::EndSilently(TimePoint now, ClosedEvent event) {
    m_state = State::kDraining;
    m_timers.StopAll();
    m_timers.Set(Timer::kClosingEnd, now + kSilentEndLinger);
    ReportClosed(now, std::move(event));
}

void Connection::ReportClosed(TimePoint now, ClosedEvent event) {
    DeliverStreamEvents();
    m_trace.Emit(now, trace::ConnectionClosed{ToString(event.code), event.applicationCode,
                                              event.reason, event.byPeer});
    m_events.Push(std::move(event));
}

void Connection::UpdateTimers() {
    if (m_state != State::kEstablished) return;
    m_timers.Set(Timer::kLossDetection, m_recovery.NextTimeout());
    m_timers.Set(Timer::kAckDelay, m_acks.Deadline());
    m_timers.Set(Timer::kDeadline, m_streams.NextTimeout());
    m_timers.Set(Timer::kKeepAlive, m_liveness.KeepAliveDeadline());
    m_timers.Set(Timer::kQuiet, m_liveness.QuietDeadline(m_recovery.PtoInterval()));
    m_timers.Set(Timer::kPath, m_path.NextTimeout());
    m_timers.Set(Timer::kRest, m_resting ? std::nullopt : std::optional(m_activeAt + kRestAfter));
    m_timers.Set(Timer::kIdle, m_liveness.IdleDeadline(m_recovery.PtoInterval()));
}

Expected<void, UsageError> Connection::WriteMessage(StreamId stream, ConstByteSpan message,
                                                    TimePoint deadline) {
    return m_streams.WriteMessage(stream, message, deadline);
}

Expected<StreamRead, UsageError> Connection::Read(StreamId stream, ByteSpan out) {
    const auto read = m_streams.Read(stream, out);
    // What stands behind a skipped range is told of anew.
    DeliverStreamEvents();
    return read;
}

Expected<StreamRead, UsageError> Connection::ReadUnordered(StreamId stream, ByteSpan out) {
    const auto read = m_streams.ReadUnordered(stream, out);
    DeliverStreamEvents();
    return read;
}

void Connection::DeliverStreamEvents() {
    if (m_datagrams.TakeReceived()) m_events.Push(DatagramReceivedEvent{m_handle});
    while (const auto event = m_streams.PollEvent()) {
        switch (event->kind) {
            case StreamEventKind::kOpened:
                m_events.Push(StreamOpenedEvent{m_handle, event->stream});
                break;
            case StreamEventKind::kReadable:
                m_events.Push(StreamReadableEvent{m_handle, event->stream});
                break;
            case StreamEventKind::kWritable:
                m_events.Push(StreamWritableEvent{m_handle, event->stream});
                break;
            case StreamEventKind::kReset:
                m_events.Push(StreamResetEvent{m_handle, event->stream, event->code});
                break;
            case StreamEventKind::kStopped:
                m_events.Push(StreamStoppedEvent{m_handle, event->stream, event->code});
                break;
        }
    }
}

PathView Connection::ViewOfPath(TimePoint now) const {
    const RttEstimator& rtt = m_recovery.Rtt();
    return {now, rtt.Smoothed(), m_congestion->CongestionWindow(), rtt.ProbeTimeout(Duration{})};
}

void Connection::TraceMetrics(TimePoint now) {
    if (!m_trace.Enabled()) return;
    const auto& rtt = m_recovery.Rtt();
    m_trace.Emit(now,
                 trace::MetricsUpdated{rtt.Smoothed(), rtt.Variance(), rtt.Min(), rtt.Latest(),
                                       m_congestion->CongestionWindow(), m_recovery.BytesInFlight(),
                                       m_congestion->SlowStartThreshold(), m_recovery.PtoCount()});
    if (m_congestion->State() == m_congestionState) return;
    m_congestionState = m_congestion->State();
    m_trace.Emit(now, trace::CongestionStateUpdated{m_congestionState});
}

}  // namespace crsp
