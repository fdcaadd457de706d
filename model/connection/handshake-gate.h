// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/base/bytes.h"
#include "model/base/socket-address.h"
#include "model/base/time.h"
#include "model/connection/source-limit.h"
#include "model/connection/token-bucket.h"
#include "model/crypto/mac.h"
#include "model/crypto/secure-random.h"
#include "model/wire/packet-header.h"

namespace crsp {

/// Handshakes an endpoint runs in a second, however many are asked for, and in a row. With
/// kPromptPerSecond, X25519 then takes about a quarter of a core for keys that are not listed, and
/// half of one where anybody may connect.
inline constexpr std::uint32_t kHandshakesPerSecond = 2'000;
inline constexpr std::uint32_t kHandshakeBurst = 1'024;
/// As many of them for initiators whose address has not been proved by a cookie.
inline constexpr std::uint32_t kUnprovenPerSecond = 500;
inline constexpr std::uint32_t kUnprovenBurst = 64;
/// And for one proved address: an IPv4 host or an IPv6 network of 64 bits.
inline constexpr std::uint32_t kHandshakesPerAddress = 20;
inline constexpr std::uint32_t kAddressBurst = 64;
/// The first of an address do not wait behind those of addresses that ask for many: so many of one
/// in a second, and in a row; and of all.
inline constexpr std::uint32_t kPromptPerAddress = 1;
inline constexpr std::uint32_t kPromptAddressBurst = 4;
inline constexpr std::uint32_t kPromptPerSecond = 4'000;
inline constexpr std::uint32_t kPromptBurst = 1'024;
/// A cookie lives from one to two of these (CRSP §4.8).
inline constexpr Duration kCookieEpoch = seconds(60);

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
    bool ProvedMay(TimePoint now, const SocketAddress& source);

    Mac m_secret;
    TokenBucket m_all;
    TokenBucket m_prompt;
    TokenBucket m_unproven;
    SourceLimit m_ofAddress;
    SourceLimit m_promptOfAddress;
};

}  // namespace crsp
