// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/corruption.h"

#include <algorithm>
#include <string>

namespace crsp {
namespace {

/// An index below `bound` from exactly one draw, whatever the bound: Random::Below may draw twice,
/// and would then shift every later packet.
std::uint32_t Index(Random& random, std::size_t bound) {
    const auto index = static_cast<std::size_t>(random.Uniform() * static_cast<double>(bound));
    return static_cast<std::uint32_t>(std::min(index, bound - 1));
}

bool Includes(const Corruption& corruption, std::uint32_t bit) {
    const auto end = corruption.bits.begin() + corruption.bitCount;
    return std::find(corruption.bits.begin(), end, bit) != end;
}

}  // namespace

ByteSpan ApplyCorruption(const Corruption& corruption, ByteSpan bytes) {
    for (std::uint32_t i = 0; i < corruption.bitCount; ++i) {
        const std::uint32_t bit = corruption.bits[i];
        bytes[bit / 8] ^= std::byte{0x80} >> bit % 8;
    }
    return bytes.first(corruption.truncateTo.value_or(bytes.size()));
}

CorruptionModel::CorruptionModel(const ImpairmentConfig& config, std::uint64_t seed,
                                 std::string_view name)
    : m_flippedBits(config.corrupt.flippedBits),
      m_truncateProbability(config.truncate.probability),
      m_corrupt(config.corrupt.probability, config.corrupt.maxBurst,
                Random::Stream(seed, std::string(name) + "/corrupt")),
      m_bits(Random::Stream(seed, std::string(name) + "/corrupt-bits")),
      m_truncate(Random::Stream(seed, std::string(name) + "/truncate")) {}

void CorruptionModel::DrawBits(Corruption& corruption, bool wanted, std::size_t bytes) {
    const std::size_t bits = 8 * bytes;
    for (std::uint32_t i = 0; i < m_flippedBits; ++i) {
        const std::uint32_t first = Index(m_bits, std::max<std::size_t>(bits, 1));
        if (!wanted || corruption.bitCount == bits) continue;
        std::uint32_t bit = first;
        while (Includes(corruption, bit)) bit = static_cast<std::uint32_t>((bit + 1) % bits);
        corruption.bits[corruption.bitCount++] = bit;
    }
}

std::optional<Corruption> CorruptionModel::Draw(std::size_t bytes) {
    Corruption corruption;
    const bool corrupt = m_corrupt.Draw();
    DrawBits(corruption, corrupt, bytes);
    const bool truncate = m_truncate.Chance(m_truncateProbability);
    const std::uint32_t length = Index(m_truncate, std::max<std::size_t>(bytes, 1));
    if (truncate && bytes > 0) corruption.truncateTo = length;
    if (corruption.bitCount == 0 && !corruption.truncateTo) return std::nullopt;
    return corruption;
}

}  // namespace crsp
