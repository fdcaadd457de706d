// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/connection-table.h"

#include <utility>

namespace crsp {
namespace {

template <class Map, class Key>
std::optional<ConnectionHandle> LookUp(const Map& map, const Key& key) {
    const auto found = map.find(key);
    if (found == map.end()) return std::nullopt;
    return found->second;
}

}  // namespace

void ConnectionTable::Add(ConnectionHandle handle, std::unique_ptr<Connection> connection) {
    m_handles[connection->OwnId()] = handle;
    m_slots[handle].connection = std::move(connection);
}

void ConnectionTable::AddHalfOpen(ConnectionHandle handle, std::unique_ptr<Connection> connection,
                                  const Attempt& attempt) {
    Add(handle, std::move(connection));
    Slot& slot = m_slots.at(handle);
    slot.halfOpen = true;
    slot.attempt = attempt;
    m_attempts[attempt] = handle;
    ++m_halfOpen;
}

void ConnectionTable::Remove(ConnectionHandle handle) {
    Slot& slot = m_slots.at(handle);
    NoLongerHalfOpen(slot);
    if (OfAttempt(slot.attempt) == handle) m_attempts.erase(slot.attempt);
    m_handles.erase(slot.connection->OwnId());
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

std::optional<ConnectionHandle> ConnectionTable::OfId(ConnectionId id) const {
    return LookUp(m_handles, id);
}

std::optional<ConnectionHandle> ConnectionTable::OfAttempt(const Attempt& attempt) const {
    return LookUp(m_attempts, attempt);
}

}  // namespace crsp
