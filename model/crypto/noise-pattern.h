// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "model/wire/types.h"

namespace crsp {

/// Handshakes the engine can run (Noise rev 34 §7.5, §9.4; CRSP §4.1).
enum class NoisePattern : std::uint8_t { kNN, kNNpsk0, kIK, kIKpsk2, kXX, kXXpsk3 };

/// One step of a handshake message (Noise rev 34 §7.1).
enum class NoiseToken : std::uint8_t { kE, kS, kEe, kEs, kSe, kSs, kPsk };

/// The steps of one message, in order.
class NoiseTokens {
  public:
    constexpr NoiseTokens() = default;
    constexpr NoiseTokens(std::initializer_list<NoiseToken> tokens) : m_count(tokens.size()) {
        std::copy(tokens.begin(), tokens.end(), m_tokens.begin());
    }

    constexpr const NoiseToken* begin() const { return m_tokens.data(); }
    constexpr const NoiseToken* end() const { return m_tokens.data() + m_count; }
    constexpr bool Contains(NoiseToken token) const {
        return std::find(begin(), end(), token) != end();
    }

  private:
    std::array<NoiseToken, 4> m_tokens{};
    std::size_t m_count = 0;
};

/// A handshake as Noise writes it down. Messages alternate, the initiator's first.
struct NoisePatternRow {
    std::string_view name;
    /// Whether the initiator knows the responder's static key beforehand (pre-message `<- s`).
    bool responderStaticKnown;
    std::size_t messageCount;
    std::array<NoiseTokens, 3> messages;

    bool UsesPsk() const;
    /// Whether `side` proves a static key of its own.
    bool UsesStaticOf(Side side) const;
};

const NoisePatternRow& RowOf(NoisePattern pattern);

}  // namespace crsp
