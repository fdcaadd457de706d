// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/base/result.h"
#include "model/connection/known-peer.h"

namespace crsp {

/// How people say on a command line which peer they mean: `HOST:PORT`, with `KEY@` or `NAME=` or
/// `NAME=KEY@` in front, or a `NAME` alone that the peers file explains.
struct PeerReference {
    std::string name;            ///< may be empty, then there is an address
    std::optional<PeerKey> key;  ///< then there is an address
    std::string address;         ///< not looked at yet; may be empty, then there is a name
};

/// Takes `text` apart. The error is a sentence that names it.
Expected<PeerReference, std::string> ParsePeerReference(std::string_view text);

}  // namespace crsp
