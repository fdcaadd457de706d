// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "model/base/assert.h"

namespace crsp {

/// First-in, first-out queue in a ring that doubles when full and keeps its memory, so that steady
/// use allocates nothing (std::deque allocates and frees as it moves).
template <class T>
class RingQueue {
  public:
    bool Empty() const { return m_size == 0; }
    std::size_t Size() const { return m_size; }

    T& Front() {
        CRSP_ASSERT(!Empty());
        return m_slots[m_head];
    }

    /// The element `index` places behind the front.
    T& operator[](std::size_t index) {
        CRSP_ASSERT(index < m_size);
        return m_slots[(m_head + index) & (m_slots.size() - 1)];
    }
    const T& operator[](std::size_t index) const {
        CRSP_ASSERT(index < m_size);
        return m_slots[(m_head + index) & (m_slots.size() - 1)];
    }

    void Push(T value) {
        if (m_size == m_slots.size()) Grow();
        m_slots[(m_head + m_size++) & (m_slots.size() - 1)] = std::move(value);
    }

    T Pop() {
        T value = std::exchange(Front(), T{});
        m_head = (m_head + 1) & (m_slots.size() - 1);
        --m_size;
        return value;
    }

  private:
    static constexpr std::size_t kFirstCapacity = 8;

    void Grow() {
        std::vector<T> larger(m_slots.empty() ? kFirstCapacity : 2 * m_slots.size());
        for (std::size_t i = 0; i < m_size; ++i) {
            larger[i] = std::move(m_slots[(m_head + i) & (m_slots.size() - 1)]);
        }
        m_slots = std::move(larger);
        m_head = 0;
    }

    std::vector<T> m_slots;
    std::size_t m_head = 0;
    std::size_t m_size = 0;
};

}  // namespace crsp
