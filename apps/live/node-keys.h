// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "apps/live/exit-code.h"
#include "apps/live/identity-file.h"
#include "apps/live/node-cli.h"
#include "apps/live/peer-book.h"

namespace crsp {

/// How a node proves who it is, and whom it knows.
struct NodeKeys {
    std::optional<Identity> identity;  ///< then HandshakeMode::kKeyed
    std::optional<PreSharedKey> psk;   ///< a second factor beside an identity
    PeerBook book;
};

/// What --key, --peers, --psk and --no-auth ask for; with none of the first, third and fourth, the
/// default identity. kConfig, with the remedy, if there is none; kUsage if options contradict each
/// other; files as in LoadIdentity, LoadPeers and LoadKeyFile.
Expected<NodeKeys, NodeError> LoadNodeKeys(const NodeOptions& options);

/// Where the options say that the peers file is; empty if nothing does.
std::string PeersPath(const std::string& option);
/// The same for the identity.
std::string IdentityPath(const std::string& option);

}  // namespace crsp
