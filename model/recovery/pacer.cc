// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/pacer.h"

#include <algorithm>

namespace crsp {
namespace {

constexpr std::uint64_t kTokensPerByte = 1'000'000'000;
/// 8 Tbit/s: keeps the burst of any rate within 64 bits of tokens.
constexpr std::uint64_t kMaxPacingRate = 1'000'000'000'000;

}  // namespace

Pacer::Pacer(std::size_t maxDatagramSize) : m_datagramSize(maxDatagramSize), m_tokens(Capacity()) {}

std::uint64_t Pacer::Capacity() const {
    const auto burstTime = static_cast<std::uint64_t>(kPacingBurstTime.count());
    return std::max(kMaxBurstPackets * m_datagramSize * kTokensPerByte, m_rate * burstTime);
}

std::uint64_t Pacer::Burst() const {
    return Capacity() / kTokensPerByte;
}

void Pacer::SetRate(TimePoint now, std::uint64_t bytesPerSecond) {
    Refill(now);
    m_rate = std::clamp<std::uint64_t>(bytesPerSecond, 1, kMaxPacingRate);
    m_tokens = std::min(m_tokens, Capacity());
}

void Pacer::Refill(TimePoint now) {
    if (now <= m_updatedAt) return;
    const auto elapsed = static_cast<std::uint64_t>((now - m_updatedAt).count());
    m_updatedAt = now;
    if (m_rate == 0) return;
    const std::uint64_t missing = Capacity() - m_tokens;
    const bool fills = elapsed > missing / m_rate;
    m_tokens += fills ? missing : elapsed * m_rate;
}

TimePoint Pacer::NextSendTime(std::uint64_t bytes) const {
    const std::uint64_t needed = std::min(bytes * kTokensPerByte, Capacity());
    if (m_rate == 0 || m_tokens >= needed) return m_updatedAt;
    const std::uint64_t wait = (needed - m_tokens + m_rate - 1) / m_rate;
    return m_updatedAt + nanoseconds(wait);
}

TimePoint Pacer::WakeUpTime() const {
    const auto time = static_cast<std::uint64_t>(kPacingQuantum.count());
    const std::uint64_t quantum = std::min(m_rate * time / kTokensPerByte, kMaxPacingQuantum);
    return NextSendTime(std::max(quantum, m_datagramSize));
}

void Pacer::OnSent(TimePoint now, std::uint64_t bytes) {
    Refill(now);
    m_tokens -= std::min(bytes * kTokensPerByte, m_tokens);
}

}  // namespace crsp
