// SPDX-License-Identifier: BSD-3-Clause
#include "model/host/driver.h"

#include <algorithm>

namespace crsp {
namespace {

/// Datagrams in one train.
constexpr std::size_t kSegmentsPerTrain = 16;
/// A train stays within one UDP GSO send.
constexpr std::size_t kMaxTrainBytes = 64'000;

std::optional<TimePoint> Earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
    if (!a) return b;
    if (!b) return a;
    return std::min(*a, *b);
}

}  // namespace

Driver::Driver(Host& host, Endpoint& endpoint, Role& role, DriverObserver* observer)
    : m_host(host),
      m_endpoint(endpoint),
      m_role(role),
      m_observer(observer),
      m_buffer(std::min(kSegmentsPerTrain * endpoint.MaxDatagramSize(), kMaxTrainBytes)) {}

void Driver::Start() {
    m_role.OnStart(m_host.Now(), m_endpoint);
    Pump();
}

void Driver::OnDatagram(const Datagram& datagram) {
    const TimePoint now = m_host.Now();
    if (m_observer) m_observer->OnInputDatagram(now, datagram);
    m_endpoint.HandleDatagram(now, datagram);
}

void Driver::OnAlarm() {
    const TimePoint now = m_host.Now();
    if (m_observer) m_observer->OnInputAlarm(now);
    m_endpoint.HandleTimeout(now);
    m_role.OnTimeout(now, m_endpoint);
    Pump();
}

void Driver::Pump() {
    const TimePoint now = m_host.Now();
    if (m_observer) m_observer->OnInputPump(now);
    DeliverEvents(now);
    // Sending can end a connection, which the role has to hear of as well.
    do {
        if (!SendAll(now)) return m_host.SetAlarm(std::nullopt);
    } while (DeliverEvents(now));
    m_host.SetAlarm(Earlier(m_endpoint.NextTimeout(), m_role.NextTimeout()));
}

void Driver::Shutdown() {
    m_role.OnShutdown(m_host.Now(), m_endpoint);
    Pump();
}

bool Driver::DeliverEvents(TimePoint now) {
    bool any = false;
    while (const auto event = m_endpoint.PollEvent()) {
        m_role.OnEvent(now, *event, m_endpoint);
        any = true;
    }
    return any;
}

bool Driver::SendAll(TimePoint now) {
    if (!SendPending(now)) return false;
    while ((m_pending = m_endpoint.PollTransmit(now, m_buffer))) {
        if (!SendPending(now)) return false;
    }
    return true;
}

bool Driver::SendPending(TimePoint now) {
    if (!m_pending) return true;
    const auto bytes = ConstByteSpan(m_buffer).first(m_pending->size);
    if (!m_host.Send(*m_pending, bytes)) return false;
    if (m_observer) m_observer->OnOutput(now, *m_pending, bytes);
    m_pending.reset();
    return true;
}

}  // namespace crsp
