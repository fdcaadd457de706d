// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/delivery-queue.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "apps/live/asio-host.h"

namespace crsp {
namespace {

/// Deliveries per turn before sockets get their chance.
constexpr int kDeliveriesPerTurn = 256;

}  // namespace

void LatenessHistogram::Add(Duration lateness) {
    lateness = std::max(lateness, Duration::zero());
    const auto us =
        static_cast<std::uint64_t>(std::chrono::duration_cast<microseconds>(lateness).count());
    const auto bucket = std::min<std::size_t>(std::bit_width(us), m_buckets.size() - 1);
    ++m_buckets[bucket];
    ++m_count;
    m_sum += lateness;
    m_max = std::max(m_max, lateness);
}

Duration LatenessHistogram::Mean() const {
    return m_count == 0 ? Duration::zero() : m_sum / static_cast<std::int64_t>(m_count);
}

Duration LatenessHistogram::Quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(m_count)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < m_buckets.size(); ++i) {
        seen += m_buckets[i];
        if (seen >= wanted) return std::min<Duration>(m_max, microseconds(std::int64_t{1} << i));
    }
    return m_max;
}

DeliveryQueue::DeliveryQueue(boost::asio::io_context& io) : m_timer(io) {}

bool DeliveryQueue::Add(TimePoint at, ConstByteSpan datagram, Deliver deliver) {
    if (m_bytes + datagram.size() > kMaxQueuedBytes) return false;
    const auto slot = TakeSlot();
    m_slots[slot].bytes.assign(datagram.begin(), datagram.end());
    m_slots[slot].deliver = std::move(deliver);
    m_bytes += datagram.size();
    m_heap.push_back({at, m_sequence++, slot});
    std::push_heap(m_heap.begin(), m_heap.end(), Later);
    if (!m_armedFor || at < *m_armedFor) Arm();
    return true;
}

bool DeliveryQueue::Later(const Item& a, const Item& b) {
    return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
}

std::size_t DeliveryQueue::TakeSlot() {
    if (m_free.empty()) {
        m_slots.emplace_back();
        return m_slots.size() - 1;
    }
    const auto slot = m_free.back();
    m_free.pop_back();
    return slot;
}

void DeliveryQueue::Arm() {
    m_armedFor = m_heap.front().at;
    m_timer.expires_at(std::chrono::steady_clock::time_point(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            m_armedFor->time_since_epoch())));
    m_timer.async_wait([this](const boost::system::error_code& error) {
        if (!error) OnTimer();
    });
}

void DeliveryQueue::OnTimer() {
    m_armedFor.reset();
    for (int i = 0; i < kDeliveriesPerTurn && !m_heap.empty(); ++i) {
        const auto now = SteadyNow();
        if (m_heap.front().at > now) break;
        DeliverFirst(now);
    }
    if (!m_heap.empty()) Arm();
}

void DeliveryQueue::DeliverFirst(TimePoint now) {
    std::pop_heap(m_heap.begin(), m_heap.end(), Later);
    const auto item = m_heap.back();
    m_heap.pop_back();
    auto& slot = m_slots[item.slot];
    m_lateness.Add(now - item.at);
    slot.deliver(slot.bytes);
    slot.deliver = nullptr;
    m_bytes -= slot.bytes.size();
    m_free.push_back(item.slot);
}

}  // namespace crsp
