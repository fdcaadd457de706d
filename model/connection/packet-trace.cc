// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/packet-trace.h"

#include <array>

namespace crsp {
namespace {

/// In the order of SentFrame's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<SentFrame>> kSentFrameNames = {
    "ack",
    "ping",
    "stream",
    "datagram",
    "reset_stream",
    "stop_sending",
    "max_data",
    "max_stream_data",
    "max_streams",
    "data_blocked",
    "stream_data_blocked",
    "path_challenge",
    "path_response",
    "data_skipped",
    "immediate_ack",
    "repair",
    "data_recovered"};

}  // namespace

void PacketTrace::Add(const SentFrameList& frames) {
    if (!m_packets) return;
    for (const auto& frame : frames.View()) {
        Append(kSentFrameNames[frame.index()]);
        if (const auto* stream = std::get_if<SentStream>(&frame)) {
            m_parts.push_back({stream->stream, stream->offset, stream->length, stream->fin});
        }
    }
}

void PacketTrace::Append(const Frame& frame) {
    Append(FrameName(frame));
    if (const auto* stream = std::get_if<StreamFrame>(&frame)) {
        m_parts.push_back({stream->stream, stream->offset, stream->data.size(), stream->fin});
    }
}

void PacketTrace::Acked(TimePoint now, SentPacketRefs late, SentPacketRefs packets) {
    if (!m_packets || (late.empty() && packets.empty())) return;
    std::vector<PacketNumber> numbers;
    for (const SentPacketRefs& list : {late, packets}) {
        for (const SentPacket* packet : list) numbers.push_back(packet->number);
    }
    Emit(now, trace::PacketsAcked{numbers});
}

void PacketTrace::Append(std::string_view name) {
    if (!m_names.empty()) m_names += ',';
    m_names += name;
}

}  // namespace crsp
