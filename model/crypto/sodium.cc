// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/sodium.h"

#include <sodium.h>

#include "model/base/assert.h"

namespace crsp {
namespace {

// Stands in for the null pointer of an empty span; no length reaches it, so it is never touched.
unsigned char g_emptySpan;

}  // namespace

void EnsureSodium() {
    static const bool ready = sodium_init() >= 0;
    CRSP_ASSERT(ready);
}

void Wipe(ByteSpan bytes) {
    if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

bool ConstantTimeEqual(ConstByteSpan a, ConstByteSpan b) {
    if (a.size() != b.size()) return false;
    // Most are tags, once a packet: this compares 16 bytes at once, that byte by byte.
    if (a.size() == crypto_verify_16_BYTES) {
        return crypto_verify_16(SodiumInput(a), SodiumInput(b)) == 0;
    }
    return sodium_memcmp(SodiumInput(a), SodiumInput(b), a.size()) == 0;
}

const unsigned char* SodiumInput(ConstByteSpan bytes) {
    return bytes.empty() ? &g_emptySpan : reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* SodiumOutput(ByteSpan bytes) {
    return bytes.empty() ? &g_emptySpan : reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace crsp
