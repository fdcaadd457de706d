// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/node-keys.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "apps/live/config-folder.h"
#include "apps/live/key-file.h"
#include "apps/live/peers-file.h"

namespace crsp {
namespace {

NodeError NoIdentity(const std::string& path, bool pairing) {
    const auto where = path.empty() ? "" : fmt::format(" in '{}'", path);
    const auto remedy = pairing ? ", then pair again; or name the one it has with --key FILE"
                                : ", or give --psk FILE with a key that all nodes share, or "
                                  "--no-auth to talk to anybody";
    return {ExitCode::kConfig,
            fmt::format("this node has no identity{}: run crsp key generate{}", where, remedy)};
}

Expected<void, NodeError> LoadIdentityAndPeers(const NodeOptions& options, NodeKeys& keys) {
    const auto path = IdentityPath(options.keyFile);
    if (options.keyFile.empty() && (path.empty() || ::access(path.c_str(), F_OK) != 0)) {
        return Fail(NoIdentity(path, options.pairing));
    }
    auto identity = LoadIdentity(path);
    if (!identity) return Fail(std::move(identity.error()));
    const auto peersPath = PeersPath(options.peersFile);
    // Nobody has been paired with yet: that is no error, unless somebody named the file.
    const bool mayBeMissing = options.peersFile.empty() || options.pairing;
    auto peers = mayBeMissing ? LoadPeersIfAny(peersPath) : LoadPeers(peersPath);
    if (!peers) return Fail(std::move(peers.error()));
    keys.book = PeerBook(identity->pair.publicKey, peersPath, std::move(*peers),
                         PairCommand(path, peersPath, options.pskFile));
    keys.identity = std::move(*identity);
    return {};
}

}  // namespace

std::string PeersPath(const std::string& option) {
    return option.empty() ? DefaultPeersPath() : option;
}

std::string IdentityPath(const std::string& option) {
    return option.empty() ? DefaultIdentityPath() : option;
}

Expected<NodeKeys, NodeError> LoadNodeKeys(const NodeOptions& options) {
    const bool keyed = options.pairing ||
                       (!options.noAuth && (!options.keyFile.empty() || options.pskFile.empty()));
    if (!keyed && !options.peersFile.empty()) {
        return Fail(NodeError{ExitCode::kUsage,
                              "--peers is for a node with an identity: give --key FILE as well"});
    }
    NodeKeys keys;
    if (keyed) {
        if (auto loaded = LoadIdentityAndPeers(options, keys); !loaded) {
            return Fail(std::move(loaded.error()));
        }
    }
    if (options.pskFile.empty()) return keys;
    auto psk = LoadKeyFile(options.pskFile);
    if (!psk) return Fail(std::move(psk.error()));
    keys.psk = *psk;
    return keys;
}

}  // namespace crsp
