// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "model/base/bytes.h"
#include "model/crypto/secret-key.h"

namespace crsp {

inline constexpr std::size_t kMacLength = 16;
using Mac = std::array<std::byte, kMacLength>;

/// BLAKE2b (RFC 7693) of 128 bits over `data`; `key` of 16 to 64 bytes.
Mac Blake2bMac(ConstByteSpan key, ConstByteSpan data);
/// SipHash-2-4-128 over `data`: a MAC for short inputs, at a twentieth of the cost.
Mac SipHashMac(const Mac& key, ConstByteSpan data);
/// A key of its own for one use: BLAKE2b of 256 bits over `label`, keyed with `secret`.
SecretKey DeriveKey(ConstByteSpan secret, std::string_view label);

}  // namespace crsp
