// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-first-of-type.h"

#include <algorithm>
#include <variant>

#include "ns3/abort.h"
#include "ns3/callback.h"
#include "ns3/node-list.h"
#include "ns3/node.h"
#include "ns3/tag.h"
#include "scenarios/lab/ns3-filter.h"

namespace crsp::lab {
namespace {

/// On a packet that is to be lost.
class MarkTag : public ns3::Tag {
  public:
    static ns3::TypeId GetTypeId() {
        static ns3::TypeId tid = ns3::TypeId("crsp::lab::MarkTag")
                                     .SetParent<ns3::Tag>()
                                     .AddConstructor<MarkTag>()
                                     .SetGroupName("Crsp");
        return tid;
    }
    ns3::TypeId GetInstanceTypeId() const override { return GetTypeId(); }
    std::uint32_t GetSerializedSize() const override { return 0; }
    void Serialize(ns3::TagBuffer) const override {}
    void Deserialize(ns3::TagBuffer) override {}
    void Print(std::ostream& os) const override { os << "to be lost"; }
};

bool HasStreamFrame(std::string_view frames) {
    for (std::size_t at = 0; at <= frames.size();) {
        const std::size_t end = std::min(frames.find(',', at), frames.size());
        if (frames.substr(at, end - at) == "stream") return true;
        at = end + 1;
    }
    return false;
}

/// Every point-to-point device loses what is marked.
void FilterEverywhere(std::uint64_t& packets) {
    for (auto node = ns3::NodeList::Begin(); node != ns3::NodeList::End(); ++node) {
        for (std::uint32_t i = 0; i < (*node)->GetNDevices(); ++i) {
            const auto device = ns3::DynamicCast<ns3::PointToPointNetDevice>((*node)->GetDevice(i));
            if (!device) continue;
            Ns3Filter::Add(device, [&packets](ns3::Ptr<const ns3::Packet> packet) {
                MarkTag tag;
                const bool marked = packet->PeekPacketTag(tag);
                if (marked) ++packets;
                return marked;
            });
        }
    }
}

}  // namespace

void Ns3Ear::Connect(ns3::Ptr<ns3::CrspApplication> application) {
    const std::function<void(ns3::Ptr<const ns3::Packet>, const ns3::Address&)> leaving =
        [this](auto packet, const auto&) { OnLeaving(packet); };
    const bool connected = application->TraceConnectWithoutContext(
        "Tx", ns3::Callback<void, ns3::Ptr<const ns3::Packet>, const ns3::Address&>(leaving));
    NS_ABORT_MSG_UNLESS(connected, "no trace source Tx");
}

void Ns3Ear::OnEvent(TimePoint now, std::uint64_t group, const TraceEvent& event) {
    if (m_inner) m_inner->OnEvent(now, group, event);
    if (const auto* media = std::get_if<trace::MediaEvent>(&event)) On(*media);
    if (const auto* sent = std::get_if<trace::PacketSent>(&event)) On(*sent);
}

/// The header of contents is not traced where it is sent; it is what answers RENDER.
void Ns3Ear::On(const trace::MediaEvent& event) {
    const bool contents = event.name == "render" && event.detail == "received";
    if (event.detail != "sent" && !contents) return;
    const auto [type, first] = m_lost.emplace(contents ? "contents" : event.name);
    m_armed = m_armed || first;
}

void Ns3Ear::On(const trace::PacketSent& event) {
    const bool carries = m_armed && HasStreamFrame(event.frames);
    if (carries) m_armed = false;
    m_built.push_back({event.length, carries});
}

void Ns3Ear::OnLeaving(ns3::Ptr<const ns3::Packet> packet) {
    // Resets and the like leave without having been traced.
    if (m_built.empty() || m_built.front().bytes != packet->GetSize()) return;
    if (m_built.front().marked) packet->AddPacketTag(MarkTag());
    m_built.pop_front();
}

Ns3FirstOfType::Ns3FirstOfType() {
    FilterEverywhere(m_packets);
}

Tracer* Ns3FirstOfType::Listen(Tracer* inner) {
    m_ears.push_back(std::make_unique<Ns3Ear>(inner, m_lost));
    return m_ears.back().get();
}

}  // namespace crsp::lab
