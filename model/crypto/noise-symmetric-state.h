// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/base/bytes.h"
#include "model/crypto/aead.h"
#include "model/crypto/secret-key.h"
#include "model/crypto/sha256.h"

namespace crsp {

/// The SymmetricState of Noise rev 34 §5.2, and within it the CipherState of §5.1, of a handshake
/// with SHA-256. Copyable, so that a handshake can try a message and drop the attempt.
class NoiseSymmetricState {
  public:
    /// `protocolName` as in `Noise_NN_25519_AESGCM_SHA256`; `suite` must be usable on this machine.
    NoiseSymmetricState(std::string_view protocolName, CipherSuite suite);

    void MixHash(ConstByteSpan data);
    void MixKey(ConstByteSpan inputKeyMaterial);
    void MixKeyAndHash(ConstByteSpan inputKeyMaterial);

    /// Whether a key has been mixed in: before that, texts travel in the clear.
    bool HasKey() const { return m_key.has_value(); }
    /// How much longer than its plaintext the next ciphertext is: a tag, or nothing.
    std::size_t CiphertextOverhead() const { return HasKey() ? kAeadTagLength : 0; }

    /// Writes the ciphertext of `plaintext`; `out` must be CiphertextOverhead() longer than it, and
    /// must not overlap it.
    void EncryptAndHash(ConstByteSpan plaintext, ByteSpan out);
    /// Writes the plaintext of `ciphertext`; `out` must be CiphertextOverhead() shorter than it,
    /// and must not overlap it. False if it does not verify; this state is then of no more use.
    [[nodiscard]] bool DecryptAndHash(ConstByteSpan ciphertext, ByteSpan out);

    TransportKeys Split() const;

  private:
    void InitializeKey(const SecretKey& key);

    CipherSuite m_suite;
    SecretKey m_chainingKey;
    Sha256Digest m_hash{};
    std::optional<SecretKey> m_key;
    std::uint64_t m_nonce = 0;
};

}  // namespace crsp
