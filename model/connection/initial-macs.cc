// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/initial-macs.h"

#include <algorithm>

#include "model/base/assert.h"
#include "model/crypto/sodium.h"

namespace crsp {
namespace {

constexpr std::string_view kLabel = "CRSP1 mac1";
constexpr std::array<std::byte, kKeyLength> kNoSecret{};

ConstByteSpan SecretOf(HandshakeMode mode, const std::optional<PeerKey>& responder,
                       const std::optional<SecretKey>& psk) {
    if (mode == HandshakeMode::kKeyed) return *responder;
    if (mode == HandshakeMode::kPreSharedKey) return psk->Bytes();
    return kNoSecret;
}

ConstByteSpan WithoutMacs(ConstByteSpan initial) {
    return initial.first(initial.size() - kInitialMacsLength);
}

}  // namespace

SecretKey Mac1KeyOf(HandshakeMode mode, const std::optional<PeerKey>& responder,
                    const std::optional<SecretKey>& psk) {
    return DeriveKey(SecretOf(mode, responder, psk), kLabel);
}

void WriteMac1(ByteSpan initial, const SecretKey& key) {
    const Mac mac = Blake2bMac(key.Bytes(), WithoutMacs(initial));
    const auto macs = initial.last(kInitialMacsLength);
    std::copy(mac.begin(), mac.end(), macs.begin());
    std::fill(macs.begin() + kMacLength, macs.end(), std::byte{});
}

bool VerifyMac1(ConstByteSpan initial, const SecretKey& key) {
    return ConstantTimeEqual(Blake2bMac(key.Bytes(), WithoutMacs(initial)), Mac1Of(initial));
}

void WriteMac2(ByteSpan initial, const Mac& cookie) {
    const Mac mac = SipHashMac(cookie, Mac1Of(initial));
    std::copy(mac.begin(), mac.end(), initial.last(kMacLength).begin());
}

bool VerifyMac2(ConstByteSpan initial, const Mac& cookie) {
    return ConstantTimeEqual(SipHashMac(cookie, Mac1Of(initial)), initial.last(kMacLength));
}

Mac Mac1Of(ConstByteSpan initial) {
    Mac mac;
    const auto bytes = initial.last(kInitialMacsLength).first(kMacLength);
    std::copy(bytes.begin(), bytes.end(), mac.begin());
    return mac;
}

}  // namespace crsp
