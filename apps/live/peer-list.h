// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "model/media/access-list.h"

namespace crsp {

/// Bounds of a peers file. The parser takes any text, and refuses what is beyond them.
inline constexpr std::size_t kMaxPeersFile = std::size_t{1} << 20;
inline constexpr std::size_t kMaxPeers = 4096;
inline constexpr std::size_t kMaxPeerName = 64;
inline constexpr std::size_t kMaxPeerEntries = 64;  ///< patterns of one peer

/// One line of a peers file.
struct KnownPeer {
    PeerKey key{};
    PeerRights rights;
    std::string address;   ///< HOST:PORT where its node is found; may be empty
    std::size_t line = 0;  ///< from 1

    const std::string& Name() const { return rights.name; }
};

using PeerList = std::vector<KnownPeer>;

struct PeersError {
    std::size_t line = 0;  ///< from 1; 0 if it is about all of it
    std::string message;   ///< what is wrong and what was expected
};

/// Reads the text of a peers file: lines of
///
///     NAME PUBLICKEY [may=read,control,borrow,observe] [entries=PATTERN,PATTERN]
///     [address=HOST:PORT]
///
/// with blanks between, and comments from a word that begins with `#` to the end of the line. A
/// peer without `may=` is known, and may do nothing here. No two have the same name or key.
Expected<PeerList, PeersError> ParsePeers(std::string_view text);

/// 1 to kMaxPeerName letters, digits, `.`, `_` and `-`.
bool IsPeerName(std::string_view name);

/// Reads the value of `may=` into `rights`; the error is a sentence.
Expected<void, std::string> ParseRights(std::string_view text, PeerRights& rights);
/// Reads the value of `entries=`.
Expected<void, std::string> ParseEntries(std::string_view text, PeerRights& rights);

/// `may=` and what follows it as in a peers file; `none` for no right at all.
std::string RightsText(const PeerRights& rights);

/// RightsText, and where it is found if that is known.
std::string TermsText(const KnownPeer& peer);

/// The line of `peer`, with its newline.
std::string PeerLine(const KnownPeer& peer);

/// `known` on the terms of `wanted`, as far as that has any: its rights instead of those of before,
/// its address instead of that.
KnownPeer OnTermsOf(const KnownPeer& wanted, KnownPeer known);

/// `text` and the line of `peer` behind it.
std::string WithPeer(std::string_view text, const KnownPeer& peer);
/// `text` with the line of `peer` in place of its line `peer.line`, of which the comment stays.
std::string WithPeerChanged(std::string_view text, const KnownPeer& peer);
/// `text` without its line `line`, all others byte for byte.
std::string WithoutLine(std::string_view text, std::size_t line);

/// What the owner lets them do.
AccessList AccessOf(const PeerList& peers);
std::vector<PeerKey> KeysOf(const PeerList& peers);

const KnownPeer* FindByName(const PeerList& peers, std::string_view name);
const KnownPeer* FindByKey(const PeerList& peers, const PeerKey& key);

}  // namespace crsp
