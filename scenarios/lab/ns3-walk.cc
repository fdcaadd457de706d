// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-walk.h"

#include <algorithm>
#include <cmath>

#include "ns3/constant-position-mobility-model.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"

namespace crsp::lab {
namespace {

/// How often a station that walks is moved.
constexpr auto kStep = milliseconds(100);

/// Distance from the middle, m, after `time` of walking there and back.
double DistanceAt(const WalkSpec& walk, double time) {
    const double length = walk.far - walk.distance;
    if (length <= 0) return walk.distance;
    const double walked = std::fmod(time * walk.speed, 2 * length);
    return walk.distance + std::min(walked, 2 * length - walked);
}

void Go(const WalkSpec& walk, const ns3::Vector& middle, ns3::Ptr<ns3::Node> station,
        double angle) {
    const double distance = DistanceAt(walk, ns3::Simulator::Now().GetSeconds());
    Stand(station,
          {middle.x + distance * std::cos(angle), middle.y + distance * std::sin(angle), 0});
    if (walk.speed <= 0) return;
    ns3::Simulator::Schedule(ns3::NanoSeconds(Duration(kStep).count()),
                             [=] { Go(walk, middle, station, angle); });
}

}  // namespace

void Stand(ns3::Ptr<ns3::Node> node, const ns3::Vector& where) {
    auto mobility = node->GetObject<ns3::MobilityModel>();
    if (!mobility) {
        mobility = ns3::CreateObject<ns3::ConstantPositionMobilityModel>();
        node->AggregateObject(mobility);
    }
    mobility->SetPosition(where);
}

void Walk(const WalkSpec& walk, const ns3::Vector& middle, ns3::Ptr<ns3::Node> station,
          std::size_t index, std::size_t count) {
    Go(walk, middle, station, 2 * M_PI * static_cast<double>(index) / static_cast<double>(count));
}

}  // namespace crsp::lab
