// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/flow-control.h"

#include <algorithm>

#include "model/base/assert.h"
#include "model/base/planted.h"
#include "model/base/varint.h"

namespace crsp {
bool SendCredit::Raise(std::uint64_t limit) {
    if (limit <= m_limit) return false;
    m_limit = limit;
    m_blockedDue = false;
    return true;
}

void SendCredit::Use(std::uint64_t amount) {
    CRSP_ASSERT(amount <= Available());
    m_used += amount;
}

void SendCredit::NoteBlocked() {
    if (Available() > 0 || m_blockedAt == m_limit) return;
    m_blockedAt = m_limit;
    m_blockedDue = true;
}

void SendCredit::OnBlockedLost(std::uint64_t limit) {
    if (limit == m_limit && Available() == 0) m_blockedDue = true;
}

ReceiveCredit::ReceiveCredit(std::uint64_t window, std::uint64_t step)
    : m_window(std::min(window, kVarintMax)),
      m_maximum(m_window),
      m_step(std::max<std::uint64_t>(step, 1)),
      m_limit(m_window) {}

ReceiveCredit ReceiveCredit::Growing(std::uint64_t window, std::uint64_t maximum) {
    if (maximum <= window) return ReceiveCredit(window);
    ReceiveCredit credit(window, window / kGrowingWindowPart);
    credit.m_maximum = std::min(maximum, kVarintMax);
    return credit;
}

bool ReceiveCredit::ReceiveTo(std::uint64_t total) {
    if (total > m_limit) return false;
    m_received = std::max(m_received, total);
    return true;
}

void ReceiveCredit::Consume(std::uint64_t amount) {
    m_consumed += amount;
    CRSP_ASSERT(m_consumed <= m_received);
}

void ReceiveCredit::Start(TimePoint now) {
    if (!m_since) m_since = now;
}

void ReceiveCredit::OnHeldUp(const PathView& path) {
    const bool pressed = m_limit - m_received <= m_window - m_step;
    if (MayGrow() && pressed && Fast(path, kGrowingRoundTrips)) m_starved = true;
}

void ReceiveCredit::OnStarved(std::uint64_t limit) {
    if (MayGrow() && limit == m_limit) m_starved = true;
}

bool ReceiveCredit::TakeHungry(const PathView& path) {
    if (m_judged || (!StepUsed() && !m_starved)) return false;
    m_judged = true;
    const bool hungry = m_starved || Fast(path, kGrowingRoundTrips);
    m_since = path.now;
    return hungry && MayGrow();
}

bool ReceiveCredit::Fast(const PathView& path, int roundTrips) const {
    return m_since && path.now - *m_since < roundTrips * path.smoothedRtt;
}

void ReceiveCredit::GrowTo(std::uint64_t window) {
    CRSP_ASSERT(window >= m_window && window <= m_maximum);
    m_window = window;
    m_step = std::max<std::uint64_t>(m_window / kGrowingWindowPart, 1);
    m_announce = true;
}

bool ReceiveCredit::GrantDue() const {
    return m_announce || m_starved || StepUsed();
}

std::uint64_t ReceiveCredit::NextLimit() const {
    return std::min(m_consumed + m_window, kVarintMax);
}

void ReceiveCredit::OnGrantSent() {
    m_limit = NextLimit();
    m_announce = m_starved = m_judged = false;
}

void ReceiveCredit::OnGrantLost(std::uint64_t limit) {
    if (limit == m_limit && !CRSP_PLANTED(kLostCreditNotRepeated)) m_announce = true;
}

}  // namespace crsp
