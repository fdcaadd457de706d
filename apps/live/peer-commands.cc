// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/peer-commands.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "apps/cli/standard-output.h"
#include "apps/live/key-text.h"
#include "apps/live/node-cli.h"
#include "apps/live/node-keys.h"
#include "apps/live/peers-file.h"
#include "model/media/catalogue.h"

namespace crsp {
namespace {

struct Options {
    std::string peersFile;
    std::string who;
};

std::string PathOf(const Options& options) {
    auto path = PeersPath(options.peersFile);
    if (path.empty()) {
        Exit({ExitCode::kUsage,
              "neither XDG_CONFIG_HOME nor HOME is set; give --peers FILE with the peers"});
    }
    return path;
}

PeerList Load(const Options& options) {
    const auto path = PathOf(options);
    return ValueOrExit(options.peersFile.empty() ? LoadPeersIfAny(path) : LoadPeers(path));
}

ExitCode ShowPeers(const Options& options) {
    for (const auto& peer : Load(options)) {
        WriteOutput(fmt::format("{} {} {}\n", peer.Name(), Fingerprint(peer.key), TermsText(peer)));
    }
    return ExitCode::kOk;
}

const KnownPeer* Find(const PeerList& peers, const std::string& who) {
    if (const auto* named = FindByName(peers, who)) return named;
    for (const auto& peer : peers) {
        if (who == PublicKeyText(peer.key) || who == Fingerprint(peer.key)) return &peer;
    }
    return nullptr;
}

ExitCode Revoke(const Options& options) {
    const auto peers = Load(options);
    const auto* peer = Find(peers, options.who);
    if (!peer) {
        Exit({ExitCode::kNoInput,
              fmt::format("nobody with the name or key '{}' is in '{}'; {} shows who is",
                          PrintableName(options.who), PathOf(options),
                          PeersCommand("peers", PathOf(options)))});
    }
    ValueOrExit(RemovePeer(PathOf(options), peer->key));
    WriteOutput(fmt::format("revoked {} {}\n", peer->Name(), Fingerprint(peer->key)));
    fmt::print(stderr, "{}", kTellNodes);
    return ExitCode::kOk;
}

void AddPeersOption(CLI::App& command, Options& options) {
    AddFile(command, "--peers", options.peersFile, "The peers file (~/.config/crsp/peers)");
}

}  // namespace

void DeclarePeerCommands(CLI::App& app, Action& action) {
    const auto options = std::make_shared<Options>();
    auto* peers = app.add_subcommand("peers", "List who is known, and what they may do here");
    AddPeersOption(*peers, *options);
    peers->callback([&action, options] { action = [=] { return ShowPeers(*options); }; });
    auto* revoke = app.add_subcommand("revoke", "Trust a peer no more");
    AddPeersOption(*revoke, *options);
    revoke->add_option("peer", options->who, "Its name, public key or fingerprint")->required();
    revoke->callback([&action, options] { action = [=] { return Revoke(*options); }; });
}

}  // namespace crsp
