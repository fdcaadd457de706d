// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/base/time.h"
#include "model/connection/endpoint-config.h"

namespace crsp {

/// Probes of one size that must be lost before it counts as too large (RFC 8899 §5.1.2).
inline constexpr std::uint32_t kMaxMtuProbes = 3;
/// After this time larger sizes are tried again (RFC 8899 §5.1.1).
inline constexpr Duration kMtuRaiseInterval = seconds(600);
/// Probe timeouts, or losses of nothing but larger packets, in a row without an acknowledgement of
/// a larger one, that make the path a black hole for them (RFC 8899 §4.3).
inline constexpr std::uint32_t kMtuBlackHoleSigns = 3;

/// The size of the largest datagram that the path carries, found by probing (CRSP §3.9; RFC 8899,
/// RFC 9000 §14.3). Begins at kMinDatagramSize, and believes acknowledgements alone.
///
/// Sizes between it and the ceiling are those of common links, less 48 bytes of IPv6 and UDP; a
/// binary search over them takes three probes where nothing is lost. One probe is under way at
/// once.
class PathMtu {
  public:
    explicit PathMtu(std::size_t ceiling = kMinDatagramSize);

    /// What a datagram may have now, bytes.
    std::size_t Size() const { return m_sizes[m_good]; }
    /// The size of the probe to send now, if one is due.
    std::optional<std::size_t> ProbeDue(TimePoint now) const;
    void OnProbeSent(std::size_t size) { m_probing = size; }

    // Those that return something tell whether Size() has changed.

    bool OnProbeAcked(TimePoint now, std::size_t size);
    /// The loss says nothing of congestion (RFC 9000 §14.4).
    void OnProbeLost(TimePoint now, std::size_t size);
    /// Packets that were no probes were lost at once, none of them shorter than `smallest` bytes.
    bool OnLost(std::size_t smallest);
    void OnAcked(std::size_t bytes) {
        if (bytes > kMinDatagramSize) m_signs = 0;
    }
    /// `count` probe timeouts in a row went by without an acknowledgement.
    bool OnProbeTimeout(std::uint32_t count) {
        return count >= kMtuBlackHoleSigns && m_good > 0 && Restart();
    }
    /// Another path: everything begins anew, and probes under way are void.
    bool Restart();

  private:
    /// Room for the table and the ceiling.
    static constexpr std::size_t kMaxSizes = 8;

    void Conclude(TimePoint now);
    std::size_t Candidate() const { return (m_good + m_bad) / 2; }
    bool Searching() const { return m_bad - m_good > 1; }

    std::array<std::size_t, kMaxSizes> m_sizes{};
    std::size_t m_count = 0;
    std::size_t m_good = 0;          ///< index of the largest size that works
    std::size_t m_bad = 0;           ///< index of the smallest size that does not, or m_count
    std::size_t m_probing = 0;       ///< size of the probe under way, or 0
    std::uint32_t m_lostProbes = 0;  ///< of the candidate
    std::uint32_t m_signs = 0;       ///< of a black hole
    std::optional<TimePoint> m_raiseAt;
};

}  // namespace crsp
