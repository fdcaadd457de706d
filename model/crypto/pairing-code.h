// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/crypto/secret-key.h"
#include "model/crypto/sha256.h"
#include "model/crypto/x25519.h"

namespace crsp {

/// Codes are below this: six digits.
inline constexpr std::uint32_t kPairingCodes = 1'000'000;

using PairingNonce = std::array<std::byte, kKeyLength>;

/// What the initiator binds itself to before it sees anything of the responder (CRSP §4.7).
Sha256Digest PairingCommitment(const PairingNonce& nonce, const X25519PublicKey& initiator);

/// What both ends show to people (CRSP §4.7). Whoever stands in between runs one handshake with
/// each end, and must have fixed all that goes into the code of the one before the other's code is
/// known to him: one attempt succeeds with a probability of 1 / kPairingCodes. A code that was
/// taken from the handshake hash could be searched for: 2^20 hashes take a second.
std::uint32_t PairingCode(const PairingNonce& initiatorNonce, const X25519PublicKey& initiator,
                          const PairingNonce& responderNonce, const X25519PublicKey& responder);

}  // namespace crsp
