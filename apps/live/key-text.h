// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/connection/known-peer.h"

namespace crsp {

/// Characters of a public key in text: base64 of 32 bytes, with its padding.
inline constexpr std::size_t kPublicKeyText = 44;

/// A public key as people pass it on, and as peers files hold it.
std::string PublicKeyText(const PeerKey& key);

/// The reverse; nothing if `text` is anything else, or a key that no secret key belongs to (a point
/// of low order, or one with its unused bit set).
std::optional<PeerKey> ParsePublicKey(std::string_view text);

/// Whether `text` is one of the latter, which looks like a key.
bool IsUnusableKey(std::string_view text);
/// What to say of that.
inline constexpr std::string_view kUnusableKey =
    "not a usable public key: no secret key belongs to it";

/// A short form to compare by eye, as ssh writes it: `SHA256:` and base64, without padding, of the
/// SHA-256 of the 32 bytes.
std::string Fingerprint(const PeerKey& key);

}  // namespace crsp
