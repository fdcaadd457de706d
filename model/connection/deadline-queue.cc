// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/deadline-queue.h"

namespace crsp {

void DeadlineQueue::Set(Key key, std::optional<TimePoint> deadline) {
    std::size_t& slot = m_slots.try_emplace(key, kNoSlot).first->second;
    if (!deadline) {
        if (slot != kNoSlot) RemoveAt(slot);
        return;
    }
    if (slot == kNoSlot) {
        slot = m_heap.size();
        m_heap.push_back({*deadline, key});
        SiftUp(slot);
        return;
    }
    if (m_heap[slot].deadline == *deadline) return;
    m_heap[slot].deadline = *deadline;
    SiftDown(SiftUp(slot));
}

void DeadlineQueue::Forget(Key key) {
    Set(key, std::nullopt);
    m_slots.erase(key);
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

std::size_t DeadlineQueue::SiftUp(std::size_t slot) {
    const std::size_t start = slot;
    const Entry entry = m_heap[slot];
    while (slot > 0 && entry < m_heap[(slot - 1) / 2]) {
        Place(slot, m_heap[(slot - 1) / 2]);
        slot = (slot - 1) / 2;
    }
    if (slot != start) Place(slot, entry);
    return slot;
}

void DeadlineQueue::SiftDown(std::size_t slot) {
    const std::size_t start = slot;
    const Entry entry = m_heap[slot];
    while (2 * slot + 1 < m_heap.size()) {
        std::size_t child = 2 * slot + 1;
        if (child + 1 < m_heap.size() && m_heap[child + 1] < m_heap[child]) ++child;
        if (!(m_heap[child] < entry)) break;
        Place(slot, m_heap[child]);
        slot = child;
    }
    if (slot != start) Place(slot, entry);
}

void DeadlineQueue::RemoveAt(std::size_t slot) {
    m_slots[m_heap[slot].key] = kNoSlot;
    const Entry last = m_heap.back();
    m_heap.pop_back();
    if (slot == m_heap.size()) return;
    Place(slot, last);
    SiftDown(SiftUp(slot));
}

}  // namespace crsp
