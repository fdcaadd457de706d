// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/crypto/aead.h"
#include "model/wire/types.h"

namespace crsp {

/// How often one key may be used before its AEAD stops being safe.
struct AeadLimits {
    std::uint64_t packetsSealed;  ///< confidentiality limit
    std::uint64_t failedOpens;    ///< integrity limit
};

/// The packet for which kGcmConfidentialityLimit holds; a longer one counts as several of these.
inline constexpr std::size_t kCountedPacketLength = 2048;
/// RFC 9001 §B.1.1: an attacker's advantage of 2^-57 allows 2^35 / l packets of l blocks, which is
/// 2^28 for packets up to 2^11 bytes. (The 2^23 of §6.6 is for packets up to 2^16 bytes.)
inline constexpr std::uint64_t kGcmConfidentialityLimit = std::uint64_t{1} << 28;
/// RFC 9001 §6.6.
inline constexpr std::uint64_t kGcmIntegrityLimit = std::uint64_t{1} << 52;
/// RFC 9001 §6.6: higher than the number of packets a connection can have.
inline constexpr std::uint64_t kChaChaConfidentialityLimit = kMaxPacketNumber + 1;
/// RFC 9001 §6.6.
inline constexpr std::uint64_t kChaChaIntegrityLimit = std::uint64_t{1} << 36;

constexpr AeadLimits LimitsOf(CipherSuite suite) {
    return suite == CipherSuite::kAes256GcmSha256
               ? AeadLimits{kGcmConfidentialityLimit, kGcmIntegrityLimit}
               : AeadLimits{kChaChaConfidentialityLimit, kChaChaIntegrityLimit};
}

}  // namespace crsp
