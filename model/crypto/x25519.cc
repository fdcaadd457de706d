// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/x25519.h"

#include <sodium.h>

namespace crsp {

X25519KeyPair X25519PairOf(const SecretKey& secretKey) {
    EnsureSodium();
    X25519KeyPair pair{secretKey, {}};
    crypto_scalarmult_curve25519_base(SodiumOutput(pair.publicKey), SodiumInput(secretKey.Bytes()));
    return pair;
}

X25519KeyPair GenerateX25519Pair(SecureRandom& random) {
    SecretKey secretKey;
    random.Fill(secretKey.Bytes());
    return X25519PairOf(secretKey);
}

std::optional<SecretKey> X25519SharedSecret(const SecretKey& ours, const X25519PublicKey& theirs) {
    EnsureSodium();
    SecretKey shared;
    const int failed = crypto_scalarmult_curve25519(SodiumOutput(shared.Bytes()),
                                                    SodiumInput(ours.Bytes()), SodiumInput(theirs));
    if (failed != 0) return std::nullopt;
    return shared;
}

}  // namespace crsp
