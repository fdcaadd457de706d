// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <variant>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/range-set.h"
#include "model/base/time.h"
#include "model/recovery/sent-packets.h"
#include "model/wire/frame-codec.h"

namespace crsp {

inline constexpr std::uint32_t kPacketBytes = 1200;

/// `ms` after the origin of the clock.
constexpr TimePoint At(std::int64_t ms) {
    return TimePoint{} + milliseconds(ms);
}

inline SentPacket DataPacket(PacketNumber number, TimePoint sentAt,
                             std::uint32_t bytes = kPacketBytes) {
    SentPacket packet;
    packet.number = number;
    packet.sentAt = sentAt;
    packet.bytes = bytes;
    packet.ackEliciting = true;
    packet.inFlight = true;
    return packet;
}

inline SentPacket AckOnlyPacket(PacketNumber number, TimePoint sentAt) {
    SentPacket packet = DataPacket(number, sentAt, 60);
    packet.ackEliciting = false;
    packet.inFlight = false;
    return packet;
}

inline std::vector<PacketNumber> Numbers(std::span<const SentPacket* const> packets) {
    std::vector<PacketNumber> numbers;
    for (const auto* packet : packets) numbers.push_back(packet->number);
    return numbers;
}

/// An ACK as it comes off the wire, with the bytes that it views.
class ReceivedAck {
  public:
    explicit ReceivedAck(std::initializer_list<Range> ranges, Duration delay = Duration{}) {
        RangeSet set;
        for (const Range& range : ranges) set.Add(range);
        ByteWriter out(m_bytes);
        EncodeAck(out, set.Ranges(), delay);
        ByteReader in(out.Written());
        m_frame = std::get<AckFrame>(DecodeFrame(in).value());
    }
    ReceivedAck(const ReceivedAck&) = delete;
    ReceivedAck& operator=(const ReceivedAck&) = delete;

    const AckFrame& Frame() const { return m_frame; }

  private:
    std::array<std::byte, 2048> m_bytes{};
    AckFrame m_frame;
};

}  // namespace crsp
