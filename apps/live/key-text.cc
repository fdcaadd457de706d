// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/key-text.h"

#include <sodium.h>

#include <array>
#include <utility>

namespace crsp {
namespace {

std::string Base64(ConstByteSpan bytes, int variant) {
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), SodiumInput(bytes), bytes.size(), variant);
    text.pop_back();  // the terminating zero that it wrote
    return text;
}

/// Whether a handshake with this key can succeed at all.
bool IsUsable(const PeerKey& key) {
    constexpr std::byte kUnusedBit{0x80};
    if ((key.back() & kUnusedBit) != std::byte{0}) return false;
    SecretKey any;
    any.Bytes()[0] = std::byte{1};
    return X25519SharedSecret(any, key).has_value();
}

/// A key has one text: libsodium takes some bytes beyond ASCII for digits.
std::optional<PeerKey> Decode(std::string_view text) {
    if (text.size() != kPublicKeyText) return std::nullopt;
    PeerKey key{};
    std::size_t length = 0;
    const int failed = sodium_base642bin(SodiumOutput(key), key.size(), text.data(), text.size(),
                                         nullptr, &length, nullptr, sodium_base64_VARIANT_ORIGINAL);
    if (failed != 0 || length != key.size() || PublicKeyText(key) != text) return std::nullopt;
    return key;
}

}  // namespace

std::string PublicKeyText(const PeerKey& key) {
    return Base64(key, sodium_base64_VARIANT_ORIGINAL);
}

std::optional<PeerKey> ParsePublicKey(std::string_view text) {
    const auto key = Decode(text);
    return key && IsUsable(*key) ? key : std::nullopt;
}

bool IsUnusableKey(std::string_view text) {
    const auto key = Decode(text);
    return key && !IsUsable(*key);
}

std::string Fingerprint(const PeerKey& key) {
    std::array<std::byte, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(SodiumOutput(digest), SodiumInput(key), key.size());
    return "SHA256:" + Base64(digest, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

}  // namespace crsp
