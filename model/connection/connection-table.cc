// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/connection-table.h"

#include <utility>

namespace crsp {
namespace {

template <class Map, class Key>
ConnectionTable::Slot* LookUp(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : found->second;
}

}  // namespace

ConnectionTable::Slot& ConnectionTable::Add(ConnectionHandle handle,
                                            std::unique_ptr<Connection> connection) {
    Slot& slot = m_slots[handle];
    slot.handle = handle;
    slot.connection = std::move(connection);
    m_ids[slot.connection->OwnId()] = &slot;
    return slot;
}

ConnectionTable::Slot& ConnectionTable::AddHalfOpen(ConnectionHandle handle,
                                                    std::unique_ptr<Connection> connection,
                                                    const Attempt& attempt) {
    Slot& slot = Add(handle, std::move(connection));
    slot.halfOpen = true;
    slot.attempt = attempt;
    m_attempts[attempt] = &slot;
    ++m_halfOpen;
    return slot;
}

void ConnectionTable::Remove(ConnectionHandle handle) {
    Slot& slot = *Find(handle);
    NoLongerHalfOpen(slot);
    if (FindByAttempt(slot.attempt) == &slot) m_attempts.erase(slot.attempt);
    m_ids.erase(slot.connection->OwnId());
    m_slots.erase(handle);
}

void ConnectionTable::NoLongerHalfOpen(Slot& slot) {
    if (slot.halfOpen) --m_halfOpen;
    slot.halfOpen = false;
}

ConnectionTable::Slot* ConnectionTable::Find(ConnectionHandle handle) {
    const auto found = m_slots.find(handle);
    return found == m_slots.end() ? nullptr : &found->second;
}

const ConnectionTable::Slot* ConnectionTable::Find(ConnectionHandle handle) const {
    const auto found = m_slots.find(handle);
    return found == m_slots.end() ? nullptr : &found->second;
}

ConnectionTable::Slot* ConnectionTable::FindById(ConnectionId id) const {
    return LookUp(m_ids, id);
}

ConnectionTable::Slot* ConnectionTable::FindByAttempt(const Attempt& attempt) const {
    return LookUp(m_attempts, attempt);
}

}  // namespace crsp
