// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/socket-address.h"
#include "model/connection/connection.h"
#include "model/crypto/mac.h"
#include "model/wire/types.h"

namespace crsp {

/// Responders' handshakes not yet confirmed, at most: beyond it Initials are dropped (CRSP §10).
inline constexpr std::size_t kMaxHalfOpen = 256;
/// Of those, of one key: programs that share it connect at once, and an attempt may be given up.
inline constexpr std::size_t kMaxHalfOpenPerKey = 8;
/// Of those, of one network (PrefixOf), where peers prove nothing.
inline constexpr std::size_t kMaxHalfOpenPerNetwork = 16;
/// Of those, begun by one Initial: by its first copy, and by the newest from another address.
inline constexpr std::size_t kMaxHalfOpenPerAttempt = 2;
/// Of those, in the mode pairing: each shows whoever began it another code (CRSP §4.7). One network
/// (PrefixOf) has one of them at most.
inline constexpr std::size_t kMaxHalfOpenPairings = 3;

/// Names one attempt of a peer to connect: an Initial is repeated byte for byte, from the same
/// address. A copy that was altered on its way, which only a pre-shared key would show, is another
/// attempt, or its Response would stand in the way of the right one (CRSP §4.4).
struct Attempt {
    SocketAddress source;
    ConnectionId id;
    Mac content;  ///< its mac1, which was verified
    bool operator==(const Attempt&) const = default;
};

struct AttemptHash {
    std::size_t operator()(const Attempt& attempt) const {
        return SocketAddressHash{}(attempt.source) ^ attempt.id ^
               *ByteReader(attempt.content).U64();
    }
};

/// The connections of an endpoint, by handle, by the id they receive under, and, for those that
/// peers began, by the Initial that did.
class ConnectionTable {
  public:
    struct Slot {
        ConnectionHandle handle = 0;
        std::unique_ptr<Connection> connection;
        bool ready = false;             ///< the endpoint has it in its queue of those that may send
        bool halfOpen = false;          ///< a responder that has not seen a packet of the peer open
        HandshakeMode mode{};           ///< of a half-open one
        Attempt attempt{};              ///< of a responder
        std::optional<PeerKey> peer{};  ///< whom it is with, or is to be with, if a key proves it
        std::optional<ConnectionId> peerId{};  ///< under which it is found by that
    };

    Slot& Add(ConnectionHandle handle, std::unique_ptr<Connection> connection);
    /// Adds a responder, half open. Its attempt is remembered while it lives, so that an Initial
    /// that the network delays or repeats never begins a second one.
    Slot& AddHalfOpen(ConnectionHandle handle, std::unique_ptr<Connection> connection,
                      HandshakeMode mode, const Attempt& attempt);
    /// The connection may have learned its PeerId(): from then on it is found by that.
    void OnPeerIdKnown(Slot& slot);
    void Remove(ConnectionHandle handle);
    void NoLongerHalfOpen(Slot& slot);
    /// It lingers only to answer what is still on its way.
    void OnEnded(const Slot& slot) { m_ended.insert(slot.handle); }

    /// Null if there is none of that handle.
    Slot* Find(ConnectionHandle handle);
    const Slot* Find(ConnectionHandle handle) const;
    Slot* FindById(ConnectionId id) const;
    Slot* FindByAttempt(const Attempt& attempt) const;
    /// Of those that OnPeerIdKnown was told of.
    Slot* FindByPeerId(ConnectionId id) const;
    /// The oldest half-open one with `peer` if it has as many as it may, or null.
    Slot* HalfOpenTooManyOf(const PeerKey& peer) const;
    struct Copies {
        std::size_t count = 0;
        Slot* newest = nullptr;
    };
    /// Half-open ones that an Initial with the mac1 of `attempt` has begun, from whatever address.
    Copies HalfOpenOf(const Attempt& attempt) const;
    /// Whether one more half-open one may pair, with somebody at `source`.
    bool MayPair(const SocketAddress& source) const;
    /// The oldest half-open one that does not pair, or null.
    Slot* OldestHalfOpen() const;
    /// Of those that OnEnded was told of, or null.
    Slot* OldestEnded();
    /// Whether the network of `source` has as many half-open ones as it may.
    bool HalfOpenTooManyFrom(const SocketAddress& source) const;

    std::size_t Size() const { return m_slots.size(); }
    std::size_t HalfOpen() const { return m_halfOpen.size(); }

    template <class Visitor>
    void ForEach(Visitor visit) {
        for (auto& [handle, slot] : m_slots) visit(slot);
    }

  private:
    std::unordered_map<ConnectionHandle, Slot> m_slots;
    std::unordered_map<ConnectionId, Slot*> m_ids;  ///< slots of m_slots, which stay in place
    std::unordered_map<ConnectionId, Slot*> m_peerIds;  ///< each the peerId of its slot
    std::unordered_map<Attempt, Slot*, AttemptHash> m_attempts;
    std::set<ConnectionHandle> m_ended;
    std::vector<Slot*> m_halfOpen;  ///< oldest first: what floods are held against is short
};

}  // namespace crsp
