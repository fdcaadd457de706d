// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/aead.h"

#include "model/base/assert.h"
#include "model/crypto/ipsec-mb-aead.h"
#include "model/crypto/sodium-aead.h"

namespace crsp {

std::string_view NoiseCipherName(CipherSuite suite) {
    return suite == CipherSuite::kAes256GcmSha256 ? "AESGCM" : "ChaChaPoly";
}

bool IsUsable(AeadLibrary library, CipherSuite suite) {
    return library == AeadLibrary::kIpsecMb ? IpsecMbRuns(suite) : SodiumRuns(suite);
}

AeadLibrary LibraryFor(CipherSuite suite) {
    return IpsecMbRuns(suite) ? AeadLibrary::kIpsecMb : AeadLibrary::kSodium;
}

std::optional<CipherSuite> UsableSuite(std::uint8_t wireNumber) {
    const auto suite = static_cast<CipherSuite>(wireNumber);
    switch (suite) {
        case CipherSuite::kAes256GcmSha256:
        case CipherSuite::kChaCha20Poly1305Sha256:
            if (IsUsable(LibraryFor(suite), suite)) return suite;
    }
    return std::nullopt;
}

CipherSuite DefaultSuite() {
    return UsableSuite(static_cast<std::uint8_t>(CipherSuite::kAes256GcmSha256))
        .value_or(CipherSuite::kChaCha20Poly1305Sha256);
}

void Aead::Seal(std::uint64_t number, ConstByteSpan aad, ByteSpan message) const {
    CRSP_ASSERT(message.size() >= kAeadTagLength);
    SealDetached(number, aad, message.first(message.size() - kAeadTagLength),
                 message.last<kAeadTagLength>());
}

bool Aead::Open(std::uint64_t number, ConstByteSpan aad, ByteSpan message) const {
    if (message.size() < kAeadTagLength) return false;
    return OpenDetached(number, aad, message.first(message.size() - kAeadTagLength),
                        message.last<kAeadTagLength>());
}

std::unique_ptr<Aead> MakeAead(CipherSuite suite, const SecretKey& key) {
    return MakeAead(suite, key, LibraryFor(suite));
}

std::unique_ptr<Aead> MakeAead(CipherSuite suite, const SecretKey& key, AeadLibrary library) {
    return library == AeadLibrary::kIpsecMb ? MakeIpsecMbAead(suite, key)
                                            : MakeSodiumAead(suite, key);
}

}  // namespace crsp
