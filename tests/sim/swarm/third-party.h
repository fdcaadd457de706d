// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "tests/sim/swarm/world.h"

namespace crsp::sim {

/// Sits on every link: keeps, copies, forges and swallows datagrams until it heals.
class ThirdParty {
  public:
    ThirdParty(World& world, Verdict& verdict);

    /// Whether it swallows the datagram.
    bool OnDatagram(const SocketAddress& from, const SocketAddress& to, ConstByteSpan bytes);
    /// From now on it lets everything pass, after one last replay of all that it has kept.
    void Heal();

    /// From keeping a datagram to sending it, mostly; or the run is over by then.
    static constexpr Duration kLongestKept = seconds(10);

  private:
    struct Kept {
        SocketAddress from;
        SocketAddress to;
        std::vector<std::byte> bytes;
    };

    bool Swallows(const SocketAddress& from, const SocketAddress& to, std::size_t size);
    bool IsPartitioned(const SocketAddress& from, const SocketAddress& to) const;
    bool IsClogged(const SocketAddress& node) const;
    void Keep(const Kept& datagram);
    void Spoof(const Kept& datagram);
    void SendGarbage(const Kept& datagram);
    void Flood(const Kept& datagram);
    bool Extend(Kept datagram);
    /// Whether `fault` strikes now; each has a budget, so that a run stays short.
    bool Strikes(Fault fault, double probability);
    void Inject(Fault fault, const SocketAddress& from, Kept datagram, Duration after);
    SocketAddress Attacker();

    World& m_world;
    const SwarmPlan& m_plan;
    Verdict& m_verdict;
    Random m_random;
    Interval m_partition;
    std::uint64_t m_partitionSide;
    std::vector<Kept> m_kept;
    std::vector<Kept> m_initials;
    std::uint64_t m_injected = 0;
    bool m_healed = false;
};

}  // namespace crsp::sim
