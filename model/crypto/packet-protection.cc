// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/packet-protection.h"

#include "model/base/assert.h"

namespace crsp {

PacketProtection::PacketProtection(const TransportKeys& keys, Side side, CipherSuite suite,
                                   AeadLimits limits)
    : m_limits(limits) {
    auto initiator = MakeAead(suite, keys.initiatorToResponder);
    auto responder = MakeAead(suite, keys.responderToInitiator);
    const bool initiating = side == Side::kInitiator;
    m_sealer = std::move(initiating ? initiator : responder);
    m_opener = std::move(initiating ? responder : initiator);
}

void PacketProtection::Seal(PacketNumber packetNumber, ConstByteSpan header, ByteSpan payload) {
    CRSP_ASSERT(packetNumber >= m_nextPacketNumber && packetNumber <= kMaxPacketNumber);
    CRSP_ASSERT(CanSeal());
    CRSP_ASSERT(header.size() + payload.size() <= kMaxProtectedPacketLength);
    m_sealer->Seal(packetNumber, header, payload);
    m_nextPacketNumber = packetNumber + 1;
    // At least one, and one for each kCountedPacketLength begun.
    m_sealed += (header.size() + payload.size() - 1) / kCountedPacketLength + 1;
}

bool PacketProtection::Open(PacketNumber packetNumber, ConstByteSpan header, ByteSpan payload) {
    if (OpenLimitReached()) return false;
    if (packetNumber <= kMaxPacketNumber && m_opener->Open(packetNumber, header, payload)) {
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
