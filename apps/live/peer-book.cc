// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/peer-book.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "apps/live/asio-address.h"
#include "apps/live/guarded-file.h"
#include "apps/live/key-text.h"
#include "apps/live/peers-file.h"
#include "model/media/catalogue.h"

namespace crsp {
namespace {

/// A node that knows nobody takes every reference for an address.
Expected<PeerReference, NodeError> WithoutKeys(PeerReference reference) {
    if (reference.key) {
        return Fail(NodeError{ExitCode::kUsage,
                              fmt::format("'{}' comes with a key, which only a node with an "
                                          "identity can check; expected HOST:PORT",
                                          PrintableName(reference.address))});
    }
    if (reference.address.empty()) reference.address = std::exchange(reference.name, {});
    return reference;
}

}  // namespace

Expected<PeerReference, NodeError> PeerBook::Complete(PeerReference reference) const {
    if (!Keyed()) return WithoutKeys(std::move(reference));
    const auto* known = reference.name.empty() ? nullptr : FindByName(m_peers, reference.name);
    if (known) return FillIn(std::move(reference), *known);
    if (reference.key) return reference;
    if (!reference.name.empty()) return Fail(Unknown(reference));
    const auto found = FindByAddress(reference.address);
    if (!found) return Fail(found.error());
    return *found ? FillIn(std::move(reference), **found) : Fail(Unknown(reference));
}

Expected<PeerReference, NodeError> PeerBook::FillIn(PeerReference reference,
                                                    const KnownPeer& known) const {
    if (reference.key && *reference.key != known.key) {
        return Fail(NodeError{
            ExitCode::kRefused,
            fmt::format("the key given for '{}' is {}, but the known one is {}; if it has changed: "
                        "{}, then {}",
                        known.Name(), Fingerprint(*reference.key), Fingerprint(known.key),
                        PeersCommand("revoke " + known.Name(), m_path), m_pairCommand)});
    }
    reference.name = known.Name();
    reference.key = known.key;
    if (reference.address.empty()) reference.address = known.address;
    if (!reference.address.empty()) return reference;
    return Fail(NodeError{ExitCode::kConfig,
                          fmt::format("nobody knows where '{0}' is: give {0}=HOST:PORT, or write "
                                      "address=HOST:PORT into its line of '{1}'",
                                      known.Name(), m_path)});
}

Expected<const KnownPeer*, NodeError> PeerBook::FindByAddress(const std::string& address) const {
    const KnownPeer* found = nullptr;
    for (const auto& peer : m_peers) {
        if (peer.address != address) continue;
        if (found) {
            return Fail(
                NodeError{ExitCode::kConfig,
                          fmt::format("both '{}' and '{}' have the address {}; give NAME or "
                                      "NAME=HOST:PORT",
                                      found->Name(), peer.Name(), address)});
        }
        found = &peer;
    }
    return found;
}

NodeError PeerBook::Unknown(const PeerReference& reference) const {
    const auto& name = reference.name;
    return {ExitCode::kConfig,
            fmt::format("nobody {} '{}' is in the peers file '{}': {} makes peers known, "
                        "{}KEY@HOST:PORT does so for once; {} shows them",
                        name.empty() ? "with the address" : "called",
                        PrintableName(name.empty() ? reference.address : name), m_path,
                        m_pairCommand, name.empty() ? "" : "NAME=", PeersCommand("peers", m_path))};
}

std::optional<PeerKey> PeerBook::KeyNow(const NamedTarget& target) const {
    if (target.pinned) return target.target.key;
    const auto* known = FindByName(m_peers, target.name);
    if (!known && target.target.key) known = FindByKey(m_peers, *target.target.key);
    return known ? std::optional(known->key) : std::nullopt;
}

std::vector<PeerKey> PeerBook::Keys() const {
    auto keys = KeysOf(m_peers);
    for (const auto& target : m_targets) {
        if (target.pinned) keys.push_back(*target.target.key);
    }
    return keys;
}

std::optional<NodeError> PeerBook::NoAnswer(const SocketAddress& address, bool heard) const {
    const auto target = std::find_if(m_targets.begin(), m_targets.end(), [&](const auto& one) {
        return one.target.address == address;
    });
    const auto key = Keyed() && target != m_targets.end() ? KeyNow(*target) : std::nullopt;
    if (!key) return std::nullopt;
    const auto name = PrintableName(target->name);
    const auto where = Display(address);
    const auto who = name.empty() ? where : fmt::format("'{}' at {}", name, where);
    const auto remedy =
        FindByName(m_peers, target->name)
            ? fmt::format("see {}; if it has a new one: {}, then {} with it, --name {}",
                          PeersCommand("peers", m_path), PeersCommand("revoke " + name, m_path),
                          m_pairCommand, name)
            : std::string("if it has a new one, give that");
    if (heard) {
        return NodeError{
            ExitCode::kRefused,
            fmt::format("{} answered, but did not prove the key {}: has it another, or "
                        "another --psk than this node, {}? {}",
                        who, Fingerprint(*key), Fingerprint(*m_own), remedy)};
    }
    return NodeError{ExitCode::kUnavailable,
                     fmt::format("is it running? If it is, does it know this node, {}, and does {} "
                                 "still have the key {}? {}",
                                 Fingerprint(*m_own), who, Fingerprint(*key), remedy)};
}

std::string PeerBook::NameOf(const PeerKey& key) const {
    if (const auto* known = FindByKey(m_peers, key)) return known->Name();
    for (const auto& target : m_targets) {
        if (target.target.key == key && !target.name.empty()) return PrintableName(target.name);
    }
    return Fingerprint(key);
}

}  // namespace crsp
