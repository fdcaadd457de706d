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

Mac RandomMac(SecureRandom& random) {
    Mac mac;
    random.Fill(mac);
    return mac;
}

}  // namespace

HandshakeGate::HandshakeGate(SecureRandom& random)
    : m_secret(RandomMac(random)),
      m_ofAddress(SipHashMac(m_secret, AsBytes("address"))),
      m_promptOfAddress(SipHashMac(m_secret, AsBytes("prompt"))) {}

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
    const SocketAddress network = PrefixOf(source);
    const bool prompt =
        m_promptOfAddress.Take(now, network, kPromptPerAddress, kPromptAddressBurst);
    if (!m_ofAddress.Take(now, network, kHandshakesPerAddress, kAddressBurst)) return false;
    if (prompt && m_prompt.Take(now, kPromptPerSecond, kPromptBurst)) return true;
    return m_all.Take(now, kHandshakesPerSecond, kHandshakeBurst);
}

}  // namespace crsp
