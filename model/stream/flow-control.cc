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

bool ReceiveCredit::GrantDue() const {
    return m_repeat || NextLimit() - m_limit >= m_step;
}

std::uint64_t ReceiveCredit::NextLimit() const {
    return std::min(m_consumed + m_window, kVarintMax);
}

void ReceiveCredit::OnGrantSent() {
    m_limit = NextLimit();
    m_repeat = false;
}

void ReceiveCredit::OnGrantLost(std::uint64_t limit) {
    if (limit == m_limit) m_repeat = true;
}

}  // namespace crsp
