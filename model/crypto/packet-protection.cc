// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/packet-protection.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "model/base/assert.h"
#include "model/base/planted.h"

namespace crsp {

SecretKey Rekey(CipherSuite suite, const SecretKey& key) {
    SecretKey next;
    std::array<std::byte, kAeadTagLength> tag;
    MakeAead(suite, key)
        ->SealDetached(std::numeric_limits<std::uint64_t>::max(), {}, next.Bytes(), tag);
    return next;
}

PacketProtection::PacketProtection(const TransportKeys& keys, Side side, CipherSuite suite,
                                   AeadLimits limits)
    : m_limits(limits),
      m_suite(suite),
      m_seal(side == Side::kInitiator ? keys.initiatorToResponder : keys.responderToInitiator),
      m_open(side == Side::kInitiator ? keys.responderToInitiator : keys.initiatorToResponder),
      m_next(Rekey(suite, m_open.secret)) {}

const Aead& PacketProtection::Key::Expanded(CipherSuite suite) {
    if (!aead) aead = MakeAead(suite, secret);
    return *aead;
}

void PacketProtection::Rest() {
    for (Key* key : {&m_seal, &m_open, &m_next, m_previous.get()}) {
        if (key) key->aead.reset();
    }
}

void PacketProtection::Seal(PacketNumber packetNumber, ConstByteSpan header, ByteSpan payload) {
    CRSP_ASSERT(packetNumber >= m_nextPacketNumber && packetNumber <= kMaxPacketNumber);
    CRSP_ASSERT(CanSeal());
    CRSP_ASSERT(header.size() + payload.size() <= kMaxProtectedPacketLength);
    m_seal.Expanded(m_suite).Seal(packetNumber, header, payload);
    m_nextPacketNumber = packetNumber + 1;
    // At least one, and one for each kCountedPacketLength begun.
    m_sealed += (header.size() + payload.size() - 1) / kCountedPacketLength + 1;
}

PacketProtection::Opened PacketProtection::Open(PacketNumber packetNumber, bool oddPhase,
                                                ConstByteSpan header, ByteSpan payload,
                                                bool mayAdvance) {
    if (OpenLimitReached()) return Opened::kNo;
    const auto phase = m_openPhase;
    const bool awaited = !CanUpdate();
    const bool current = oddPhase == (phase % 2 != 0);
    if (packetNumber > kMaxPacketNumber ||
        !(current ? OpenWith(m_open, packetNumber, header, payload)
                  : OpenInOtherPhase(packetNumber, header, payload, mayAdvance || awaited))) {
        ++m_failedOpens;
        return Opened::kNo;
    }
    if (current) m_openPhaseStart = std::min(m_openPhaseStart, packetNumber);
    if (m_openPhase == phase) return Opened::kYes;
    return awaited ? Opened::kFollowed : Opened::kNextPhase;
}

bool PacketProtection::OpenWith(Key& key, PacketNumber packetNumber, ConstByteSpan header,
                                ByteSpan payload) {
    return key.Expanded(m_suite).Open(packetNumber, header, payload);
}

// The numbers of a phase are all above those of the phase before.
bool PacketProtection::OpenInOtherPhase(PacketNumber packetNumber, ConstByteSpan header,
                                        ByteSpan payload, bool mayAdvance) {
    if (packetNumber < m_openPhaseStart) {
        return m_previous && OpenWith(*m_previous, packetNumber, header, payload);
    }
    if (!mayAdvance || !OpenWith(m_next, packetNumber, header, payload)) return false;
    AdvanceOpen(packetNumber);
    if (m_sealPhase < m_openPhase) AdvanceSeal();
    return true;
}

void PacketProtection::Update() {
    CRSP_ASSERT(CanUpdate());
    AdvanceSeal();
}

void PacketProtection::AdvanceSeal() {
    m_seal = Key(Rekey(m_suite, m_seal.secret));
    ++m_sealPhase;
    m_sealed = 0;
}

void PacketProtection::AdvanceOpen(PacketNumber first) {
    m_previous = std::make_unique<Key>(std::exchange(m_open, std::move(m_next)));
    m_next = Key(Rekey(m_suite, m_open.secret));
    ++m_openPhase;
    m_openPhaseStart = first;
}

bool PacketProtection::SealLimitReached() const {
    return m_sealed + kSealReserve >= m_limits.packetsSealed ||
           m_nextPacketNumber + kSealReserve > kMaxPacketNumber;
}

}  // namespace crsp
