// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>

#include "model/base/socket-address.h"
#include "model/connection/connection.h"
#include "model/wire/types.h"

namespace crsp {

/// Responders' handshakes not yet confirmed, at most: beyond it Initials are dropped (CRSP §10).
inline constexpr std::size_t kMaxHalfOpen = 256;

/// Names one attempt of a peer to connect: an Initial is repeated byte for byte, from the same
/// address. A copy that was altered on its way, which only a pre-shared key would show, is another
/// attempt, or its Response would stand in the way of the right one (CRSP §4.4).
struct Attempt {
    SocketAddress source;
    ConnectionId id;
    std::uint64_t content;  ///< StableHash of the datagram
    bool operator==(const Attempt&) const = default;
};

struct AttemptHash {
    std::size_t operator()(const Attempt& attempt) const {
        return SocketAddressHash{}(attempt.source) ^ attempt.id ^ attempt.content;
    }
};

/// The connections of an endpoint, by handle, by the id they receive under, and, for those that
/// peers began, by the Initial that did.
class ConnectionTable {
  public:
    struct Slot {
        ConnectionHandle handle = 0;
        std::unique_ptr<Connection> connection;
        bool ready = false;     ///< the endpoint has it in its queue of those that may send
        bool halfOpen = false;  ///< a responder that has not seen a packet of the peer open
        Attempt attempt{};      ///< of a responder
    };

    Slot& Add(ConnectionHandle handle, std::unique_ptr<Connection> connection);
    /// Adds a responder, half open. Its attempt is remembered while it lives, so that an Initial
    /// that the network delays or repeats never begins a second one.
    Slot& AddHalfOpen(ConnectionHandle handle, std::unique_ptr<Connection> connection,
                      const Attempt& attempt);
    void Remove(ConnectionHandle handle);
    void NoLongerHalfOpen(Slot& slot);

    /// Null if there is none of that handle.
    Slot* Find(ConnectionHandle handle);
    const Slot* Find(ConnectionHandle handle) const;
    Slot* FindById(ConnectionId id) const;
    Slot* FindByAttempt(const Attempt& attempt) const;

    std::size_t Size() const { return m_slots.size(); }
    bool TakesHalfOpen() const { return m_halfOpen < kMaxHalfOpen; }

  private:
    std::unordered_map<ConnectionHandle, Slot> m_slots;
    std::unordered_map<ConnectionId, Slot*> m_ids;  ///< slots of m_slots, which stay in place
    std::unordered_map<Attempt, Slot*, AttemptHash> m_attempts;
    std::size_t m_halfOpen = 0;
};

}  // namespace crsp
