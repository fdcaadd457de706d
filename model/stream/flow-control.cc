// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/flow-control.h"

#include <algorithm>

#include "model/base/assert.h"
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
      m_step(std::max<std::uint64_t>(step, 1)),
      m_limit(m_window) {}

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

void ReceiveCredit::OnStarved(std::uint64_t limit) {
    if (limit == m_limit) m_starved = true;
}

bool ReceiveCredit::TakeHungry(const PathView& path) {
    const bool stepUsed = NextLimit() - m_limit >= m_step;
    if (m_judged || (!stepUsed && !m_starved)) return false;
    m_judged = true;
    const bool fast = m_since && path.now - *m_since < kWindowRounds * path.smoothedRtt;
    m_since = path.now;
    return m_starved || fast;
}

void ReceiveCredit::GrowTo(std::uint64_t window) {
    CRSP_ASSERT(window >= m_window);
    m_window = std::min(window, kVarintMax);
    m_step = std::max<std::uint64_t>(m_window / 2, 1);
    m_announce = true;
}

bool ReceiveCredit::GrantDue() const {
    return m_announce || m_starved || NextLimit() - m_limit >= m_step;
}

std::uint64_t ReceiveCredit::NextLimit() const {
    return std::min(m_consumed + m_window, kVarintMax);
}

void ReceiveCredit::OnGrantSent() {
    m_limit = NextLimit();
    m_announce = m_starved = m_judged = false;
}

void ReceiveCredit::OnGrantLost(std::uint64_t limit) {
    if (limit == m_limit) m_announce = true;
}

}  // namespace crsp
