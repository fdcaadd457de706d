// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-extra-traces.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <map>
#include <queue>
#include <system_error>
#include <vector>

#include "ns3/channel.h"
#include "ns3/mobility-model.h"
#include "ns3/net-device.h"
#include "ns3/node-list.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/trace-helper.h"

namespace crsp::lab {
namespace {

/// Between nodes in the picture.
constexpr double kColumn = 30;
constexpr double kRow = 15;

std::vector<ns3::Ptr<ns3::Node>> Neighbours(ns3::Ptr<ns3::Node> node) {
    std::vector<ns3::Ptr<ns3::Node>> neighbours;
    for (std::uint32_t i = 0; i < node->GetNDevices(); ++i) {
        const auto channel = node->GetDevice(i)->GetChannel();
        for (std::size_t j = 0; channel && j < channel->GetNDevices(); ++j) {
            neighbours.push_back(channel->GetDevice(j)->GetNode());
        }
    }
    return neighbours;
}

/// Hops from `first`; nodes that cannot be reached are left out.
std::map<std::uint32_t, int> Distances(ns3::Ptr<ns3::Node> first) {
    std::map<std::uint32_t, int> distances{{first->GetId(), 0}};
    std::queue<ns3::Ptr<ns3::Node>> open;
    open.push(first);
    while (!open.empty()) {
        const auto node = open.front();
        open.pop();
        for (const auto& next : Neighbours(node)) {
            if (distances.emplace(next->GetId(), distances[node->GetId()] + 1).second) {
                open.push(next);
            }
        }
    }
    return distances;
}

/// Whoever moves, or was put somewhere, stays where it is.
void Place(ns3::Ptr<ns3::Node> first) {
    std::map<int, int> rows;
    for (const auto& [id, distance] : Distances(first)) {
        const auto node = ns3::NodeList::GetNode(id);
        if (node->GetObject<ns3::MobilityModel>()) continue;
        ns3::AnimationInterface::SetConstantPosition(node, kColumn * distance,
                                                     kRow * rows[distance]++);
    }
}

/// Readers of keys refuse those that others may read.
std::FILE* OpenKeys(const std::string& path) {
    const int descriptor =
        open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    std::FILE* file = descriptor < 0 ? nullptr : fdopen(descriptor, "wb");
    if (!file) throw std::system_error(errno, std::generic_category(), path);
    return file;
}

}  // namespace

Ns3ExtraTraces::Ns3ExtraTraces(const ExtraTraces& traces, const std::string& folder,
                               ns3::Ptr<ns3::Node> first)
    : m_folder(folder) {
    if (folder.empty()) return;
    if (traces.keyLog) m_keys.reset(OpenKeys(folder + "/keys.log"));
    if (traces.netAnim) {
        Place(first);
        m_animation = std::make_unique<ns3::AnimationInterface>(folder + "/netanim.xml");
    }
    if (traces.ascii) {
        const auto stream = ns3::AsciiTraceHelper().CreateFileStream(folder + "/ascii.tr");
        ns3::PointToPointHelper().EnableAsciiAll(stream);
    }
    if (traces.flowMonitor) m_flows = m_flowHelper.InstallAll();
}

Ns3ExtraTraces::~Ns3ExtraTraces() = default;

KeyLog Ns3ExtraTraces::GetKeyLog() const {
    if (!m_keys) return {};
    return [file = m_keys.get()](const TrafficSecret& secret) {
        std::fputs(KeyLogLine(secret).c_str(), file);
    };
}

void Ns3ExtraTraces::Finish() {
    m_animation.reset();
    if (!m_flows) return;
    m_flows->CheckForLostPackets();
    m_flows->SerializeToXmlFile(m_folder + "/flow-monitor.xml", true, true);
    // It refers to itself, and would be checked for lost packets for ever.
    m_flows->Dispose();
}

}  // namespace crsp::lab
