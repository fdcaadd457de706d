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
                                                    HandshakeMode mode, const Attempt& attempt) {
    Slot& slot = Add(handle, std::move(connection));
    slot.halfOpen = true;
    slot.mode = mode;
    slot.attempt = attempt;
    m_attempts[attempt] = &slot;
    m_halfOpen.push_back(&slot);
    return slot;
}

void ConnectionTable::OnPeerIdKnown(Slot& slot) {
    const ConnectionId id = slot.connection->PeerId();
    // Peers choose their ids: the one that took another's must not be found in its place.
    if (!slot.peerId && id != 0 && m_peerIds.try_emplace(id, &slot).second) slot.peerId = id;
}

void ConnectionTable::Remove(ConnectionHandle handle) {
    Slot& slot = *Find(handle);
    NoLongerHalfOpen(slot);
    if (FindByAttempt(slot.attempt) == &slot) m_attempts.erase(slot.attempt);
    if (slot.peerId) m_peerIds.erase(*slot.peerId);
    m_ids.erase(slot.connection->OwnId());
    m_ended.erase(handle);
    m_slots.erase(handle);
}

void ConnectionTable::NoLongerHalfOpen(Slot& slot) {
    if (slot.halfOpen) m_halfOpen.erase(std::find(m_halfOpen.begin(), m_halfOpen.end(), &slot));
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

ConnectionTable::Slot* ConnectionTable::HalfOpenTooManyOf(const PeerKey& peer) const {
    const auto with = [&](const Slot* slot) { return slot->peer == peer; };
    const auto count = std::count_if(m_halfOpen.begin(), m_halfOpen.end(), with);
    if (static_cast<std::size_t>(count) < kMaxHalfOpenPerKey) return nullptr;
    return *std::find_if(m_halfOpen.begin(), m_halfOpen.end(), with);
}

ConnectionTable::Copies ConnectionTable::HalfOpenOf(const Attempt& attempt) const {
    Copies copies;
    for (Slot* slot : m_halfOpen) {
        if (slot->attempt.content != attempt.content) continue;
        ++copies.count;
        copies.newest = slot;
    }
    return copies;
}

bool ConnectionTable::MayPair(const SocketAddress& source) const {
    const SocketAddress network = PrefixOf(source);
    std::size_t count = 0;
    for (const Slot* slot : m_halfOpen) {
        if (slot->mode != HandshakeMode::kPairing) continue;
        if (PrefixOf(slot->attempt.source) == network) return false;
        ++count;
    }
    return count < kMaxHalfOpenPairings;
}

ConnectionTable::Slot* ConnectionTable::OldestHalfOpen() const {
    const auto found = std::find_if(m_halfOpen.begin(), m_halfOpen.end(), [](const Slot* slot) {
        return slot->mode != HandshakeMode::kPairing;
    });
    return found == m_halfOpen.end() ? nullptr : *found;
}

ConnectionTable::Slot* ConnectionTable::OldestEnded() {
    return m_ended.empty() ? nullptr : Find(*m_ended.begin());
}

bool ConnectionTable::HalfOpenTooManyFrom(const SocketAddress& source) const {
    const SocketAddress network = PrefixOf(source);
    const auto count = std::count_if(m_halfOpen.begin(), m_halfOpen.end(), [&](const Slot* slot) {
        return PrefixOf(slot->attempt.source) == network;
    });
    return static_cast<std::size_t>(count) >= kMaxHalfOpenPerNetwork;
}

}  // namespace crsp
