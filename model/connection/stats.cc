// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/stats.h"

#include <array>

namespace crsp {
namespace {

using S = ConnectionStats;

constexpr bool kSums = true;
constexpr bool kNow = false;

constexpr std::array kFields = {
    StatField{"Traffic", "packets_sent", &S::packetsSent, "packets", kSums,
              "Data packets sent, repetitions included"},
    StatField{"Traffic", "bytes_sent", &S::bytesSent, "bytes", kSums, "UDP payload of those"},
    StatField{"Traffic", "ack_eliciting_sent", &S::ackElicitingSent, "packets", kSums,
              "sent packets that asked for an ACK and count as in flight"},
    StatField{"Traffic", "packets_received", &S::packetsReceived, "packets", kSums,
              "Data packets received that opened, duplicates included"},
    StatField{"Traffic", "bytes_received", &S::bytesReceived, "bytes", kSums,
              "UDP payload of those"},
    StatField{"Traffic", "packets_reordered", &S::packetsReordered, "packets", kSums,
              "received behind one with a higher number"},
    StatField{"Traffic", "packets_duplicate", &S::packetsDuplicate, "packets", kSums,
              "received again, or too old to tell"},
    StatField{"Traffic", "packets_unopened", &S::packetsUnopened, "packets", kSums,
              "received under our identifier, and did not open: forged or damaged"},
    StatField{"Acknowledgements", "acks_sent", &S::acksSent, "packets", kSums,
              "packets sent that held only an ACK"},
    StatField{"Acknowledgements", "ack_frames_sent", &S::ackFramesSent, "frames", kSums,
              "ACK frames sent, also beside other frames"},
    StatField{"Acknowledgements", "ack_ranges_sent", &S::ackRangesSent, "ranges", kSums,
              "ranges in those, as far as they had room"},
    StatField{"Acknowledgements", "ack_frames_received", &S::ackFramesReceived, "frames", kSums,
              "ACK frames received"},
    StatField{"Acknowledgements", "ack_ranges_received", &S::ackRangesReceived, "ranges", kSums,
              "ranges in those"},
    StatField{"Acknowledgements", "packets_acked", &S::packetsAcked, "packets", kSums,
              "sent packets acknowledged for the first time, before they were declared lost"},
    StatField{"Acknowledgements", "bytes_acked", &S::bytesAcked, "bytes", kSums,
              "of those that counted as in flight"},
    StatField{"Loss", "packets_lost", &S::packetsLost, "packets", kSums,
              "declared lost (RFC 9002 §6.1)"},
    StatField{"Loss", "bytes_lost", &S::bytesLost, "bytes", kSums, "UDP payload of those"},
    StatField{"Loss", "packets_lost_by_reordering", &S::packetsLostByReordering, "packets", kSums,
              "lost by the packet threshold (RFC 9002 §6.1.1)"},
    StatField{"Loss", "packets_lost_by_time", &S::packetsLostByTime, "packets", kSums,
              "lost by the time threshold (RFC 9002 §6.1.2)"},
    StatField{"Loss", "packets_lost_by_path_change", &S::packetsLostByPathChange, "packets", kSums,
              "given up because they went to an address that is no more"},
    StatField{"Loss", "packets_spuriously_lost", &S::packetsSpuriouslyLost, "packets", kSums,
              "declared lost, acknowledged later"},
    StatField{"Loss", "pto_count", &S::ptoCount, "times", kSums,
              "probe timeouts that fired (RFC 9002 §6.2)"},
    StatField{"Loss", "probes_sent", &S::probesSent, "packets", kSums,
              "packets sent because of those, whatever the window said"},
    StatField{"Congestion", "congestion_events", &S::congestionEvents, "times", kSums,
              "by loss or by marks, one for a round trip at most (RFC 9002 §7.3.2)"},
    StatField{"Congestion", "congestion_events_by_ecn", &S::congestionEventsByEcn, "times", kSums,
              "of those, begun by marks"},
    StatField{"Congestion", "spurious_congestion_events", &S::spuriousCongestionEvents, "times",
              kSums, "whose every loss was acknowledged after all"},
    StatField{"Congestion", "persistent_congestions", &S::persistentCongestions, "times", kSums,
              "everything was lost for three PTO (RFC 9002 §7.6)"},
    StatField{
        "Congestion", "breaker_periods", &S::breakerPeriods, "periods", kNow,
        "in a row of too much loss at the smallest window; three end the connection (CRSP §6.8)"},
    StatField{"Congestion", "congestion_window", &S::congestionWindow, "bytes", kNow,
              "may be in flight"},
    StatField{"Congestion", "slow_start_threshold", &S::slowStartThreshold, "bytes", kNow,
              "2^64 - 1 before the first congestion event"},
    StatField{"Congestion", "bytes_in_flight", &S::bytesInFlight, "bytes", kNow,
              "sent, and neither acknowledged nor lost"},
    StatField{"Congestion", "pacing_rate", &S::pacingRate, "bytes/s", kNow,
              "at which packets leave"},
    StatField{"Congestion", "delivery_rate", &S::deliveryRate, "bytes/s", kNow,
              "at which the path delivered, by the latest ACK that told"},
    StatField{"Congestion", "window_limited", &S::windowLimited, "times", kSums,
              "there was more to send, and the congestion window was full"},
    StatField{"Congestion", "pacing_limited", &S::pacingLimited, "times", kSums,
              "there was more to send, and pacing put it off"},
    StatField{"Congestion", "app_limited_sent", &S::appLimitedSent, "packets", kSums,
              "after which there was nothing left to send though the window had room"},
    StatField{"ECN", "ecn_state", &S::ecnState, "state", kNow,
              "0 off, 1 testing, 2 unknown, 3 capable, 4 failed (RFC 9000 appendix A.4)"},
    StatField{"ECN", "ect0_sent", &S::ect0Sent, "packets", kSums, "sent as ECT(0)"},
    StatField{"ECN", "ce_reported", &S::ceReported, "packets", kSums,
              "of those, as the peer says, marked CE on the way"},
    StatField{"ECN", "ect0_received", &S::ect0Received, "packets", kSums,
              "opened, and came as ECT(0)"},
    StatField{"ECN", "ect1_received", &S::ect1Received, "packets", kSums,
              "opened, and came as ECT(1)"},
    StatField{"ECN", "ce_received", &S::ceReceived, "packets", kSums, "opened, and came marked CE"},
    StatField{"Round trip and timers", "smoothed_rtt_ms", &S::smoothedRtt, "ms", kNow,
              "RFC 9002 §5.3"},
    StatField{"Round trip and timers", "rtt_variance_ms", &S::rttVariance, "ms", kNow,
              "RFC 9002 §5.3"},
    StatField{"Round trip and timers", "min_rtt_ms", &S::minRtt, "ms", kNow,
              "the least of this path (RFC 9002 §5.2)"},
    StatField{"Round trip and timers", "latest_rtt_ms", &S::latestRtt, "ms", kNow,
              "the last sample"},
    StatField{"Round trip and timers", "pto_interval_ms", &S::ptoInterval, "ms", kNow,
              "probe timeout with its backoff (CRSP §6.4)"},
    StatField{"Round trip and timers", "handshake_duration_ms", &S::handshakeDuration, "ms", kNow,
              "from the beginning until streams could be used"},
    StatField{"Round trip and timers", "handshake_packets_sent", &S::handshakePacketsSent,
              "packets", kSums, "Initials or Responses, repetitions included"},
    StatField{"Round trip and timers", "key_updates", &S::keyUpdates, "changes", kSums,
              "changes of the keys, by either side (CRSP §4.9)"},
    StatField{"Streams", "stream_bytes_sent", &S::streamBytesSent, "bytes", kSums,
              "stream payload, sent for the first time"},
    StatField{"Streams", "stream_bytes_retransmitted", &S::streamBytesRetransmitted, "bytes", kSums,
              "stream payload, repeated"},
    StatField{"Streams", "stream_bytes_received", &S::streamBytesReceived, "bytes", kSums,
              "new stream payload, duplicates not counted"},
    StatField{"Streams", "stream_bytes_given_up", &S::streamBytesGivenUp, "bytes", kSums,
              "of our messages past their deadline (CRSP §5.8)"},
    StatField{"Streams", "stream_bytes_skipped", &S::streamBytesSkipped, "bytes", kSums,
              "given up by the peer, and passed over by the reader"},
    StatField{"Streams", "repair_bytes_sent", &S::repairBytesSent, "bytes", kSums,
              "symbols of forward error correction (CRSP §5.9)"},
    StatField{"Streams", "stream_bytes_recovered", &S::streamBytesRecovered, "bytes", kSums,
              "made from such symbols; among stream_bytes_received"},
    StatField{"Streams", "frames_refused", &S::framesRefused, "frames", kSums,
              "stream frames dropped at the fragmentation limit (CRSP §5.2)"},
    StatField{"Streams", "blocked_sent", &S::blockedSent, "frames", kSums,
              "DATA_BLOCKED and STREAM_DATA_BLOCKED sent: the peer's credit held us back"},
    StatField{"Streams", "blocked_received", &S::blockedReceived, "frames", kSums,
              "the same received: our credit held the peer back"},
    StatField{"Streams", "largest_stream_window", &S::largestStreamWindow, "bytes", kNow,
              "most credit that we gave a stream ahead of its reader"},
    StatField{"Streams", "connection_window", &S::connectionWindow, "bytes", kNow,
              "credit over all data streams ahead of their readers"},
    StatField{"Path", "path_changes", &S::pathChanges, "times", kSums,
              "a new address of the peer was validated"},
    StatField{"Path", "path_packets_sent", &S::pathPacketsSent, "packets", kSums,
              "challenges and answers at an address not in use"},
    StatField{"Path", "datagram_size", &S::datagramSize, "bytes", kNow,
              "largest that the path is known to carry"},
    StatField{"Path", "mtu_probes_sent", &S::mtuProbesSent, "packets", kSums,
              "to find a larger one (RFC 8899)"},
    StatField{"Unreliable datagrams", "datagrams_sent", &S::datagramsSent, "datagrams", kSums,
              "sent (CRSP §5.6)"},
    StatField{"Unreliable datagrams", "datagrams_acked", &S::datagramsAcked, "datagrams", kSums,
              "known to have arrived"},
    StatField{"Unreliable datagrams", "datagrams_too_long", &S::datagramsTooLong, "datagrams",
              kSums, "not sent, as the path had come to carry less"},
    StatField{"Unreliable datagrams", "datagrams_received", &S::datagramsReceived, "datagrams",
              kSums, "received"},
    StatField{"Unreliable datagrams", "datagrams_dropped", &S::datagramsDropped, "datagrams", kSums,
              "received, and dropped as nobody read them"},
};

// All fields are eight bytes wide, so that one forgotten above is noticed here.
static_assert(sizeof(ConnectionStats) == kFields.size() * sizeof(std::uint64_t));

}  // namespace

std::span<const StatField> ConnectionStatFields() {
    return kFields;
}

void AddTo(ConnectionStats& sum, const ConnectionStats& part) {
    for (const StatField& field : kFields) {
        if (!field.sums) continue;
        std::visit([&](auto member) { sum.*member += part.*member; }, field.member);
    }
}

}  // namespace crsp
