// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "model/base/bytes.h"
#include "model/crypto/secret-key.h"

namespace crsp {

inline constexpr std::size_t kAeadTagLength = 16;
inline constexpr std::size_t kAeadKeyLength = kKeyLength;
inline constexpr std::size_t kAeadNonceLength = 12;

/// The algorithms of a connection, with their number on the wire (CRSP §4.1).
enum class CipherSuite : std::uint8_t {
    kAes256GcmSha256 = 1,
    kChaCha20Poly1305Sha256 = 2,
};

/// The name the cipher has in a Noise protocol name: `AESGCM` or `ChaChaPoly` (Noise rev 34 §12).
std::string_view NoiseCipherName(CipherSuite suite);

/// The libraries that run a cipher. They give the same bytes; which one runs shows in speed only.
enum class AeadLibrary : std::uint8_t {
    kSodium,
    kIpsecMb,  ///< where it was built in (x86-64)
};

/// Whether `library` runs `suite` on this machine.
bool IsUsable(AeadLibrary library, CipherSuite suite);
/// The fastest library for `suite` here.
AeadLibrary LibraryFor(CipherSuite suite);

/// The suite numbered `wireNumber` if it exists and this machine can run it. AES-256-GCM needs
/// AES instructions: without them it would be neither fast nor constant in time.
std::optional<CipherSuite> UsableSuite(std::uint8_t wireNumber);

/// AES-256-GCM where the CPU has it, ChaCha20-Poly1305 elsewhere. Depends on the machine: whoever
/// needs the same bytes everywhere names a suite instead.
CipherSuite DefaultSuite();

/// Authenticated encryption under one key, in place, without allocation and without key set-up per
/// call. Nonces are 64-bit numbers, spread over the cipher's 96 bits as Noise does (rev 34 §12):
/// four zero bytes, then big-endian for AES-256-GCM and little-endian for ChaCha20-Poly1305.
///
/// The caller guarantees that no number seals twice under one key.
class Aead {
  public:
    virtual ~Aead() = default;
    Aead(const Aead&) = delete;
    Aead& operator=(const Aead&) = delete;

    /// Encrypts all of `message` but its last kAeadTagLength bytes, which receive the tag over
    /// `aad` and the text.
    void Seal(std::uint64_t number, ConstByteSpan aad, ByteSpan message) const;
    /// Reverses Seal: true leaves the plaintext before the tag. False if `message` is too short
    /// (nothing has changed) or the tag does not fit (the text has been overwritten with zeros,
    /// for it must not be read).
    [[nodiscard]] bool Open(std::uint64_t number, ConstByteSpan aad, ByteSpan message) const;

    /// Seal and Open with the tag kept apart from the text.
    virtual void SealDetached(std::uint64_t number, ConstByteSpan aad, ByteSpan text,
                              std::span<std::byte, kAeadTagLength> tag) const = 0;
    [[nodiscard]] virtual bool OpenDetached(
        std::uint64_t number, ConstByteSpan aad, ByteSpan text,
        std::span<const std::byte, kAeadTagLength> tag) const = 0;

  protected:
    Aead() = default;
};

/// `suite` must be usable on this machine: see UsableSuite.
std::unique_ptr<Aead> MakeAead(CipherSuite suite, const SecretKey& key);
/// `library` must be usable for `suite`: see IsUsable.
std::unique_ptr<Aead> MakeAead(CipherSuite suite, const SecretKey& key, AeadLibrary library);

}  // namespace crsp
