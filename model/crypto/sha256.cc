// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/sha256.h"

#include <sodium.h>

#include <algorithm>

namespace crsp {
namespace {

SecretKey HmacToKey(ConstByteSpan key, ConstByteSpan message) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, SodiumInput(key), key.size());
    crypto_auth_hmacsha256_update(&state, SodiumInput(message), message.size());
    SecretKey out;
    crypto_auth_hmacsha256_final(&state, SodiumOutput(out.Bytes()));
    sodium_memzero(&state, sizeof state);
    return out;
}

/// T(n) = HMAC(extracted, T(n-1) || n) of RFC 5869 §2.3, for n > 1.
SecretKey ExpandNext(const SecretKey& extracted, const SecretKey& previous, std::byte counter) {
    std::array<std::byte, kKeyLength + 1> input;
    std::copy_n(previous.Bytes().begin(), kKeyLength, input.begin());
    input.back() = counter;
    const SecretKey out = HmacToKey(extracted.Bytes(), input);
    Wipe(input);
    return out;
}

}  // namespace

Sha256::Sha256() {
    EnsureSodium();
    crypto_hash_sha256_init(&m_state);
}

Sha256::~Sha256() {
    sodium_memzero(&m_state, sizeof m_state);
}

void Sha256::Update(ConstByteSpan bytes) {
    crypto_hash_sha256_update(&m_state, SodiumInput(bytes), bytes.size());
}

Sha256Digest Sha256::Finish() {
    Sha256Digest digest;
    crypto_hash_sha256_final(&m_state, SodiumOutput(digest));
    crypto_hash_sha256_init(&m_state);
    return digest;
}

Sha256Digest HashSha256(ConstByteSpan message) {
    Sha256 hash;
    hash.Update(message);
    return hash.Finish();
}

Sha256Digest HmacSha256(ConstByteSpan key, ConstByteSpan message) {
    EnsureSodium();
    const SecretKey mac = HmacToKey(key, message);
    Sha256Digest digest;
    std::copy_n(mac.Bytes().begin(), digest.size(), digest.begin());
    return digest;
}

std::array<SecretKey, 2> NoiseHkdf2(const SecretKey& chainingKey, ConstByteSpan inputKeyMaterial) {
    EnsureSodium();
    constexpr std::array kFirst{std::byte{1}};
    const SecretKey extracted = HmacToKey(chainingKey.Bytes(), inputKeyMaterial);
    const SecretKey first = HmacToKey(extracted.Bytes(), kFirst);
    return {first, ExpandNext(extracted, first, std::byte{2})};
}

std::array<SecretKey, 3> NoiseHkdf3(const SecretKey& chainingKey, ConstByteSpan inputKeyMaterial) {
    const auto [first, second] = NoiseHkdf2(chainingKey, inputKeyMaterial);
    const SecretKey extracted = HmacToKey(chainingKey.Bytes(), inputKeyMaterial);
    return {first, second, ExpandNext(extracted, second, std::byte{3})};
}

}  // namespace crsp
