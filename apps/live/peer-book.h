// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/live/exit-code.h"
#include "apps/live/peer-list.h"
#include "apps/live/peer-reference.h"
#include "model/media/peer-link.h"

namespace crsp {

/// A peer that this node connects to, and what its owner calls it.
struct NamedTarget {
    std::string name;  ///< may be empty
    PeerTarget target;
    /// Given with its key on the command line: the peers file has no say in it.
    bool pinned = false;
};

/// Whom a node with an identity knows: its peers file, and who was named on its command line. One
/// of a node without an identity knows nobody, and asks for no keys.
class PeerBook {
  public:
    PeerBook() = default;
    /// `pairCommand` is what its owner types to pair it (see PairCommand).
    PeerBook(PeerKey own, std::string path, PeerList peers, std::string pairCommand)
        : m_own(own),
          m_path(std::move(path)),
          m_peers(std::move(peers)),
          m_pairCommand(std::move(pairCommand)) {}

    bool Keyed() const { return m_own.has_value(); }
    const PeerKey& Own() const { return *m_own; }
    const std::string& Path() const { return m_path; }
    const PeerList& Peers() const { return m_peers; }
    /// After the peers file has changed.
    void SetPeers(PeerList peers) { m_peers = std::move(peers); }

    /// Fills in what the peers file knows: the address of a name, the key of a name or an address.
    /// Errors: kUsage if there is a key and this node has none, kConfig if nobody is known by that
    /// name or address, kRefused if another key is.
    Expected<PeerReference, NodeError> Complete(PeerReference reference) const;

    /// Remembers a peer that Complete has found, so that the others know of it.
    void Add(NamedTarget target) { m_targets.push_back(std::move(target)); }
    /// What the peers file says now about a peer of this name; nothing if it was revoked.
    std::optional<PeerKey> KeyNow(const NamedTarget& target) const;
    /// Every key that connections may have.
    std::vector<PeerKey> Keys() const;
    /// What to do about a peer at `address` with which no handshake came about, in a sentence or
    /// two; nothing without keys. kRefused if anything was `heard` from there: it is up, and did
    /// not prove its key. kUnavailable otherwise: nodes that are not meant say nothing either.
    std::optional<NodeError> NoAnswer(const SocketAddress& address, bool heard) const;
    /// What people call the one with `key`: its name, else its fingerprint.
    std::string NameOf(const PeerKey& key) const;
    const std::vector<NamedTarget>& Targets() const { return m_targets; }

  private:
    Expected<PeerReference, NodeError> FillIn(PeerReference reference,
                                              const KnownPeer& known) const;
    Expected<const KnownPeer*, NodeError> FindByAddress(const std::string& address) const;
    NodeError Unknown(const PeerReference& reference) const;

    std::optional<PeerKey> m_own;
    std::string m_path;
    PeerList m_peers;
    std::string m_pairCommand;
    std::vector<NamedTarget> m_targets;
};

}  // namespace crsp
