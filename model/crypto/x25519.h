// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "model/crypto/secret-key.h"
#include "model/crypto/secure-random.h"

namespace crsp {

using X25519PublicKey = std::array<std::byte, kKeyLength>;

struct X25519KeyPair {
    SecretKey secretKey;
    X25519PublicKey publicKey{};
};

/// The pair that belongs to `secretKey`, which is clamped when used, not when stored
/// (RFC 7748 §5).
X25519KeyPair X25519PairOf(const SecretKey& secretKey);
X25519KeyPair GenerateX25519Pair(SecureRandom& random);

/// The Diffie-Hellman result (RFC 7748 §6.1); nothing if it is all zero, which is what every point
/// of low order gives and what an honest peer never sends.
std::optional<SecretKey> X25519SharedSecret(const SecretKey& ours, const X25519PublicKey& theirs);

}  // namespace crsp
