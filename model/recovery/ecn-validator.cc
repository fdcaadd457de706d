// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/ecn-validator.h"

#include <algorithm>

namespace crsp {

std::string_view ToString(EcnState state) {
    switch (state) {
        case EcnState::kOff:
            return "off";
        case EcnState::kTesting:
            return "testing";
        case EcnState::kUnknown:
            return "unknown";
        case EcnState::kCapable:
            return "capable";
        case EcnState::kFailed:
            return "failed";
    }
    return "";
}

Ecn EcnValidator::Mark() const {
    const bool marks = m_state == EcnState::kCapable || m_state == EcnState::kTesting;
    return marks && !m_paused ? Ecn::kEct0 : Ecn::kNotEct;
}

void EcnValidator::OnPacketSent() {
    if (Mark() == Ecn::kNotEct) return;
    ++m_sent;
    ++m_testSent;
    if (m_state == EcnState::kTesting && m_testSent >= kEcnTestPackets) {
        m_state = EcnState::kUnknown;
    }
}

std::uint64_t EcnValidator::OnAck(const AckFrame& frame, SentPacketRefs acked,
                                  SentPacketRefs spurious) {
    if (m_state == EcnState::kOff || m_state == EcnState::kFailed) return 0;
    if (!acked.empty()) m_paused = false;
    const std::uint64_t before = m_acked;
    CountAcked(acked);
    CountAcked(spurious);
    // Counts of an ACK that was overtaken are old, and may well be too low (RFC 9000 §13.4.2.1).
    if (frame.largest < m_largest) return 0;
    m_largest = frame.largest + 1;
    if (!frame.ecn) return m_acked > 0 ? Fail() : 0;
    const bool first = m_rebase;
    if (first) Rebase(*frame.ecn, m_acked - before);
    if (!Fits(*frame.ecn) || AllMarkedCe(*frame.ecn)) return Fail();
    const std::uint64_t marked = frame.ecn->ce - m_counts.ce;
    m_counts = *frame.ecn;
    if (m_testAcked > 0) m_state = EcnState::kCapable;
    return first ? 0 : marked;
}

void EcnValidator::CountAcked(SentPacketRefs packets) {
    for (const auto* packet : packets) {
        if (!packet->marked) continue;
        ++m_acked;
        if (packet->number >= m_testFrom) ++m_testAcked;
    }
}

void EcnValidator::Rebase(const EcnCounts& counts, std::uint64_t newlyAcked) {
    m_rebase = false;
    m_counts = counts;
    m_baseline = counts.ect0 + counts.ce;
    m_baseline -= std::min(m_baseline, newlyAcked);
    m_baselineEct0 = counts.ect0;
}

bool EcnValidator::Fits(const EcnCounts& counts) const {
    const std::uint64_t seen = counts.ect0 + counts.ce;
    const bool grows = counts.ect0 >= m_counts.ect0 && counts.ce >= m_counts.ce;
    // ECT(1) is nothing that we ever sent.
    const bool possible = seen <= m_sent && counts.ect1 == m_counts.ect1;
    return grows && possible && seen >= m_baseline + m_acked;
}

bool EcnValidator::AllMarkedCe(const EcnCounts& counts) const {
    return m_acked >= kEcnTestPackets && counts.ect0 == m_baselineEct0;
}

void EcnValidator::OnLost(SentPacketRefs lost) {
    if (m_state != EcnState::kTesting && m_state != EcnState::kUnknown) return;
    for (const auto* packet : lost) {
        if (packet->marked && packet->number >= m_testFrom) ++m_testLost;
    }
    if (m_testAcked == 0 && m_testLost >= kEcnTestPackets) Fail();
}

void EcnValidator::OnProbeTimeout(std::uint32_t count, PacketNumber next) {
    if (m_state == EcnState::kTesting) m_paused = true;
    if (m_state != EcnState::kCapable || count < kEcnBlackHolePtos) return;
    StartTest(next);
    m_paused = true;
}

void EcnValidator::OnPathChanged(PacketNumber next) {
    if (m_state == EcnState::kOff) return;
    StartTest(next);
    m_rebase = true;
    m_acked = 0;
}

void EcnValidator::StartTest(PacketNumber next) {
    m_state = EcnState::kTesting;
    m_paused = false;
    m_testFrom = next;
    m_testSent = m_testAcked = m_testLost = 0;
}

std::uint64_t EcnValidator::Fail() {
    m_state = EcnState::kFailed;
    return 0;
}

}  // namespace crsp
