// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/random.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "model/base/assert.h"

namespace crsp {
namespace {

__extension__ using Uint128 = unsigned __int128;

std::uint64_t SplitMix64(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) {
    for (auto& word : m_state) word = SplitMix64(seed);
}

Random Random::Stream(std::uint64_t seed, std::string_view label) {
    return Random(seed ^ std::rotl(StableHash(label), 17));
}

std::uint64_t Random::Next() {
    const std::uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
    const std::uint64_t t = m_state[1] << 17;
    m_state[2] ^= m_state[0];
    m_state[3] ^= m_state[1];
    m_state[1] ^= m_state[2];
    m_state[0] ^= m_state[3];
    m_state[2] ^= t;
    m_state[3] = std::rotl(m_state[3], 45);
    return result;
}

double Random::Uniform() {
    return static_cast<double>(Next() >> 11) * 0x1.0p-53;
}

std::uint64_t Random::Below(std::uint64_t bound) {
    CRSP_ASSERT(bound > 0);
    const std::uint64_t threshold = (0 - bound) % bound;
    while (true) {
        const auto product = static_cast<Uint128>(Next()) * bound;
        if (static_cast<std::uint64_t>(product) >= threshold) {
            return static_cast<std::uint64_t>(product >> 64);
        }
    }
}

bool Random::Chance(double probability) {
    return Uniform() < probability;
}

double Random::Normal() {
    const double radius = std::sqrt(2 * Exponential());
    return radius * std::cos(2 * std::numbers::pi * Uniform());
}

double Random::Exponential() {
    return -std::log1p(-Uniform());
}

std::uint64_t StableHash(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

}  // namespace crsp
