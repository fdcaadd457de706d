// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/deadline-queue.h"

namespace crsp {

void DeadlineQueue::Set(Key key, std::optional<TimePoint> deadline) {
    const auto found = m_slots.find(key);
    if (!deadline) {
        if (found != m_slots.end()) RemoveAt(found->second);
        return;
    }
    if (found == m_slots.end()) {
        m_heap.push_back({});
        Place(m_heap.size() - 1, {*deadline, key});
        SiftUp(m_heap.size() - 1);
        return;
    }
    const std::size_t slot = found->second;
    if (m_heap[slot].deadline == *deadline) return;
    m_heap[slot].deadline = *deadline;
    SiftUp(slot);
    SiftDown(m_slots[key]);
}

std::optional<TimePoint> DeadlineQueue::Next() const {
    if (m_heap.empty()) return std::nullopt;
    return m_heap.front().deadline;
}

std::optional<DeadlineQueue::Key> DeadlineQueue::PopDue(TimePoint now) {
    if (m_heap.empty() || m_heap.front().deadline > now) return std::nullopt;
    const Key key = m_heap.front().key;
    RemoveAt(0);
    return key;
}

void DeadlineQueue::Place(std::size_t slot, const Entry& entry) {
    m_heap[slot] = entry;
    m_slots[entry.key] = slot;
}

void DeadlineQueue::SiftUp(std::size_t slot) {
    const Entry entry = m_heap[slot];
    while (slot > 0 && entry < m_heap[(slot - 1) / 2]) {
        Place(slot, m_heap[(slot - 1) / 2]);
        slot = (slot - 1) / 2;
    }
    Place(slot, entry);
}

void DeadlineQueue::SiftDown(std::size_t slot) {
    const Entry entry = m_heap[slot];
    while (2 * slot + 1 < m_heap.size()) {
        std::size_t child = 2 * slot + 1;
        if (child + 1 < m_heap.size() && m_heap[child + 1] < m_heap[child]) ++child;
        if (!(m_heap[child] < entry)) break;
        Place(slot, m_heap[child]);
        slot = child;
    }
    Place(slot, entry);
}

void DeadlineQueue::RemoveAt(std::size_t slot) {
    m_slots.erase(m_heap[slot].key);
    const Entry last = m_heap.back();
    m_heap.pop_back();
    if (slot == m_heap.size()) return;
    Place(slot, last);
    SiftUp(slot);
    SiftDown(m_slots[last.key]);
}

}  // namespace crsp
