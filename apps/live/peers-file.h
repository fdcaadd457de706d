// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <string>

#include "apps/live/exit-code.h"
#include "apps/live/peer-list.h"

namespace crsp {

/// Longest wait for somebody else who changes the same peers file.
inline constexpr std::chrono::seconds kPeersLockWait{10};

/// Reads the peers file at `path`, which must be ours or root's, and writable by nobody else. One
/// that is missing is kNoInput; one that must not be used, or has an error in it, kConfig, where
/// the message says `PATH:LINE:`.
Expected<PeerList, NodeError> LoadPeers(const std::string& path);

/// The same, but a missing file is an empty one.
Expected<PeerList, NodeError> LoadPeersIfAny(const std::string& path);

/// Adds a line for `peer` and leaves all others byte for byte as they are; makes the file, and its
/// folder, if they are missing. Two processes that do so at once wait for each other, at most
/// kPeersLockWait: kFailed. kRefused if there is another peer of this name or key by now.
Expected<void, NodeError> AddPeer(const std::string& path, const KnownPeer& peer);

/// Removes the line of the peer with `key`, in the same manner. kNoInput if there is none.
Expected<void, NodeError> RemovePeer(const std::string& path, const PeerKey& key);

/// Whether `peer` can join `peers`; else kRefused, with a text in the manner of ssh's that says
/// what has changed and how to accept it. A peer that is there already, name and key, can.
Expected<void, NodeError> CheckNewPeer(const PeerList& peers, const KnownPeer& peer);

}  // namespace crsp
