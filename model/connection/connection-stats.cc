// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/connection.h"

namespace crsp {

ConnectionStats Connection::Stats() const {
    ConnectionStats stats = m_stats;
    stats.datagramSize = DatagramSize();
    AddRecovery(stats);
    AddStreams(stats);
    AddDatagrams(stats);
    if (m_congestion) AddCongestion(stats);
    return stats;
}

void Connection::AddRecovery(ConnectionStats& stats) const {
    stats.ackFramesSent = m_acks.FramesSent();
    stats.ackRangesSent = m_acks.RangesSent();
    stats.ect0Received = m_acks.Counts().ect0;
    stats.ect1Received = m_acks.Counts().ect1;
    stats.ceReceived = m_acks.Counts().ce;
    stats.ecnState = static_cast<std::uint64_t>(m_ecn.State());
    stats.ect0Sent = m_ecn.MarkedSent();
    stats.ceReported = m_ecn.CeReported();
    stats.packetsLost = m_recovery.PacketsLost();
    stats.packetsSpuriouslyLost = m_recovery.PacketsSpuriouslyLost();
    stats.bytesInFlight = m_recovery.BytesInFlight();
    stats.smoothedRtt = m_recovery.Rtt().Smoothed();
    stats.rttVariance = m_recovery.Rtt().Variance();
    stats.minRtt = m_recovery.Rtt().Min();
    stats.latestRtt = m_recovery.Rtt().Latest();
    stats.ptoInterval = m_recovery.PtoInterval();
}

void Connection::AddCongestion(ConnectionStats& stats) const {
    stats.breakerPeriods = m_breaker.BadPeriods();
    stats.congestionWindow = m_congestion->CongestionWindow();
    stats.slowStartThreshold = m_congestion->SlowStartThreshold();
    stats.pacingRate = m_congestion->PacingRate(m_recovery.Rtt());
}

void Connection::AddStreams(ConnectionStats& stats) const {
    const auto& streams = m_streams.Stats();
    stats.streamBytesSent = streams.bytesSent;
    stats.streamBytesRetransmitted = streams.bytesRetransmitted;
    stats.streamBytesReceived = streams.bytesReceived;
    stats.streamBytesGivenUp = streams.bytesGivenUp;
    stats.streamBytesSkipped = streams.bytesSkipped;
    stats.repairBytesSent = streams.repairBytesSent;
    stats.streamBytesRecovered = streams.bytesRecovered;
    stats.framesRefused = streams.framesRefused;
    stats.largestStreamWindow = m_streams.LargestStreamWindow();
    stats.connectionWindow = m_streams.ConnectionWindow();
}

void Connection::AddDatagrams(ConnectionStats& stats) const {
    const auto& datagrams = m_datagrams.Stats();
    stats.datagramsSent = datagrams.sent;
    stats.datagramsAcked = datagrams.acked;
    stats.datagramsTooLong = datagrams.tooLong;
    stats.datagramsReceived = datagrams.received;
    stats.datagramsDropped = datagrams.dropped;
}

}  // namespace crsp
