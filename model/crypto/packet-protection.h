// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "model/base/bytes.h"
#include "model/crypto/aead.h"
#include "model/crypto/secret-key.h"
#include "model/wire/types.h"

namespace crsp {

/// How often one key may be used before its AEAD stops being safe.
struct AeadLimits {
    std::uint64_t packetsSealed;  ///< confidentiality limit
    std::uint64_t failedOpens;    ///< integrity limit
};

/// The largest packet that is protected, header included.
inline constexpr std::size_t kMaxProtectedPacketLength = 9216;
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
/// SealLimitReached() speaks up this many packets early, so that the connection can still say
/// why it closes.
inline constexpr std::uint64_t kSealReserve = 1024;

constexpr AeadLimits LimitsOf(CipherSuite suite) {
    return suite == CipherSuite::kAes256GcmSha256
               ? AeadLimits{kGcmConfidentialityLimit, kGcmIntegrityLimit}
               : AeadLimits{kChaChaConfidentialityLimit, kChaChaIntegrityLimit};
}

/// Protects the packets of one connection after its handshake (CRSP §4.5): the packet number is
/// the nonce, the clear header is authenticated, and each direction has its own key.
///
/// There is no key update yet. A connection that reaches a limit closes with AEAD_LIMIT_REACHED:
/// with AES-256-GCM after 2^28 packets sent in one direction, about 320 GB in packets of 1,200
/// bytes; with ChaCha20-Poly1305 never in practice.
class PacketProtection {
  public:
    /// `suite` must be the one the handshake ran with. `limits` other than the suite's are for
    /// tests.
    PacketProtection(const TransportKeys& keys, Side side, CipherSuite suite)
        : PacketProtection(keys, side, suite, LimitsOf(suite)) {}
    PacketProtection(const TransportKeys& keys, Side side, CipherSuite suite, AeadLimits limits);

    /// Encrypts `payload` in place; its last kAeadTagLength bytes receive the tag over `header` and
    /// payload. `packetNumber` must be greater than any sealed before, or a nonce would be used
    /// twice; and CanSeal() must hold. Both are asserted.
    void Seal(PacketNumber packetNumber, ConstByteSpan header, ByteSpan payload);
    /// Decrypts `payload` in place, and leaves the plaintext before its last kAeadTagLength bytes.
    /// False if it is not authentic: then only a counter has changed, and `payload` holds zeros or
    /// what it held, never plaintext. Knows nothing of duplicates: check those after a true.
    [[nodiscard]] bool Open(PacketNumber packetNumber, ConstByteSpan header, ByteSpan payload);

    /// Forgets the expanded keys, each a quarter to a whole KiB, until the next packet.
    void Rest();

    /// False once a single packet more would exceed a limit, the reserve used up as well. What to
    /// ask before a CONNECTION_CLOSE; everything else asks SealLimitReached().
    bool CanSeal() const {
        return m_sealed < m_limits.packetsSealed && m_nextPacketNumber <= kMaxPacketNumber;
    }
    /// True when no more than kSealReserve packets can be sealed: close now, and seal nothing but
    /// what says so.
    bool SealLimitReached() const;
    /// True when the integrity limit is reached: Open refuses everything; drop the connection.
    bool OpenLimitReached() const { return m_failedOpens >= m_limits.failedOpens; }
    std::uint64_t FailedOpens() const { return m_failedOpens; }

  private:
    const Aead& Sealer();
    const Aead& Opener();

    AeadLimits m_limits;
    CipherSuite m_suite;
    SecretKey m_sealKey;
    SecretKey m_openKey;
    std::unique_ptr<Aead> m_sealer;  ///< none until it is used
    std::unique_ptr<Aead> m_opener;
    PacketNumber m_nextPacketNumber = 0;
    std::uint64_t m_sealed = 0;
    std::uint64_t m_failedOpens = 0;
};

}  // namespace crsp
