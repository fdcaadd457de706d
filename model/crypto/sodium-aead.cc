// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/sodium-aead.h"

#include <sodium.h>

#include "model/base/assert.h"
#include "model/crypto/aead-nonce.h"

namespace crsp {
namespace {

static_assert(kAeadKeyLength == crypto_aead_aes256gcm_KEYBYTES);
static_assert(kAeadTagLength == crypto_aead_aes256gcm_ABYTES);
static_assert(kAeadNonceLength == crypto_aead_aes256gcm_NPUBBYTES);
static_assert(kAeadKeyLength == crypto_aead_chacha20poly1305_ietf_KEYBYTES);
static_assert(kAeadTagLength == crypto_aead_chacha20poly1305_ietf_ABYTES);
static_assert(kAeadNonceLength == crypto_aead_chacha20poly1305_ietf_NPUBBYTES);

class Aes256GcmAead final : public Aead {
  public:
    explicit Aes256GcmAead(const SecretKey& key) {
        crypto_aead_aes256gcm_beforenm(&m_schedule, SodiumInput(key.Bytes()));
    }
    ~Aes256GcmAead() override { sodium_memzero(&m_schedule, sizeof m_schedule); }

    void SealDetached(std::uint64_t number, ConstByteSpan aad, ByteSpan text,
                      std::span<std::byte, kAeadTagLength> tag) const override {
        unsigned char* data = SodiumOutput(text);
        crypto_aead_aes256gcm_encrypt_detached_afternm(
            data, SodiumOutput(tag), nullptr, data, text.size(), SodiumInput(aad), aad.size(),
            nullptr, BigEndianNonce(number).data(), &m_schedule);
    }

    bool OpenDetached(std::uint64_t number, ConstByteSpan aad, ByteSpan text,
                      std::span<const std::byte, kAeadTagLength> tag) const override {
        unsigned char* data = SodiumOutput(text);
        return crypto_aead_aes256gcm_decrypt_detached_afternm(
                   data, nullptr, data, text.size(), SodiumInput(tag), SodiumInput(aad), aad.size(),
                   BigEndianNonce(number).data(), &m_schedule) == 0;
    }

  private:
    crypto_aead_aes256gcm_state m_schedule;  // its type carries the alignment that AES-NI needs
};

class ChaCha20Poly1305Aead final : public Aead {
  public:
    explicit ChaCha20Poly1305Aead(const SecretKey& key) : m_key(key) { EnsureSodium(); }

    void SealDetached(std::uint64_t number, ConstByteSpan aad, ByteSpan text,
                      std::span<std::byte, kAeadTagLength> tag) const override {
        unsigned char* data = SodiumOutput(text);
        crypto_aead_chacha20poly1305_ietf_encrypt_detached(
            data, SodiumOutput(tag), nullptr, data, text.size(), SodiumInput(aad), aad.size(),
            nullptr, LittleEndianNonce(number).data(), SodiumInput(m_key.Bytes()));
    }

    bool OpenDetached(std::uint64_t number, ConstByteSpan aad, ByteSpan text,
                      std::span<const std::byte, kAeadTagLength> tag) const override {
        unsigned char* data = SodiumOutput(text);
        return crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                   data, nullptr, data, text.size(), SodiumInput(tag), SodiumInput(aad), aad.size(),
                   LittleEndianNonce(number).data(), SodiumInput(m_key.Bytes())) == 0;
    }

  private:
    SecretKey m_key;
};

}  // namespace

bool SodiumRuns(CipherSuite suite) {
    EnsureSodium();
    return suite == CipherSuite::kChaCha20Poly1305Sha256 ||
           crypto_aead_aes256gcm_is_available() == 1;
}

std::unique_ptr<Aead> MakeSodiumAead(CipherSuite suite, const SecretKey& key) {
    CRSP_ASSERT(SodiumRuns(suite));
    if (suite == CipherSuite::kAes256GcmSha256) return std::make_unique<Aes256GcmAead>(key);
    return std::make_unique<ChaCha20Poly1305Aead>(key);
}

}  // namespace crsp
