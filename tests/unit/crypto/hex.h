// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/bytes.h"
#include "model/crypto/secret-key.h"

namespace crsp::testing {

/// The bytes of a well-formed hexadecimal text.
inline std::vector<std::byte> FromHex(std::string_view hex) {
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(
            static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

inline std::string ToHex(ConstByteSpan bytes) {
    std::string hex;
    for (const std::byte b : bytes) hex += fmt::format("{:02x}", std::to_integer<unsigned>(b));
    return hex;
}

inline SecretKey KeyFromHex(std::string_view hex) {
    SecretKey key;
    const auto bytes = FromHex(hex);
    std::copy_n(bytes.begin(), kKeyLength, key.Bytes().begin());
    return key;
}

/// A key of 32 equal bytes.
inline SecretKey FilledKey(unsigned char value) {
    SecretKey key;
    std::fill(key.Bytes().begin(), key.Bytes().end(), std::byte{value});
    return key;
}

/// 00 01 02 ... 1f
inline SecretKey CountingKey() {
    SecretKey key;
    for (std::size_t i = 0; i < kKeyLength; ++i) key.Bytes()[i] = static_cast<std::byte>(i);
    return key;
}

inline std::vector<std::byte> ToVector(ConstByteSpan bytes) {
    return {bytes.begin(), bytes.end()};
}

inline void FlipBit(ByteSpan bytes, std::size_t bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
}

inline bool AllZero(ConstByteSpan bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace crsp::testing
