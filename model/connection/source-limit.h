// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "model/base/socket-address.h"
#include "model/base/time.h"
#include "model/connection/token-bucket.h"
#include "model/crypto/mac.h"

namespace crsp {

/// Sources are told apart by keyed hashes, each into so many buckets; the one that is least used
/// counts (Cormode and Muthukrishnan, count-min).
inline constexpr std::size_t kSourceHashes = 2;
inline constexpr std::size_t kSourceBuckets = 16'384;

/// So many tokens in a second for each source, in a memory that does not grow with their number:
/// none until the first asks, 256 KiB from then on. Sources that share their buckets with others
/// get less, which nobody can arrange who does not know the key.
class SourceLimit {
  public:
    explicit SourceLimit(const Mac& key) : m_key(key) {}

    /// The bounds are those of TokenBucket::Take, and should not change between calls.
    bool Take(TimePoint now, const SocketAddress& source, std::uint32_t perSecond,
              std::uint32_t burst);

  private:
    Mac m_key;
    std::unique_ptr<TokenBucket[]> m_buckets;
};

}  // namespace crsp
