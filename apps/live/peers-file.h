// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "apps/live/exit-code.h"
#include "apps/live/peer-list.h"

namespace crsp {

/// For whoever has changed a peers file.
inline constexpr std::string_view kTellNodes =
    "crsp: nodes that run have to be told: kill -HUP PID\n";

/// `crsp COMMAND` as somebody has to type it about the peers file at `path`: with `--peers` unless
/// that is the default one.
std::string PeersCommand(std::string_view command, const std::string& path);

/// `crsp pair` as somebody has to type it for the node with these files, so that it pairs as that
/// one: default ones are left out, and so is a `psk` that is empty.
std::string PairCommand(const std::string& identity, const std::string& peers,
                        const std::string& psk);

/// Longest wait for somebody else who changes the same peers file.
inline constexpr std::chrono::seconds kPeersLockWait{10};

/// Reads the peers file at `path`, which must be ours or root's, and writable by nobody else. One
/// that is missing is kNoInput; one that must not be used, or has an error in it, kConfig, where
/// the message says `PATH:LINE:`.
Expected<PeerList, NodeError> LoadPeers(const std::string& path);

/// The same, but a missing file is an empty one.
Expected<PeerList, NodeError> LoadPeersIfAny(const std::string& path);

/// What a running node makes of its peers file when it is told to read it again.
struct PeersAgain {
    /// Who is known from now on; nothing: those of before.
    std::optional<PeerList> peers;
    /// What is wrong with the file; empty if nothing is.
    std::string complaint;
};

/// One with an error in it says nothing, and those of before stay; so that a slip of the pen does
/// not end what plays. From one that is missing, cannot be read or must not be used, nobody is
/// known: it may have been removed or closed to shut everybody out, or may be somebody else's.
PeersAgain LoadPeersAgain(const std::string& path);

/// Adds a line for `peer`, or puts the line of one that is there already on its terms (see
/// OnTermsOf), and leaves all others byte for byte as they are; makes the file, and its folder, if
/// they are missing. Where `path` is a link, that is done to the file that it leads to, as
/// LoadPeers reads that. Two processes that do so at once wait for each other, at most
/// kPeersLockWait: kFailed. Nobody who may only read there can keep them waiting. kRefused if there
/// is another peer of this name or key by now.
Expected<void, NodeError> AddPeer(const std::string& path, const KnownPeer& peer);

/// Removes the line of the peer with `key`, in the same manner. kNoInput if there is none.
Expected<void, NodeError> RemovePeer(const std::string& path, const PeerKey& key);

/// Whether `peer` can join `peers`; else kRefused, with a text in the manner of ssh's that says
/// what has changed and how to accept it. A peer that is there already, name and key, can. `path`
/// is where `peers` are from.
Expected<void, NodeError> CheckNewPeer(const PeerList& peers, const KnownPeer& peer,
                                       const std::string& path);

}  // namespace crsp
