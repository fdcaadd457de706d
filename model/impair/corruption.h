// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/base/bytes.h"
#include "model/base/random.h"
#include "model/impair/impairment-config.h"
#include "model/impair/loss-model.h"

namespace crsp {

/// Damage that a delivery carries; the host applies it, since only the host holds the bytes.
struct Corruption {
    std::array<std::uint32_t, kMaxFlippedBits> bits{};  ///< from the first byte's highest bit
    std::uint32_t bitCount = 0;
    std::optional<std::uint32_t> truncateTo;  ///< bytes that remain

    bool operator==(const Corruption&) const = default;
};

/// Flips the bits in place, then cuts; returns what remains of `bytes`, which must be as long as
/// the packet that was offered.
ByteSpan ApplyCorruption(const Corruption& corruption, ByteSpan bytes);

/// Draws the damage of each packet.
class CorruptionModel {
  public:
    /// Draws from the streams `name`/corrupt, `name`/corrupt-bits and `name`/truncate of `seed`.
    CorruptionModel(const ImpairmentConfig& config, std::uint64_t seed, std::string_view name);

    /// Called once for every packet offered, in order; nothing if it stays whole. An empty packet
    /// cannot be damaged.
    std::optional<Corruption> Draw(std::size_t bytes);

  private:
    void DrawBits(Corruption& corruption, bool wanted, std::size_t bytes);

    std::uint32_t m_flippedBits;
    double m_truncateProbability;
    CappedChance m_corrupt;
    Random m_bits;
    Random m_truncate;
};

}  // namespace crsp
