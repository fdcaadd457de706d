// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/mac.h"

#include <sodium.h>

#include "model/base/assert.h"
#include "model/crypto/sodium.h"

namespace crsp {
namespace {

static_assert(kMacLength == crypto_shorthash_siphashx24_BYTES);
static_assert(kMacLength == crypto_shorthash_siphashx24_KEYBYTES);
static_assert(kMacLength >= crypto_generichash_BYTES_MIN);

void Blake2b(ConstByteSpan key, ConstByteSpan data, ByteSpan out) {
    EnsureSodium();
    const int failed = crypto_generichash(SodiumOutput(out), out.size(), SodiumInput(data),
                                          data.size(), SodiumInput(key), key.size());
    CRSP_ASSERT(failed == 0);
}

}  // namespace

Mac Blake2bMac(ConstByteSpan key, ConstByteSpan data) {
    Mac mac;
    Blake2b(key, data, mac);
    return mac;
}

Mac SipHashMac(const Mac& key, ConstByteSpan data) {
    Mac mac;
    crypto_shorthash_siphashx24(SodiumOutput(mac), SodiumInput(data), data.size(),
                                SodiumInput(key));
    return mac;
}

SecretKey DeriveKey(ConstByteSpan secret, std::string_view label) {
    SecretKey key;
    Blake2b(secret, AsBytes(label), key.Bytes());
    return key;
}

}  // namespace crsp
