// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>

#include "model/base/bytes.h"
#include "model/connection/known-peer.h"
#include "model/crypto/mac.h"

namespace crsp {

/// At the end of every Initial: mac1 and mac2 (CRSP §4.8).
inline constexpr std::size_t kInitialMacsLength = 2 * kMacLength;

/// What mac1 is made with: known to whoever may connect, so that others' Initials cost no more than
/// a hash. Without keys it keeps out nothing but bytes that changed on their way.
SecretKey Mac1KeyOf(HandshakeMode mode, const std::optional<PeerKey>& responder,
                    const std::optional<SecretKey>& psk);

/// Writes mac1 over all of `initial` that stands in front of it, and mac2 as zeros.
void WriteMac1(ByteSpan initial, const SecretKey& key);
bool VerifyMac1(ConstByteSpan initial, const SecretKey& key);
/// Writes mac2: proof that the initiator has got `cookie`, so that its address is its own. It is
/// over mac1, which stands for the rest: whoever verifies one verifies the other too.
void WriteMac2(ByteSpan initial, const Mac& cookie);
bool VerifyMac2(ConstByteSpan initial, const Mac& cookie);

/// mac1 as it stands in `initial`: it names the Noise message.
Mac Mac1Of(ConstByteSpan initial);

}  // namespace crsp
