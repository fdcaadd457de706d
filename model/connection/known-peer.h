// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "model/crypto/x25519.h"

namespace crsp {

/// Names a peer for good: its static public key (CRSP §4.1).
using PeerKey = X25519PublicKey;

/// How the peers of a connection prove who they are (CRSP §4.1); the mode byte of an Initial.
enum class HandshakeMode : std::uint8_t {
    kPreSharedKey = 1,  ///< NNpsk0: both hold one secret, and are all alike
    kNoAuth = 2,        ///< NN: encrypted, and with anybody
    kKeyed = 3,         ///< IKpsk2: each knows the static key of the other beforehand
    kPairing = 4,       ///< XXpsk3: each learns the key of the other; people compare a code
};

}  // namespace crsp
