// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/peer-reference.h"

#include <fmt/format.h>

#include "apps/live/key-text.h"
#include "apps/live/peer-list.h"
#include "model/media/catalogue.h"

namespace crsp {
namespace {

/// Whether there is a key in front of an `@`, at the beginning or behind a name, that is none.
bool HasUnusableKey(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos || at < kPublicKeyText) return false;
    const auto begin = at - kPublicKeyText;
    return (begin == 0 || text[begin - 1] == '=') &&
           IsUnusableKey(text.substr(begin, kPublicKeyText));
}

/// Takes `KEY@` off the front of `text`. A key ends with the sign that ends a name, so it is told
/// by its length.
std::optional<PeerKey> TakeKey(std::string_view& text) {
    if (text.size() <= kPublicKeyText || text[kPublicKeyText] != '@') return std::nullopt;
    const auto key = ParsePublicKey(text.substr(0, kPublicKeyText));
    if (key) text.remove_prefix(kPublicKeyText + 1);
    return key;
}

}  // namespace

Expected<PeerReference, std::string> ParsePeerReference(std::string_view text) {
    const auto refuse = [whole = text](std::string_view expected) {
        return Fail(fmt::format("'{}': expected {}", PrintableName(whole), expected));
    };
    if (HasUnusableKey(text)) {
        return Fail(fmt::format("'{}': KEY is {}", PrintableName(text), kUnusableKey));
    }
    PeerReference reference;
    reference.key = TakeKey(text);
    const auto equals = reference.key ? std::string_view::npos : text.find('=');
    if (equals != std::string_view::npos) {
        reference.name = text.substr(0, equals);
        text.remove_prefix(equals + 1);
        if (reference.name.empty() || reference.name.size() > kMaxNameSize || text.empty()) {
            return refuse("NAME=HOST:PORT");
        }
        reference.key = TakeKey(text);
    }
    if (text.empty()) return refuse("HOST:PORT, or the name of a peer");
    if (text.find('@') != std::string_view::npos) {
        return refuse(
            fmt::format("KEY@HOST:PORT, where KEY is {} characters as crsp key show "
                        "prints them",
                        kPublicKeyText));
    }
    const bool nameAlone = reference.name.empty() && !reference.key && IsPeerName(text);
    (nameAlone ? reference.name : reference.address) = text;
    return reference;
}

}  // namespace crsp
