// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>

#include "model/crypto/secret-key.h"

namespace crsp {

/// 32 secret bytes that may be compared and written as an array, for configurations; every copy
/// wipes itself when it goes out of scope.
struct SecretBytes : std::array<std::byte, kKeyLength> {
    ~SecretBytes() { Wipe(*this); }
};

}  // namespace crsp
