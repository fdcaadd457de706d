// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/grant.h"

#include <algorithm>
#include <array>

#include "model/base/assert.h"
#include "model/base/bytes.h"
#include "model/crypto/sha256.h"
#include "model/crypto/sodium.h"

namespace crsp {
namespace {

constexpr std::string_view kLabel = "crsp1 grant";
/// What the holder may do; the only thing there is.
constexpr std::uint8_t kOpen = 1;

/// What travels in front of the MAC: controller, version, expiry, operations.
constexpr std::size_t kOpenPart = kKeyLength + 8 + 8 + 1;
constexpr std::size_t kGrantSize = kOpenPart + kSha256Length;
/// What the MAC is over: the label, that, and what the opening of an entry says anyway.
constexpr std::size_t kSealedPart = kLabel.size() + kOpenPart + 8 + kKeyLength;

void WriteOpenPart(ByteWriter& writer, const GrantTerms& terms) {
    writer.Bytes(terms.controller);
    writer.U64(terms.version);
    writer.U64(terms.expiry);
    writer.U8(kOpen);
}

Sha256Digest MacOf(const SecretKey& key, const GrantTerms& terms) {
    std::array<std::byte, kSealedPart> sealed;
    ByteWriter writer(sealed);
    writer.Bytes(AsBytes(kLabel));
    WriteOpenPart(writer, terms);
    writer.U64(terms.entry);
    writer.Bytes(terms.renderer);
    CRSP_ASSERT(writer.Ok() && writer.Remaining() == 0);
    return HmacSha256(key.Bytes(), sealed);
}

}  // namespace

GrantMint::GrantMint(const SecretKey& serverSecret)
    : m_key(NoiseHkdf2(serverSecret, AsBytes(kLabel))[0]) {}

std::string GrantMint::Issue(const GrantTerms& terms) const {
    std::array<std::byte, kGrantSize> grant;
    ByteWriter writer(grant);
    WriteOpenPart(writer, terms);
    writer.Bytes(MacOf(m_key, terms));
    CRSP_ASSERT(writer.Ok() && writer.Remaining() == 0);
    return std::string(AsText(grant));
}

std::optional<GrantTerms> GrantMint::Verify(std::string_view grant, EntryId entry,
                                            const PeerKey& renderer) const {
    if (grant.size() != kGrantSize) return std::nullopt;
    ByteReader reader(AsBytes(grant));
    GrantTerms terms;
    const auto controller = *reader.Bytes(kKeyLength);
    std::copy(controller.begin(), controller.end(), terms.controller.begin());
    terms.version = *reader.U64();
    terms.expiry = *reader.U64();
    terms.entry = entry;
    terms.renderer = renderer;
    if (*reader.U8() != kOpen) return std::nullopt;
    if (!ConstantTimeEqual(reader.Rest(), MacOf(m_key, terms))) return std::nullopt;
    return terms;
}

}  // namespace crsp
