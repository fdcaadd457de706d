// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "model/connection/endpoint-config.h"
#include "model/connection/known-peer.h"
#include "model/crypto/mac.h"
#include "model/crypto/noise-handshake.h"
#include "tests/fuzz/fuzzed-data.h"

namespace crsp::fuzz {

/// What a party to a handshake holds.
struct HandshakeKeys {
    HandshakeMode mode = HandshakeMode::kPreSharedKey;
    std::optional<SecretKey> psk;
    X25519KeyPair own;
    X25519PublicKey peer{};  ///< of the responder, where it is known beforehand
};

/// An Initial that verifies, with `payload` (cut to what fits) where transport parameters belong:
/// what a peer that has its keys by right, and bad intent, can send.
Bytes CraftInitial(const HandshakeKeys& keys, ConstByteSpan payload);
/// The same as an answer to `initial`; nothing if that does not verify under these keys.
std::optional<Bytes> CraftResponse(const HandshakeKeys& keys, const Bytes& initial,
                                   ConstByteSpan payload);
/// `initial` with mac1 made anew, and mac2 if there is a cookie.
void SealInitial(const HandshakeKeys& keys, const std::optional<Mac>& cookie, Bytes& initial);

}  // namespace crsp::fuzz
