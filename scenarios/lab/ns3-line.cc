// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-line.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "ns3/abort.h"
#include "ns3/callback.h"
#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/queue-size.h"
#include "ns3/queue.h"
#include "ns3/simulator.h"
#include "scenarios/lab/ns3-discipline.h"

namespace crsp::lab {
namespace {

/// How long a link without a later step stays at rate zero.
constexpr Duration kForever = seconds(1'000'000);

/// At an opportunity of a trace a packet takes next to no time.
constexpr double kAtOnce = 1e12;
/// Of a point-to-point link; it is no part of what a trace delivers.
constexpr std::uint32_t kPppHeader = 2;

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

Duration Now() {
    return nanoseconds(ns3::Simulator::Now().GetNanoSeconds());
}

}  // namespace

Ns3Line::Ns3Line(const Scenario& scenario, const LinkSpec& link,
                 ns3::Ptr<ns3::PointToPointNetDevice> device,
                 ns3::Ptr<ns3::CrspImpairedChannel> channel, std::uint32_t direction)
    : m_link(link),
      m_access(scenario.access),
      m_rates(RatesUntil(link, scenario.stop)),
      m_delay(link.delay),
      m_jitter(link.jitter),
      m_device(device),
      m_channel(channel),
      m_direction(direction) {
    const auto steps = StepsUntil(link, scenario.stop);
    for (const LinkStep& step : steps) {
        ns3::Simulator::Schedule(ToNs3(step.at), [this, step] { Take(step); });
    }
    std::function<void(ns3::Ptr<const ns3::Packet>)> begins;
    if (link.trace) {
        SetQueue(link.rate);
        m_device->SetDataRate(ns3::DataRate(static_cast<std::uint64_t>(kAtOnce)));
        m_opportunities.emplace(*link.trace);
        begins = [this](auto packet) { OnOpportunity(packet); };
    } else {
        SetRate(link.rate);
        if (!steps.empty()) begins = [this](auto packet) { OnTransmission(packet); };
    }
    if (!begins) return;
    const bool connected = device->TraceConnectWithoutContext(
        "PhyTxBegin", ns3::Callback<void, ns3::Ptr<const ns3::Packet>>(begins));
    NS_ABORT_MSG_UNLESS(connected, "no trace source PhyTxBegin");
}

void Ns3Line::InstallDiscipline() {
    if (m_link.discipline == QueueKind::kDropTail) return;
    m_discipline = InstallQueueDiscipline(m_link, QueueBytes(m_link, m_access), m_device);
}

void Ns3Line::SetRate(double rate) {
    m_device->SetDataRate(ns3::DataRate(static_cast<std::uint64_t>(rate)));
    SetQueue(rate);
}

void Ns3Line::SetQueue(double rate) {
    if (m_link.discipline != QueueKind::kDropTail) return;
    const auto bytes = std::max<std::uint64_t>(QueueBytes(m_link, m_access, rate),
                                               m_device->GetQueue()->GetNBytes());
    m_device->GetQueue()->SetMaxSize(ns3::QueueSize(fmt::format("{}B", bytes)));
}

/// A rate of zero is not the device's: see OnTransmission.
void Ns3Line::Take(const LinkStep& step) {
    if (step.rate && *step.rate > 0) SetRate(*step.rate);
    if (!step.delay && !step.jitter) return;
    m_delay = step.delay.value_or(m_delay);
    m_jitter = step.jitter.value_or(m_jitter);
    m_channel->ChangeDelay(m_direction, ToNs3(m_delay), JitterOf(m_link, m_jitter));
}

/// The device calls this just before it works out when the packet's transmission ends: the gap
/// behind it, and the channel, make that a transmission that begins at the end of the pause.
void Ns3Line::OnTransmission(ns3::Ptr<const ns3::Packet>) {
    HoldUntil(PauseEnd(Now()));
}

/// The next packet in line may have the rest of the same opportunity: so it begins at its instant,
/// and not when this one has been transmitted.
void Ns3Line::OnOpportunity(ns3::Ptr<const ns3::Packet> packet) {
    HoldUntil(m_opportunities->Deliver(Now(), packet->GetSize() - kPppHeader));
    const auto transmission =
        ns3::DataRate(static_cast<std::uint64_t>(kAtOnce)).CalculateBytesTxTime(packet->GetSize());
    m_device->SetInterframeGap(m_heldUntil - ns3::Simulator::Now() - transmission);
}

void Ns3Line::HoldUntil(Duration end) {
    m_heldUntil = ToNs3(end);
    m_device->SetInterframeGap(m_heldUntil - ns3::Simulator::Now());
    m_channel->HoldUntil(m_direction, m_heldUntil);
}

/// The end of the pause that `now` lies in; `now` if it lies in none.
Duration Ns3Line::PauseEnd(Duration now) const {
    auto next = std::find_if(m_rates.begin(), m_rates.end(),
                             [&](const RateFrom& rate) { return rate.at > now; });
    if (std::prev(next)->rate > 0) return now;
    next = std::find_if(next, m_rates.end(), [](const RateFrom& rate) { return rate.rate > 0; });
    return next == m_rates.end() ? now + kForever : next->at;
}

}  // namespace crsp::lab
