// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/noise-symmetric-state.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp {

NoiseSymmetricState::NoiseSymmetricState(std::string_view protocolName, CipherSuite suite)
    : m_suite(suite) {
    const auto name = AsBytes(protocolName);
    if (name.size() <= m_hash.size()) {
        std::copy(name.begin(), name.end(), m_hash.begin());
    } else {
        m_hash = HashSha256(name);
    }
    m_chainingKey = SecretKey(m_hash);
}

void NoiseSymmetricState::InitializeKey(const SecretKey& key) {
    m_key = key;
    m_nonce = 0;
}

void NoiseSymmetricState::MixHash(ConstByteSpan data) {
    Sha256 hash;
    hash.Update(m_hash);
    hash.Update(data);
    m_hash = hash.Finish();
}

void NoiseSymmetricState::MixKey(ConstByteSpan inputKeyMaterial) {
    const auto [chainingKey, key] = NoiseHkdf2(m_chainingKey, inputKeyMaterial);
    m_chainingKey = chainingKey;
    InitializeKey(key);
}

void NoiseSymmetricState::MixKeyAndHash(ConstByteSpan inputKeyMaterial) {
    const auto [chainingKey, hashInput, key] = NoiseHkdf3(m_chainingKey, inputKeyMaterial);
    m_chainingKey = chainingKey;
    MixHash(hashInput.Bytes());
    InitializeKey(key);
}

void NoiseSymmetricState::EncryptAndHash(ConstByteSpan plaintext, ByteSpan out) {
    CRSP_ASSERT(out.size() == plaintext.size() + CiphertextOverhead());
    std::copy(plaintext.begin(), plaintext.end(), out.begin());
    if (m_key) MakeAead(m_suite, *m_key)->Seal(m_nonce++, m_hash, out);
    MixHash(out);
}

bool NoiseSymmetricState::DecryptAndHash(ConstByteSpan ciphertext, ByteSpan out) {
    CRSP_ASSERT(ciphertext.size() == out.size() + CiphertextOverhead());
    std::copy_n(ciphertext.begin(), out.size(), out.begin());
    if (m_key) {
        const auto tag = ciphertext.last<kAeadTagLength>();
        if (!MakeAead(m_suite, *m_key)->OpenDetached(m_nonce++, m_hash, out, tag)) return false;
    }
    MixHash(ciphertext);
    return true;
}

TransportKeys NoiseSymmetricState::Split() const {
    const auto [first, second] = NoiseHkdf2(m_chainingKey, {});
    return {first, second};
}

}  // namespace crsp
