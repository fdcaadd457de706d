// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "apps/ns3/crsp-application.h"
#include "model/trace/tracer.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"

namespace crsp::lab {

/// Message types whose first packet was picked to be lost, by name.
using TypesLost = std::set<std::string, std::less<>>;

/// Listens to one node: which of the datagrams that it builds is the first with a message of a type
/// that nobody has sent before. That one is marked as it leaves. Nobody could see it in the packet.
class Ns3Ear : public Tracer {
  public:
    /// `inner`, which may be null, sees all; both arguments outlive this.
    Ns3Ear(Tracer* inner, TypesLost& lost) : m_inner(inner), m_lost(lost) {}

    /// The application that traces to this.
    void Connect(ns3::Ptr<ns3::CrspApplication> application);
    void OnEvent(TimePoint now, std::uint64_t group, const TraceEvent& event) override;

  private:
    /// A datagram that was built and has not left.
    struct Built {
        std::size_t bytes = 0;
        bool marked = false;
    };

    void On(const trace::MediaEvent& event);
    void On(const trace::PacketSent& event);
    void OnLeaving(ns3::Ptr<const ns3::Packet> packet);

    Tracer* m_inner;
    TypesLost& m_lost;
    bool m_armed = false;
    std::deque<Built> m_built;
};

/// The ears of all nodes of a simulation, and the end of what they mark. Lives as long as it.
class Ns3FirstOfType {
  public:
    /// Once all point-to-point links are there.
    Ns3FirstOfType();
    Ns3FirstOfType(const Ns3FirstOfType&) = delete;
    Ns3FirstOfType& operator=(const Ns3FirstOfType&) = delete;

    /// What a node's role and application are to trace to, in place of `inner`.
    Tracer* Listen(Tracer* inner);
    /// Packets that were lost so.
    std::uint64_t Packets() const { return m_packets; }

  private:
    TypesLost m_lost;
    std::uint64_t m_packets = 0;
    std::vector<std::unique_ptr<Ns3Ear>> m_ears;
};

}  // namespace crsp::lab
