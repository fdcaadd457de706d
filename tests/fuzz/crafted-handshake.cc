// SPDX-License-Identifier: BSD-3-Clause
#include "tests/fuzz/crafted-handshake.h"

#include <algorithm>
#include <utility>

#include "model/base/assert.h"
#include "model/connection/initial-macs.h"
#include "model/wire/packet-header.h"

namespace crsp::fuzz {
namespace {

constexpr std::size_t kInitialLength = 1200;
constexpr auto kSuite = CipherSuite::kChaCha20Poly1305Sha256;

NoisePattern PatternOf(HandshakeMode mode) {
    switch (mode) {
        case HandshakeMode::kPreSharedKey:
            return NoisePattern::kNNpsk0;
        case HandshakeMode::kNoAuth:
            return NoisePattern::kNN;
        case HandshakeMode::kKeyed:
            return NoisePattern::kIKpsk2;
        case HandshakeMode::kPairing:
            break;
    }
    return NoisePattern::kXXpsk3;
}

NoiseConfig ConfigOf(const HandshakeKeys& keys, Side side, ConstByteSpan prologue) {
    const bool keyed = keys.mode == HandshakeMode::kKeyed;
    const bool proves = keyed || keys.mode == HandshakeMode::kPairing;
    NoiseConfig config{.pattern = PatternOf(keys.mode),
                       .suite = kSuite,
                       .side = side,
                       .prologue = prologue,
                       .psk = std::nullopt,
                       .localStatic = std::nullopt,
                       .remoteStatic = std::nullopt};
    if (keys.mode != HandshakeMode::kNoAuth) config.psk = keys.psk.value_or(SecretKey());
    if (proves) config.localStatic = keys.own;
    if (keyed && side == Side::kInitiator) config.remoteStatic = keys.peer;
    return config;
}

Seed SeedOf(std::uint8_t which) {
    Seed seed;
    seed.fill(std::byte{which});
    return seed;
}

}  // namespace

Bytes CraftInitial(const HandshakeKeys& keys, ConstByteSpan payload) {
    const Seed seed = SeedOf(99);
    SecureRandom random(seed);
    Bytes datagram(kInitialLength);
    const ByteSpan all(datagram);
    EncodePacketHeader(all, InitialHeader{.suite = static_cast<std::uint8_t>(kSuite),
                                          .mode = static_cast<std::uint8_t>(keys.mode),
                                          .source = 0x6372616674});
    NoiseHandshake noise(ConfigOf(keys, Side::kInitiator, all.first(kInitialHeaderLength)), random);
    const auto message = all.subspan(kInitialHeaderLength,
                                     kInitialLength - kInitialHeaderLength - kInitialMacsLength);
    Bytes padded(message.size() - noise.NextOverhead());
    std::copy_n(payload.begin(), std::min(payload.size(), padded.size()), padded.begin());
    CRSP_ASSERT(noise.WriteMessage(padded, message));
    SealInitial(keys, std::nullopt, datagram);
    return datagram;
}

std::optional<Bytes> CraftResponse(const HandshakeKeys& keys, const Bytes& initial,
                                   ConstByteSpan payload) {
    const auto header = DecodePacketHeader(initial);
    const auto* begun = header ? std::get_if<InitialHeader>(&*header) : nullptr;
    if (!begun || initial.size() != kInitialLength) return std::nullopt;
    const Seed seed = SeedOf(98);
    SecureRandom random(seed);
    const ConstByteSpan all(initial);
    NoiseHandshake noise(ConfigOf(keys, Side::kResponder, all.first(kInitialHeaderLength)), random);
    const auto message = all.subspan(kInitialHeaderLength,
                                     kInitialLength - kInitialHeaderLength - kInitialMacsLength);
    Bytes opened(message.size());
    if (!noise.ReadMessage(message, opened)) return std::nullopt;
    Bytes response(kResponseHeaderLength + noise.NextOverhead() + payload.size());
    EncodePacketHeader(response, ResponseHeader{begun->source});
    CRSP_ASSERT(noise.WriteMessage(payload, ByteSpan(response).subspan(kResponseHeaderLength)));
    return response;
}

void SealInitial(const HandshakeKeys& keys, const std::optional<Mac>& cookie, Bytes& initial) {
    if (initial.size() < kInitialLength) return;
    const auto responder =
        keys.mode == HandshakeMode::kKeyed ? std::optional(keys.peer) : std::nullopt;
    if (keys.mode == HandshakeMode::kPreSharedKey && !keys.psk) return;
    WriteMac1(initial, Mac1KeyOf(keys.mode, responder, keys.psk));
    if (cookie) WriteMac2(initial, *cookie);
}

}  // namespace crsp::fuzz
