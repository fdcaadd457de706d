// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "model/base/bytes.h"
#include "model/crypto/secret-key.h"

namespace crsp {

/// The only source of keys, connection ids and challenges: a ChaCha20 generator with fast key
/// erasure (Bernstein, 2017). Whoever reads its state learns nothing of what it gave before.
///
/// A function of its seed: the same seed gives the same bytes on every machine, however they are
/// asked for. A real node therefore seeds it from the operating system, and no two may share a
/// seed; a simulation derives the seed from the scenario's.
class SecureRandom {
  public:
    explicit SecureRandom(std::span<const std::byte, kKeyLength> seed);
    ~SecureRandom();
    /// A copy would give the same keys a second time.
    SecureRandom(const SecureRandom&) = delete;
    SecureRandom& operator=(const SecureRandom&) = delete;

    void Fill(ByteSpan out);
    /// Makes all that comes from now on depend on `entropy` as well.
    void Stir(std::span<const std::byte, kKeyLength> entropy);
    std::uint64_t U64();
    /// Uniform in [0, bound); bound must be > 0. Unbiased.
    std::uint64_t Below(std::uint64_t bound);

  private:
    static constexpr std::size_t kPoolLength = 480;

    void Refill();

    SecretKey m_key;
    std::array<std::byte, kPoolLength> m_pool{};
    std::size_t m_position = kPoolLength;
};

}  // namespace crsp
