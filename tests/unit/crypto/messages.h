// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/crypto/aead.h"
#include "tests/unit/crypto/hex.h"

namespace crsp::testing {

using Bytes = std::vector<std::byte>;

inline Bytes WithTagRoom(ConstByteSpan plaintext) {
    Bytes message = ToVector(plaintext);
    message.resize(plaintext.size() + kAeadTagLength);
    return message;
}

inline Bytes Sealed(const Aead& aead, std::uint64_t number, ConstByteSpan aad,
                    ConstByteSpan plaintext) {
    Bytes message = WithTagRoom(plaintext);
    aead.Seal(number, aad, message);
    return message;
}

inline Bytes Plaintext(std::size_t length) {
    Bytes bytes(length);
    for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 3);
    return bytes;
}

}  // namespace crsp::testing
