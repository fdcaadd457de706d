// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/connection/known-peer.h"

namespace crsp {

/// What the owner of a node lets a peer do (CRSP §9.10).
struct PeerRights {
    std::string name;  ///< what the owner calls the peer; for logs
    /// At a server: list the entries and open them.
    bool read = false;
    /// At a renderer: own it and command it. Includes `observe`.
    bool control = false;
    /// With `control`: have the renderer render what the server lets the renderer read, also where
    /// it has not granted it to the peer.
    bool borrow = false;
    /// At a renderer: ask for its state and hear what it renders.
    bool observe = false;
    /// With `read`: only entries whose names match one of these, where `*` stands for any bytes and
    /// `?` for one. Empty: all of them.
    std::vector<std::string> entries{};

    /// Whether an entry of this name may be listed and opened.
    bool MayRead(std::string_view entryName) const;
    bool MayObserve() const { return observe || control; }
};

/// Who may do what at this node.
class AccessList {
  public:
    /// Whoever can connect may do everything: what nodes without keys of their own have.
    static AccessList Everyone();
    /// Only those listed; nobody if it is empty.
    explicit AccessList(std::map<PeerKey, PeerRights> peers) : m_peers(std::move(peers)) {}

    /// Nothing for a peer that is not listed, or proved no key.
    const PeerRights* Of(const std::optional<PeerKey>& peer) const;

  private:
    AccessList() = default;

    std::optional<PeerRights> m_everyone;
    std::map<PeerKey, PeerRights> m_peers;
};

}  // namespace crsp
