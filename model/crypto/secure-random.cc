// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/secure-random.h"

#include <sodium.h>

#include <algorithm>

#include "model/base/assert.h"
#include "model/crypto/mac.h"

namespace crsp {

SecureRandom::SecureRandom(std::span<const std::byte, kKeyLength> seed) : m_key(seed) {
    EnsureSodium();
}

SecureRandom::~SecureRandom() {
    Wipe(m_pool);
}

void SecureRandom::Refill() {
    // A key encrypts once and is replaced by the first bytes of its own output, so the nonce can
    // stay zero.
    constexpr std::array<unsigned char, crypto_stream_chacha20_NONCEBYTES> kNonce{};
    std::array<std::byte, kKeyLength + kPoolLength> block;
    crypto_stream_chacha20(SodiumOutput(block), block.size(), kNonce.data(),
                           SodiumInput(m_key.Bytes()));
    std::copy_n(block.begin(), kKeyLength, m_key.Bytes().begin());
    std::copy_n(block.begin() + kKeyLength, kPoolLength, m_pool.begin());
    Wipe(block);
    m_position = 0;
}

void SecureRandom::Fill(ByteSpan out) {
    while (!out.empty()) {
        if (m_position == kPoolLength) Refill();
        const auto source = ByteSpan(m_pool).subspan(m_position);
        const std::size_t count = std::min(source.size(), out.size());
        std::copy_n(source.begin(), count, out.begin());
        Wipe(source.first(count));
        m_position += count;
        out = out.subspan(count);
    }
}

void SecureRandom::Stir(std::span<const std::byte, kKeyLength> entropy) {
    m_key = DeriveKey(m_key.Bytes(), AsText(entropy));
    Wipe(m_pool);
    m_position = kPoolLength;
}

std::uint64_t SecureRandom::U64() {
    std::array<std::byte, 8> bytes;
    Fill(bytes);
    return *ByteReader(bytes).U64();
}

std::uint64_t SecureRandom::Below(std::uint64_t bound) {
    CRSP_ASSERT(bound > 0);
    // 2^64 mod bound: what lies below it would make small results likelier.
    const std::uint64_t unfair = (0 - bound) % bound;
    std::uint64_t drawn = U64();
    while (drawn < unfair) drawn = U64();
    return drawn % bound;
}

}  // namespace crsp
