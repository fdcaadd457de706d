// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/handshake-gate.h"

#include <algorithm>
#include <array>

#include "model/base/assert.h"
#include "model/connection/initial-macs.h"

namespace crsp {
namespace {

/// Epoch, address with family and port, connection id, mac1.
constexpr std::size_t kCookieInputLength = 8 + 1 + 16 + 2 + 8 + kMacLength;

std::int64_t EpochAt(TimePoint now) {
    return now.time_since_epoch() / kCookieEpoch;
}

ConstByteSpan BytesOf(const SocketAddress& address) {
    return std::as_bytes(std::span(address.bytes));
}

}  // namespace

HandshakeGate::HandshakeGate(SecureRandom& random) {
    random.Fill(m_secret);
}

HandshakeGate::Verdict HandshakeGate::Judge(TimePoint now, const SocketAddress& source,
                                            const InitialHeader& header, ConstByteSpan initial,
                                            bool alwaysRetry) {
    if (HasCookie(now, source, header, initial)) {
        return ProvedMay(now, source) ? Verdict::kProceed : Verdict::kDrop;
    }
    // Not dropped over the limit of all: with a cookie it may be prompt.
    const bool proceeds = !alwaysRetry &&
                          m_unproven.Take(now, kUnprovenPerSecond, kUnprovenBurst) &&
                          m_all.Take(now, kHandshakesPerSecond, kHandshakeBurst);
    return proceeds ? Verdict::kProceed : Verdict::kRetry;
}

Mac HandshakeGate::CookieOf(TimePoint now, const SocketAddress& source, const InitialHeader& header,
                            ConstByteSpan initial) const {
    return CookieIn(EpochAt(now), source, header, initial);
}

bool HandshakeGate::HasCookie(TimePoint now, const SocketAddress& source,
                              const InitialHeader& header, ConstByteSpan initial) const {
    constexpr std::array<std::byte, kMacLength> kNone{};
    const auto mac2 = initial.last(kMacLength);
    if (std::equal(mac2.begin(), mac2.end(), kNone.begin())) return false;
    const std::int64_t epoch = EpochAt(now);
    return VerifyMac2(initial, CookieIn(epoch, source, header, initial)) ||
           VerifyMac2(initial, CookieIn(epoch - 1, source, header, initial));
}

Mac HandshakeGate::CookieIn(std::int64_t epoch, const SocketAddress& source,
                            const InitialHeader& header, ConstByteSpan initial) const {
    std::array<std::byte, kCookieInputLength> input{};
    ByteWriter writer(input);
    writer.U64(static_cast<std::uint64_t>(epoch));
    writer.U8(static_cast<std::uint8_t>(source.family));
    writer.Bytes(BytesOf(source));
    writer.U16(source.port);
    writer.U64(header.source);
    writer.Bytes(Mac1Of(initial));
    CRSP_ASSERT(writer.Ok() && writer.Remaining() == 0);
    return SipHashMac(m_secret, input);
}

bool HandshakeGate::ProvedMay(TimePoint now, const SocketAddress& source) {
    if (!m_addresses) m_addresses = std::make_unique<Address[]>(kAddressHashes * kAddressBuckets);
    const Mac hash = SipHashMac(m_secret, BytesOf(PrefixOf(source)));
    ByteReader reader(hash);
    bool may = false;
    bool prompt = false;
    for (std::size_t i = 0; i < kAddressHashes; ++i) {
        Address& address = m_addresses[i * kAddressBuckets + *reader.U64() % kAddressBuckets];
        may |= address.all.Take(now, kHandshakesPerAddress, kAddressBurst);
        prompt |= address.prompt.Take(now, kPromptPerAddress, kPromptAddressBurst);
    }
    if (!may) return false;
    if (prompt && m_prompt.Take(now, kPromptPerSecond, kPromptBurst)) return true;
    return m_all.Take(now, kHandshakesPerSecond, kHandshakeBurst);
}

}  // namespace crsp
