// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/peer-list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "apps/live/asio-address.h"
#include "apps/live/key-text.h"
#include "model/media/catalogue.h"

namespace crsp {
namespace {

constexpr std::string_view kBlanks = " \t";

/// The next word of `line`, taken off it; empty at the end and before a comment.
std::string_view NextWord(std::string_view& line) {
    const auto begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos || line[begin] == '#') return line = {};
    line.remove_prefix(begin);
    const auto word = line.substr(0, line.find_first_of(kBlanks));
    line.remove_prefix(word.size());
    return word;
}

/// The parts of `text` between commas, also empty ones.
std::vector<std::string_view> SplitAtCommas(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto comma = text.find(',');
        parts.push_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        text.remove_prefix(comma + 1);
    }
}

Expected<void, std::string> ParseAddress(std::string_view text, std::string& address) {
    const auto parsed = ParseHostPort(text);
    if (!parsed) return Fail(fmt::format("address=: {}", parsed.error()));
    if (parsed->port == 0) return Fail(std::string("address=: expected a port from 1 to 65535"));
    address = text;
    return {};
}

Expected<void, std::string> TakeOption(std::string_view word, KnownPeer& peer,
                                       std::set<std::string_view>& seen) {
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const auto value = equals == std::string_view::npos ? "" : word.substr(equals + 1);
    const bool known = name == "may" || name == "entries" || name == "address";
    if (!known || equals == std::string_view::npos) {
        return Fail(
            fmt::format("expected may=, entries= or address=, got '{}'", PrintableName(word)));
    }
    if (!seen.insert(name).second) return Fail(fmt::format("{}= is given twice", name));
    if (name == "may") return ParseRights(value, peer.rights);
    if (name == "entries") return ParseEntries(value, peer.rights);
    return ParseAddress(value, peer.address);
}

/// Nothing for a line without a peer.
Expected<std::optional<KnownPeer>, std::string> ParseLine(std::string_view line) {
    const bool printable = std::all_of(line.begin(), line.end(), [](unsigned char c) {
        return (c >= 0x20 && c != 0x7f) || c == '\t';
    });
    if (!printable) return Fail(std::string("a control character; expected text, ended by \\n"));
    const auto name = NextWord(line);
    if (name.empty()) return std::nullopt;
    if (!IsPeerName(name)) {
        return Fail(
            fmt::format("'{}' is no name; expected 1 to {} letters, digits, '.', '_' or "
                        "'-'",
                        PrintableName(name.substr(0, kMaxPeerName)), kMaxPeerName));
    }
    KnownPeer peer;
    peer.rights.name = name;
    const auto word = NextWord(line);
    if (IsUnusableKey(word)) return Fail(fmt::format("the key of '{}' is {}", name, kUnusableKey));
    const auto key = ParsePublicKey(word);
    if (!key) {
        return Fail(fmt::format("expected the public key of '{}', {} characters of base64", name,
                                kPublicKeyText));
    }
    peer.key = *key;
    std::set<std::string_view> seen;
    for (auto option = NextWord(line); !option.empty(); option = NextWord(line)) {
        if (auto taken = TakeOption(option, peer, seen); !taken) return Fail(taken.error());
    }
    if (!peer.rights.entries.empty() && !peer.rights.read) {
        return Fail(std::string("entries= says what may be read; expected may=read beside it"));
    }
    return peer;
}

bool HasAny(const PeerRights& rights) {
    return rights.read || rights.control || rights.observe;
}

/// Where line `line` of `text` begins, and what it holds but its newline.
std::pair<std::size_t, std::string_view> FindLine(std::string_view text, std::size_t line) {
    std::size_t begin = 0;
    for (std::size_t i = 1; i < line; ++i) begin = text.find('\n', begin) + 1;
    return {begin, text.substr(begin, text.find('\n', begin) - begin)};
}

/// The comment at the end of `line`, with a blank in front; or nothing.
std::string CommentOf(std::string_view line) {
    for (std::size_t at = line.find('#'); at != std::string_view::npos;
         at = line.find('#', at + 1)) {
        if (at > 0 && kBlanks.find(line[at - 1]) != std::string_view::npos) {
            return " " + std::string(line.substr(at));
        }
    }
    return {};
}

/// Collects peers, and sees to it that each is there once.
class Collector {
  public:
    Expected<void, std::string> Add(KnownPeer peer) {
        if (m_peers.size() == kMaxPeers) return Fail(fmt::format("more than {} peers", kMaxPeers));
        const auto [sameName, newName] = m_names.emplace(peer.Name(), peer.line);
        if (!newName) {
            return Fail(fmt::format("'{}' is the name of the peer in line {} already", peer.Name(),
                                    sameName->second));
        }
        const auto [sameKey, newKey] = m_keys.emplace(peer.key, peer.line);
        if (!newKey) {
            return Fail(fmt::format("'{}' has the key of the peer in line {}", peer.Name(),
                                    sameKey->second));
        }
        m_peers.push_back(std::move(peer));
        return {};
    }
    PeerList Take() { return std::move(m_peers); }

  private:
    PeerList m_peers;
    std::map<std::string, std::size_t> m_names;
    std::map<PeerKey, std::size_t> m_keys;
};

}  // namespace

bool IsPeerName(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= kMaxPeerName &&
           std::all_of(name.begin(), name.end(), allowed);
}

Expected<void, std::string> ParseRights(std::string_view text, PeerRights& rights) {
    const std::map<std::string_view, bool*> known{{"read", &rights.read},
                                                  {"control", &rights.control},
                                                  {"borrow", &rights.borrow},
                                                  {"observe", &rights.observe}};
    for (const auto word : SplitAtCommas(text)) {
        const auto right = known.find(word);
        if (right == known.end()) {
            return Fail(
                fmt::format("may=: expected read, control, borrow and observe with commas "
                            "between, got '{}'",
                            PrintableName(word)));
        }
        *right->second = true;
    }
    if (rights.borrow && !rights.control) {
        return Fail(std::string("may=: borrow is of use to who may control; expected both"));
    }
    return {};
}

Expected<void, std::string> ParseEntries(std::string_view text, PeerRights& rights) {
    for (const auto pattern : SplitAtCommas(text)) {
        if (pattern.empty() || pattern.size() > kMaxNameSize) {
            return Fail(
                fmt::format("entries=: expected patterns of 1 to {} bytes with commas "
                            "between; ? stands for a blank or a comma",
                            kMaxNameSize));
        }
        if (rights.entries.size() == kMaxPeerEntries) {
            return Fail(fmt::format("entries=: more than {} patterns", kMaxPeerEntries));
        }
        rights.entries.emplace_back(pattern);
    }
    return {};
}

Expected<PeerList, PeersError> ParsePeers(std::string_view text) {
    if (text.size() > kMaxPeersFile) {
        return Fail(PeersError{0, fmt::format("longer than {} bytes", kMaxPeersFile)});
    }
    Collector collector;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const auto end = text.find('\n');
        auto peer = ParseLine(text.substr(0, end));
        if (!peer) return Fail(PeersError{line, std::move(peer.error())});
        if (*peer) {
            (*peer)->line = line;
            if (auto added = collector.Add(std::move(**peer)); !added) {
                return Fail(PeersError{line, std::move(added.error())});
            }
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return collector.Take();
}

std::string RightsText(const PeerRights& rights) {
    std::vector<std::string_view> words;
    if (rights.read) words.push_back("read");
    if (rights.control) words.push_back("control");
    if (rights.borrow) words.push_back("borrow");
    if (rights.observe) words.push_back("observe");
    if (words.empty()) return "none";
    const auto entries =
        rights.entries.empty() ? "" : fmt::format(" entries={}", fmt::join(rights.entries, ","));
    return fmt::format("may={}{}", fmt::join(words, ","), entries);
}

std::string TermsText(const KnownPeer& peer) {
    return RightsText(peer.rights) + (peer.address.empty() ? "" : " address=" + peer.address);
}

std::string PeerLine(const KnownPeer& peer) {
    return fmt::format("{} {}{}{}\n", peer.Name(), PublicKeyText(peer.key),
                       HasAny(peer.rights) ? " " + RightsText(peer.rights) : "",
                       peer.address.empty() ? "" : " address=" + peer.address);
}

KnownPeer OnTermsOf(const KnownPeer& wanted, KnownPeer known) {
    const auto name = known.Name();
    if (HasAny(wanted.rights)) known.rights = wanted.rights;
    known.rights.name = name;
    if (!wanted.address.empty()) known.address = wanted.address;
    return known;
}

std::string WithPeer(std::string_view text, const KnownPeer& peer) {
    const bool open = !text.empty() && text.back() != '\n';
    return fmt::format("{}{}{}", text, open ? "\n" : "", PeerLine(peer));
}

std::string WithPeerChanged(std::string_view text, const KnownPeer& peer) {
    const auto [begin, line] = FindLine(text, peer.line);
    auto changed = PeerLine(peer);
    changed.pop_back();
    return fmt::format("{}{}{}{}", text.substr(0, begin), changed, CommentOf(line),
                       text.substr(begin + line.size()));
}

std::string WithoutLine(std::string_view text, std::size_t line) {
    const auto [begin, held] = FindLine(text, line);
    const auto end = std::min(text.size(), begin + held.size() + 1);
    return std::string(text.substr(0, begin)) + std::string(text.substr(end));
}

AccessList AccessOf(const PeerList& peers) {
    std::map<PeerKey, PeerRights> rights;
    for (const auto& peer : peers) rights.emplace(peer.key, peer.rights);
    return AccessList(std::move(rights));
}

std::vector<PeerKey> KeysOf(const PeerList& peers) {
    std::vector<PeerKey> keys;
    for (const auto& peer : peers) keys.push_back(peer.key);
    return keys;
}

const KnownPeer* FindByName(const PeerList& peers, std::string_view name) {
    const auto found =
        std::find_if(peers.begin(), peers.end(), [&](auto& peer) { return peer.Name() == name; });
    return found == peers.end() ? nullptr : &*found;
}

const KnownPeer* FindByKey(const PeerList& peers, const PeerKey& key) {
    const auto found =
        std::find_if(peers.begin(), peers.end(), [&](auto& peer) { return peer.key == key; });
    return found == peers.end() ? nullptr : &*found;
}

}  // namespace crsp
