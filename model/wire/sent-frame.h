// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "model/base/assert.h"
#include "model/wire/types.h"

namespace crsp {

/// What a sent packet carried, kept until the packet's fate is known. The component that wrote a
/// frame gets its record back in OnFrameAcked or OnFrameLost and alone decides what to repeat.
struct SentAck {
    PacketNumber largest;  ///< the ACK's largest: once acknowledged, older ones need no repeating
};
struct SentPing {};
struct SentStream {
    StreamId stream;
    std::uint64_t offset;
    std::uint32_t length;
    bool fin;
};
struct SentDatagram {};
struct SentResetStream {
    StreamId stream;
};
struct SentStopSending {
    StreamId stream;
};
struct SentMaxData {
    std::uint64_t maximum;
};
struct SentMaxStreamData {
    StreamId stream;
    std::uint64_t maximum;
};
struct SentMaxStreams {
    StreamDirection direction;
    std::uint64_t maximum;
};
struct SentDataBlocked {
    std::uint64_t limit;
};
struct SentStreamDataBlocked {
    StreamId stream;
    std::uint64_t limit;
};

struct SentPathChallenge {};
struct SentPathResponse {};

struct SentDataSkipped {
    StreamId stream;
    std::uint64_t begin;
    std::uint64_t end;
};

struct SentImmediateAck {};
struct SentRepair {};
struct SentDataRecovered {};

using SentFrame =
    std::variant<SentAck, SentPing, SentStream, SentDatagram, SentResetStream, SentStopSending,
                 SentMaxData, SentMaxStreamData, SentMaxStreams, SentDataBlocked,
                 SentStreamDataBlocked, SentPathChallenge, SentPathResponse, SentDataSkipped,
                 SentImmediateAck, SentRepair, SentDataRecovered>;

/// A packet takes no more frames than this, so that its record needs no allocation.
inline constexpr std::size_t kMaxFramesPerPacket = 8;

/// The frames of one sent packet, in order.
class SentFrameList {
  public:
    bool Full() const { return m_count == kMaxFramesPerPacket; }
    bool Empty() const { return m_count == 0; }
    void Push(const SentFrame& frame) {
        CRSP_ASSERT(!Full());
        m_frames[m_count++] = frame;
    }
    std::span<const SentFrame> View() const { return std::span(m_frames).first(m_count); }

  private:
    std::array<SentFrame, kMaxFramesPerPacket> m_frames{};
    std::size_t m_count = 0;
};

}  // namespace crsp
