// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

namespace crsp {

/// Bytes that all connections of an endpoint together have given their peers credit for, or may
/// buffer for them.
///
/// What a connection begins with is always there; growth ends where the limit would be passed.
class MemoryBudget {
  public:
    explicit MemoryBudget(std::uint64_t limit) : m_limit(limit) {}

    /// Takes `bytes`, also beyond the limit.
    void Take(std::uint64_t bytes) { m_used += bytes; }
    /// Takes `bytes` if they keep within the limit.
    bool TryTake(std::uint64_t bytes) {
        if (m_used >= m_limit || bytes > m_limit - m_used) return false;
        m_used += bytes;
        return true;
    }
    /// How many TryTake() would give at most.
    std::uint64_t Left() const { return m_limit - std::min(m_limit, m_used); }
    void Return(std::uint64_t bytes) { m_used -= bytes; }
    std::uint64_t Used() const { return m_used; }

  private:
    std::uint64_t m_limit;
    std::uint64_t m_used = 0;
};

/// Shared by the connections of an endpoint, and outlive them; null sets no limit.
struct MemoryBudgets {
    MemoryBudget* receive = nullptr;
    MemoryBudget* send = nullptr;
};

}  // namespace crsp
