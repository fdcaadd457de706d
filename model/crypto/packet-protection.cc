// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/packet-protection.h"

#include "model/base/assert.h"

namespace crsp {

PacketProtection::PacketProtection(const TransportKeys& keys, Side side, CipherSuite suite,
                                   AeadLimits limits)
    : m_limits(limits),
      m_suite(suite),
      m_sealKey(side == Side::kInitiator ? keys.initiatorToResponder : keys.responderToInitiator),
      m_openKey(side == Side::kInitiator ? keys.responderToInitiator : keys.initiatorToResponder) {}

const Aead& PacketProtection::Sealer() {
    if (!m_sealer) m_sealer = MakeAead(m_suite, m_sealKey);
    return *m_sealer;
}

const Aead& PacketProtection::Opener() {
    if (!m_opener) m_opener = MakeAead(m_suite, m_openKey);
    return *m_opener;
}

void PacketProtection::Rest() {
    m_sealer.reset();
    m_opener.reset();
}

void PacketProtection::Seal(PacketNumber packetNumber, ConstByteSpan header, ByteSpan payload) {
    CRSP_ASSERT(packetNumber >= m_nextPacketNumber && packetNumber <= kMaxPacketNumber);
    CRSP_ASSERT(CanSeal());
    CRSP_ASSERT(header.size() + payload.size() <= kMaxProtectedPacketLength);
    Sealer().Seal(packetNumber, header, payload);
    m_nextPacketNumber = packetNumber + 1;
    // At least one, and one for each kCountedPacketLength begun.
    m_sealed += (header.size() + payload.size() - 1) / kCountedPacketLength + 1;
}

bool PacketProtection::Open(PacketNumber packetNumber, ConstByteSpan header, ByteSpan payload) {
    if (OpenLimitReached()) return false;
    if (packetNumber <= kMaxPacketNumber && Opener().Open(packetNumber, header, payload)) {
        return true;
    }
    ++m_failedOpens;
    return false;
}

bool PacketProtection::SealLimitReached() const {
    return m_sealed + kSealReserve >= m_limits.packetsSealed ||
           m_nextPacketNumber + kSealReserve > kMaxPacketNumber;
}

}  // namespace crsp
