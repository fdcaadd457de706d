// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/repair-code.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "model/wire/frames.h"

namespace crsp {
namespace {

/// Multiplication in GF(2^8) with x^8 + x^4 + x^3 + x^2 + 1, bit by bit.
std::uint8_t Product(std::uint8_t a, std::uint8_t b) {
    unsigned product = 0;
    for (unsigned bit = 0; bit < 8; ++bit) {
        if (b & (1u << bit)) product ^= unsigned{a} << bit;
    }
    for (unsigned bit = 15; bit >= 8; --bit) {
        if (product & (1u << bit)) product ^= 0x11du << (bit - 8);
    }
    return static_cast<std::uint8_t>(product);
}

TEST(RepairCode, MultipliesInTheFieldThatTheProtocolNames) {
    for (unsigned a = 0; a < 256; ++a) {
        const auto x = static_cast<std::uint8_t>(a);
        for (const std::uint8_t b : {0, 1, 2, 3, 29, 128, 255}) {
            std::array sum = {std::byte{0}};
            AddMultiple(sum, x, std::array{std::byte{b}});
            EXPECT_EQ(sum[0], std::byte{Product(x, b)});
        }
        if (x != 0) {
            EXPECT_EQ(Product(x, GaloisInverse(x)), 1);
        }
    }
}

// CRSP §5.9: 1 / ((192 + repair) xor symbol).
TEST(RepairCode, CoefficientsAreThoseOfTheProtocol) {
    for (unsigned repair = 0; repair < kRepairNumbers; ++repair) {
        for (unsigned symbol = 0; symbol < kRepairSymbolNumbers; ++symbol) {
            const auto c = RepairCoefficient(static_cast<std::uint8_t>(repair),
                                             static_cast<std::uint8_t>(symbol));
            ASSERT_EQ(Product(c, static_cast<std::uint8_t>((192 + repair) ^ symbol)), 1);
        }
    }
}

TEST(RepairCode, AddsAMultipleOfWhateverLength) {
    for (const std::size_t length : {0u, 1u, 15u, 31u, 32u, 33u, 250u, 1200u}) {
        std::vector<std::byte> sum(length + 3, std::byte{0x5a});
        std::vector<std::byte> symbol(length);
        for (std::size_t i = 0; i < length; ++i) symbol[i] = static_cast<std::byte>(7 * i);
        AddMultiple(sum, 0x8e, symbol);
        for (std::size_t i = 0; i < sum.size(); ++i) {
            const auto added =
                i < length ? Product(0x8e, static_cast<std::uint8_t>(symbol[i])) : std::uint8_t{0};
            ASSERT_EQ(sum[i], std::byte(0x5a ^ added)) << length << " " << i;
        }
    }
}

}  // namespace
}  // namespace crsp
