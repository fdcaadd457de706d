// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/noise-pattern.h"

#include "model/base/assert.h"

namespace crsp {
namespace {

constexpr auto kE = NoiseToken::kE;
constexpr auto kS = NoiseToken::kS;
constexpr auto kEe = NoiseToken::kEe;
constexpr auto kEs = NoiseToken::kEs;
constexpr auto kSe = NoiseToken::kSe;
constexpr auto kSs = NoiseToken::kSs;
constexpr auto kPsk = NoiseToken::kPsk;

// In the order of NoisePattern.
constexpr std::array<NoisePatternRow, 6> kRows{{
    {"NN", false, 2, {{{kE}, {kE, kEe}, {}}}},
    {"NNpsk0", false, 2, {{{kPsk, kE}, {kE, kEe}, {}}}},
    {"IK", true, 2, {{{kE, kEs, kS, kSs}, {kE, kEe, kSe}, {}}}},
    {"IKpsk2", true, 2, {{{kE, kEs, kS, kSs}, {kE, kEe, kSe, kPsk}, {}}}},
    {"XX", false, 3, {{{kE}, {kE, kEe, kS, kEs}, {kS, kSe}}}},
    {"XXpsk3", false, 3, {{{kE}, {kE, kEe, kS, kEs}, {kS, kSe, kPsk}}}},
}};

}  // namespace

bool NoisePatternRow::UsesPsk() const {
    return std::any_of(messages.begin(), messages.end(),
                       [](const NoiseTokens& tokens) { return tokens.Contains(NoiseToken::kPsk); });
}

bool NoisePatternRow::UsesStaticOf(Side side) const {
    if (side == Side::kResponder) {
        return responderStaticKnown || messages[1].Contains(NoiseToken::kS);
    }
    return messages[0].Contains(NoiseToken::kS) || messages[2].Contains(NoiseToken::kS);
}

const NoisePatternRow& RowOf(NoisePattern pattern) {
    const auto index = static_cast<std::size_t>(pattern);
    CRSP_ASSERT(index < kRows.size());
    return kRows[index];
}

}  // namespace crsp
