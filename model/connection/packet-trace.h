// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/recovery/congestion-controller.h"
#include "model/trace/tracer.h"
#include "model/wire/frames.h"
#include "model/wire/sent-frame.h"

namespace crsp {

/// One connection's way to the tracer. Without a tracer every call costs a null check.
class PacketTrace {
  public:
    PacketTrace(Tracer* tracer, std::uint64_t group)
        : m_tracer(tracer), m_packets(tracer && tracer->WantsPackets()), m_group(group) {}

    bool Enabled() const { return m_tracer != nullptr; }
    void Emit(TimePoint now, const TraceEvent& event) {
        if (m_tracer) m_tracer->OnEvent(now, m_group, event);
    }

    /// Whether single packets are to be told.
    bool OfPackets() const { return m_packets; }
    /// Starts the list of frame names of the next packet.
    void Begin() {
        m_names.clear();
        m_parts.clear();
    }
    void Add(const Frame& frame) {
        if (m_packets) Append(frame);
    }
    void Add(const SentFrameList& frames);
    void AddName(std::string_view name) {
        if (m_packets) Append(name);
    }
    std::string_view Names() const { return m_names; }
    /// What the STREAM frames among them carried.
    std::span<const trace::StreamPart> Parts() const { return m_parts; }
    /// Two lists of which either may be empty; nothing is told if both are.
    void Acked(TimePoint now, SentPacketRefs late, SentPacketRefs packets);

  private:
    void Append(std::string_view name);
    void Append(const Frame& frame);

    Tracer* m_tracer;
    bool m_packets;
    std::uint64_t m_group;
    std::string m_names;  ///< kept for its capacity
    std::vector<trace::StreamPart> m_parts;
};

}  // namespace crsp
