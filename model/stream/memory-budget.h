// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

namespace crsp {

/// A connection takes at most a part of what the others leave: half of what peers may have credit
/// for, and a quarter of what is buffered for them, which costs them nothing.
inline constexpr std::uint64_t kReceiveParts = 2;
inline constexpr std::uint64_t kSendParts = 4;

/// Bytes that all connections of an endpoint together have given their peers credit for, or may
/// buffer for them.
///
/// What a connection begins with is always there; growth ends where the limit would be passed.
class MemoryBudget {
  public:
    explicit MemoryBudget(std::uint64_t limit) : m_limit(limit) {}

    /// Takes `bytes`, also beyond the limit.
    void Take(std::uint64_t bytes) { m_used += bytes; }
    /// How many more a connection may take that has taken `own`, one of `parts` of what the others
    /// leave being its share: so no few of them take all.
    std::uint64_t Share(std::uint64_t own, std::uint64_t parts) const {
        const std::uint64_t others = m_used - own;
        const std::uint64_t share = (m_limit - std::min(m_limit, others)) / parts;
        return share - std::min(share, own);
    }
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
