// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "model/base/bytes.h"
#include "model/base/socket-address.h"
#include "model/base/time.h"
#include "model/crypto/mac.h"
#include "model/crypto/secure-random.h"
#include "model/wire/packet-header.h"

namespace crsp {

/// Handshakes an endpoint runs in a second, however many are asked for, and in a row: X25519 then
/// takes at most about a third of one core.
inline constexpr std::uint32_t kHandshakesPerSecond = 2'000;
inline constexpr std::uint32_t kHandshakeBurst = 1'024;
/// As many of them for initiators whose address has not been proved by a cookie.
inline constexpr std::uint32_t kUnprovenPerSecond = 500;
inline constexpr std::uint32_t kUnprovenBurst = 64;
/// And for one proved address: an IPv4 host or an IPv6 network of 64 bits.
inline constexpr std::uint32_t kHandshakesPerAddress = 20;
inline constexpr std::uint32_t kAddressBurst = 64;
/// Addresses are told apart by a keyed hash into so many buckets.
inline constexpr std::size_t kAddressBuckets = 4'096;
/// A cookie lives from one to two of these (CRSP §4.8).
inline constexpr Duration kCookieEpoch = seconds(60);

/// So many tokens in a second, and so many at once.
class TokenBucket {
  public:
    bool Take(TimePoint now, std::uint32_t perSecond, std::uint32_t burst);

  private:
    TimePoint m_full{};  ///< when it will be full again
};

/// Stands between Initials and the costly part of a handshake (CRSP §4.8). It holds nothing of an
/// initiator that has not proved its address.
class HandshakeGate {
  public:
    enum class Verdict : std::uint8_t {
        kProceed,
        kRetry,  ///< only with a cookie: send it one
        kDrop,   ///< over a limit
    };

    explicit HandshakeGate(SecureRandom& random);

    /// `alwaysRetry`: where anybody may connect, or many have begun. `initial` is the datagram,
    /// whose mac1 has been verified.
    Verdict Judge(TimePoint now, const SocketAddress& source, const InitialHeader& header,
                  ConstByteSpan initial, bool alwaysRetry);
    /// The cookie of a Retry that answers `initial`. Function of the address, the initiator's
    /// connection id, mac1 and the minute, so nothing has to be remembered.
    Mac CookieOf(TimePoint now, const SocketAddress& source, const InitialHeader& header,
                 ConstByteSpan initial) const;

  private:
    Mac CookieIn(std::int64_t epoch, const SocketAddress& source, const InitialHeader& header,
                 ConstByteSpan initial) const;
    bool HasCookie(TimePoint now, const SocketAddress& source, const InitialHeader& header,
                   ConstByteSpan initial) const;
    bool AddressMay(TimePoint now, const SocketAddress& source);

    Mac m_secret{};
    TokenBucket m_all;
    TokenBucket m_unproven;
    std::unique_ptr<TokenBucket[]> m_addresses;  ///< none until the first cookie comes back
};

}  // namespace crsp
