// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "model/base/bytes.h"
#include "model/crypto/aead-limits.h"
#include "model/crypto/aead.h"
#include "model/crypto/secret-key.h"
#include "model/wire/types.h"

namespace crsp {

/// The largest packet that is protected, header included.
inline constexpr std::size_t kMaxProtectedPacketLength = 9216;
/// SealLimitReached() speaks up this many packets early, so that the connection can still say
/// why it closes.
inline constexpr std::uint64_t kSealReserve = 1024;

/// The key that follows `key` (Noise rev 34 §4.2, REKEY); there is no way back.
SecretKey Rekey(CipherSuite suite, const SecretKey& key);

/// Protects the packets of one connection after its handshake (CRSP §4.5): the packet number is
/// the nonce, the clear header is authenticated, and each direction has its own key.
///
/// Keys are changed in both directions together (CRSP §4.9, RFC 9001 §6): by Update(), or when a
/// packet of the peer opens that it has sealed in the next phase. When to do so is the caller's
/// business.
class PacketProtection {
  public:
    /// `suite` must be the one the handshake ran with. `limits` other than the suite's are for
    /// tests.
    PacketProtection(const TransportKeys& keys, Side side, CipherSuite suite)
        : PacketProtection(keys, side, suite, LimitsOf(suite)) {}
    PacketProtection(const TransportKeys& keys, Side side, CipherSuite suite, AeadLimits limits);

    /// Which of two phases the next packet is sealed in: a bit of its header.
    bool OddPhase() const { return m_sealPhase % 2 != 0; }
    /// Encrypts `payload` in place; its last kAeadTagLength bytes receive the tag over `header` and
    /// payload. `packetNumber` must be greater than any sealed before, or a nonce would be used
    /// twice; and CanSeal() must hold. Both are asserted.
    void Seal(PacketNumber packetNumber, ConstByteSpan header, ByteSpan payload);

    enum class Opened : std::uint8_t {
        kNo,  ///< not authentic: only a counter has changed
        kYes,
        kFollowed,   ///< yes, and the peer has changed keys as we have before
        kNextPhase,  ///< yes, and the peer has changed keys; ours have changed with them
    };
    /// Decrypts `payload` in place, and leaves the plaintext before its last kAeadTagLength bytes.
    /// With kNo it holds zeros or what it held, never plaintext. `mayAdvance`: whether the peer may
    /// change keys of its own accord now. Knows nothing of duplicates: check those afterwards.
    [[nodiscard]] Opened Open(PacketNumber packetNumber, bool oddPhase, ConstByteSpan header,
                              ByteSpan payload, bool mayAdvance = true);

    /// Changes the keys. Not before the peer has followed the last time: see CanUpdate().
    void Update();
    bool CanUpdate() const { return m_sealPhase == m_openPhase; }
    /// Packets of the phase before that are still on their way do not open any more.
    void ForgetPrevious() { m_previous.reset(); }
    /// Packets sealed under the key in use; a long one counts as several (kCountedPacketLength).
    std::uint64_t Sealed() const { return m_sealed; }

    /// Forgets the expanded keys, each half a KiB to a whole one, until the next packet.
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
    /// A key, and what the library made of it once it is used.
    struct Key {
        explicit Key(const SecretKey& key) : secret(key) {}
        const Aead& Expanded(CipherSuite suite);

        SecretKey secret;
        std::unique_ptr<Aead> aead{};
    };

    bool OpenWith(Key& key, PacketNumber packetNumber, ConstByteSpan header, ByteSpan payload);
    bool OpenInOtherPhase(PacketNumber packetNumber, ConstByteSpan header, ByteSpan payload,
                          bool mayAdvance);
    void AdvanceSeal();
    void AdvanceOpen(PacketNumber first);

    AeadLimits m_limits;
    CipherSuite m_suite;
    Key m_seal;
    Key m_open;
    /// Made beforehand, so that a forged phase bit costs no more than any other forgery.
    Key m_next;
    std::unique_ptr<Key> m_previous;
    std::uint32_t m_sealPhase = 0;
    std::uint32_t m_openPhase = 0;
    PacketNumber m_openPhaseStart = 0;  ///< the lowest number that opened in m_openPhase
    PacketNumber m_nextPacketNumber = 0;
    std::uint64_t m_sealed = 0;
    std::uint64_t m_failedOpens = 0;
};

}  // namespace crsp
