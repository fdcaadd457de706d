// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/pairing-code.h"

#include <initializer_list>
#include <string_view>

#include "model/base/bytes.h"

namespace crsp {
namespace {

/// Keeps the two hashes of this file, and all others of the protocol, apart.
constexpr std::string_view kCommitmentLabel = "CRSP1 pairing commitment";
constexpr std::string_view kCodeLabel = "CRSP1 pairing code";

/// All parts but the label have a fixed length, so nothing has to tell them apart.
Sha256Digest DigestOf(std::initializer_list<ConstByteSpan> parts) {
    Sha256 hash;
    for (const auto part : parts) hash.Update(part);
    return hash.Finish();
}

}  // namespace

Sha256Digest PairingCommitment(const PairingNonce& nonce, const X25519PublicKey& initiator) {
    return DigestOf({AsBytes(kCommitmentLabel), nonce, initiator});
}

std::uint32_t PairingCode(const PairingNonce& initiatorNonce, const X25519PublicKey& initiator,
                          const PairingNonce& responderNonce, const X25519PublicKey& responder) {
    const auto digest =
        DigestOf({AsBytes(kCodeLabel), initiatorNonce, initiator, responderNonce, responder});
    ByteReader reader(digest);
    // 2^64 is so much larger than the number of codes that the remainder is as good as uniform.
    return static_cast<std::uint32_t>(*reader.U64() % kPairingCodes);
}

}  // namespace crsp
