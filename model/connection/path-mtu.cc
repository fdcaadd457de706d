// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/path-mtu.h"

#include <algorithm>

namespace crsp {
namespace {

/// Above the base: tunnels, VPN, Ethernet, FDDI, jumbo frames.
constexpr std::array<std::size_t, 6> kCommonSizes = {1232, 1280, 1372, 1452, 4304, 8952};
static_assert(kCommonSizes.back() == kMaxDatagramSize);

}  // namespace

PathMtu::PathMtu(std::size_t ceiling) {
    m_sizes[m_count++] = kMinDatagramSize;
    for (const std::size_t size : kCommonSizes) {
        if (size < ceiling) m_sizes[m_count++] = size;
    }
    if (ceiling > kMinDatagramSize) m_sizes[m_count++] = ceiling;
    m_bad = m_count;
}

std::optional<std::size_t> PathMtu::ProbeDue(TimePoint now) const {
    if (m_probing != 0) return std::nullopt;
    if (Searching()) return m_sizes[Candidate()];
    if (m_raiseAt && now >= *m_raiseAt) return m_sizes[m_good + 1];
    return std::nullopt;
}

bool PathMtu::OnProbeAcked(TimePoint now, std::size_t size) {
    if (m_probing != size) return false;
    m_probing = 0;
    m_lostProbes = m_signs = 0;
    const auto end = m_sizes.begin() + static_cast<std::ptrdiff_t>(m_count);
    m_good = static_cast<std::size_t>(std::find(m_sizes.begin(), end, size) - m_sizes.begin());
    if (m_good == m_bad) m_bad = m_count;  // it failed before: what is larger may work, too
    Conclude(now);
    return true;
}

void PathMtu::OnProbeLost(TimePoint now, std::size_t size) {
    if (m_probing != size) return;
    m_probing = 0;
    if (++m_lostProbes < kMaxMtuProbes) return;
    m_lostProbes = 0;
    if (Searching()) m_bad = Candidate();
    Conclude(now);
}

void PathMtu::Conclude(TimePoint now) {
    m_raiseAt.reset();
    if (!Searching() && m_good + 1 < m_count) m_raiseAt = now + kMtuRaiseInterval;
}

bool PathMtu::OnLost(std::size_t smallest) {
    if (m_good == 0 || smallest <= kMinDatagramSize) return false;
    return ++m_signs >= kMtuBlackHoleSigns && Restart();
}

bool PathMtu::Restart() {
    const bool changed = m_good > 0;
    m_good = 0;
    m_bad = m_count;
    m_probing = 0;
    m_lostProbes = m_signs = 0;
    m_raiseAt.reset();
    return changed;
}

}  // namespace crsp
