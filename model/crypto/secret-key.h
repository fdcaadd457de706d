// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "model/crypto/sodium.h"

namespace crsp {

/// The length of every key of the protocol: AES-256, ChaCha20, X25519, chaining and pre-shared key.
inline constexpr std::size_t kKeyLength = 32;

/// 32 secret bytes that are wiped when they go out of scope. Every copy wipes itself. It has no
/// comparison on purpose: see ConstantTimeEqual.
class SecretKey {
  public:
    /// All zero, to be filled through Bytes().
    SecretKey() = default;
    explicit SecretKey(std::span<const std::byte, kKeyLength> bytes) {
        std::copy(bytes.begin(), bytes.end(), m_bytes.begin());
    }
    ~SecretKey() { Wipe(m_bytes); }
    SecretKey(const SecretKey&) = default;
    SecretKey& operator=(const SecretKey&) = default;

    std::span<std::byte, kKeyLength> Bytes() { return m_bytes; }
    std::span<const std::byte, kKeyLength> Bytes() const { return m_bytes; }

  private:
    std::array<std::byte, kKeyLength> m_bytes{};
};

/// What a finished handshake leaves to packet protection: one key for each direction
/// (Noise rev 34 §5.2, Split; CRSP §4.5).
struct TransportKeys {
    SecretKey initiatorToResponder;
    SecretKey responderToInitiator;
};

}  // namespace crsp
