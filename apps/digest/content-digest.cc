// SPDX-License-Identifier: BSD-3-Clause
#include "apps/digest/content-digest.h"

#include <nettle/base16.h>

#include <array>
#include <cstdint>

namespace crsp {

void ContentDigest::Update(ConstByteSpan bytes) {
    sha256_update(&m_state, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

std::string ContentDigest::Finish() {
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
    sha256_digest(&m_state, digest.size(), digest.data());
    std::string hex(BASE16_ENCODE_LENGTH(digest.size()), '\0');
    base16_encode_update(hex.data(), digest.size(), digest.data());
    return hex;
}

}  // namespace crsp
