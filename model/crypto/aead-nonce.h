// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/crypto/aead.h"

namespace crsp {

using AeadNonce = std::array<unsigned char, kAeadNonceLength>;

inline constexpr std::size_t kNoncePadding = kAeadNonceLength - sizeof(std::uint64_t);

/// A nonce as AES-256-GCM takes it in Noise (rev 34 §12.4).
inline AeadNonce BigEndianNonce(std::uint64_t number) {
    AeadNonce nonce{};
    for (std::size_t i = 0; i < sizeof number; ++i) {
        nonce[kNoncePadding + i] = static_cast<unsigned char>(number >> (56 - 8 * i));
    }
    return nonce;
}

/// A nonce as ChaCha20-Poly1305 takes it in Noise (rev 34 §12.3).
inline AeadNonce LittleEndianNonce(std::uint64_t number) {
    AeadNonce nonce{};
    for (std::size_t i = 0; i < sizeof number; ++i) {
        nonce[kNoncePadding + i] = static_cast<unsigned char>(number >> (8 * i));
    }
    return nonce;
}

}  // namespace crsp
