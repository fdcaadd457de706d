// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/connection/known-peer.h"
#include "model/crypto/secret-key.h"
#include "model/media/catalogue.h"

namespace crsp {

/// The longest that a grant holds, whatever was asked for.
inline constexpr std::uint64_t kMaxGrantLifetimeMs = 24 * 60 * 60 * 1000;

/// What a grant says: `renderer` may open `entry` in the name of `controller`, up to `expiry`.
struct GrantTerms {
    EntryId entry = 0;
    EntryVersion version = 0;  ///< 0: any
    PeerKey renderer{};
    PeerKey controller{};
    std::uint64_t expiry = 0;  ///< Unix time at the server, ms

    bool operator==(const GrantTerms&) const = default;
};

/// Writes grants and knows its own again (CRSP §9.10). It keeps nothing of them: a grant carries
/// its terms, and HMAC-SHA256 under a key that only the server has.
class GrantMint {
  public:
    explicit GrantMint(const SecretKey& serverSecret);

    std::string Issue(const GrantTerms& terms) const;
    /// The terms of `grant` if it was issued here for just this entry and renderer. Whether it has
    /// expired, and whether its controller still may, is for the caller to judge.
    std::optional<GrantTerms> Verify(std::string_view grant, EntryId entry,
                                     const PeerKey& renderer) const;

  private:
    SecretKey m_key;
};

}  // namespace crsp
