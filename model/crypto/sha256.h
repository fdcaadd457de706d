// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sodium/crypto_hash_sha256.h>

#include <array>
#include <cstddef>

#include "model/base/bytes.h"
#include "model/crypto/secret-key.h"

namespace crsp {

inline constexpr std::size_t kSha256Length = 32;
using Sha256Digest = std::array<std::byte, kSha256Length>;

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = default;
    Sha256& operator=(const Sha256&) = default;

    void Update(ConstByteSpan bytes);
    /// The digest of everything so far. The object is then as new.
    Sha256Digest Finish();

  private:
    crypto_hash_sha256_state m_state;
};

Sha256Digest HashSha256(ConstByteSpan message);

/// HMAC-SHA256 (RFC 2104) under a key of any length.
Sha256Digest HmacSha256(ConstByteSpan key, ConstByteSpan message);

/// HKDF as Noise defines it (rev 34 §4.3): RFC 5869 with `chainingKey` as salt and no info, cut
/// into keys of 32 bytes.
std::array<SecretKey, 2> NoiseHkdf2(const SecretKey& chainingKey, ConstByteSpan inputKeyMaterial);
std::array<SecretKey, 3> NoiseHkdf3(const SecretKey& chainingKey, ConstByteSpan inputKeyMaterial);

}  // namespace crsp
