// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/connection-table.h"

#include <algorithm>
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
    const ConnectionId peer = slot.connection->PeerId();
    if (FindByPeerId(peer) == &slot) m_peerIds.erase(peer);
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

ConnectionTable::Slot* ConnectionTable::FindByPeerId(ConnectionId id) const {
    return LookUp(m_peerIds, id);
}

ConnectionTable::Slot* ConnectionTable::HalfOpenTooManyOf(const PeerKey& peer) {
    Slot* oldest = nullptr;
    std::size_t count = 0;
    for (auto& [handle, slot] : m_slots) {
        if (!slot.halfOpen || slot.peer != peer) continue;
        ++count;
        if (!oldest || handle < oldest->handle) oldest = &slot;
    }
    return count < kMaxHalfOpenPerKey ? nullptr : oldest;
}

bool ConnectionTable::HalfOpenElsewhere(const Attempt& attempt) const {
    return std::any_of(m_slots.begin(), m_slots.end(), [&](const auto& entry) {
        const Slot& slot = entry.second;
        return slot.halfOpen && slot.attempt.id == attempt.id &&
               slot.attempt.content == attempt.content;
    });
}

bool ConnectionTable::HalfOpenTooManyFrom(const SocketAddress& source) const {
    const SocketAddress network = PrefixOf(source);
    const auto count = std::count_if(m_slots.begin(), m_slots.end(), [&](const auto& entry) {
        return entry.second.halfOpen && PrefixOf(entry.second.attempt.source) == network;
    });
    return static_cast<std::size_t>(count) >= kMaxHalfOpenPerNetwork;
}

}  // namespace crsp
