// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/node-faults.h"

#include <algorithm>
#include <functional>

namespace crsp::sim {
namespace {

/// Where NATs show nodes: 192.0.2.x.
constexpr std::uint32_t kShownHosts = 0xc0000200;
constexpr std::uint16_t kShownPorts = 20'000;

/// What a kind of fault does to a node at one moment; drawn beforehand.
using Blow = std::function<void(std::size_t node)>;

/// Arranges blows of one kind, at random times of the safety phase.
class Arrangement {
  public:
    Arrangement(World& world, const Workload& workload, Verdict& verdict)
        : m_world(world), m_workload(workload), m_verdict(verdict) {}

    /// Up to `most` blows on any of `nodes`.
    void Add(Fault fault, std::uint64_t most, const std::vector<std::size_t>& nodes,
             const std::function<Blow(Random&)>& draw) {
        const SwarmPlan& plan = m_world.Plan();
        if (!plan.Has(fault) || nodes.empty()) return;
        Random random = plan.Stream(kFaultNames[static_cast<std::size_t>(fault)]);
        const std::uint64_t count = 1 + random.Below(most);
        for (std::uint64_t i = 0; i < count; ++i) {
            const Duration at = Between(random, {}, plan.safety);
            const std::size_t node = nodes[random.Below(nodes.size())];
            m_world.Net().Events().At(TimePoint{} + at,
                                      [&verdict = m_verdict, fault, node, blow = draw(random)] {
                                          verdict.Fired(fault);
                                          blow(node);
                                      });
        }
    }
    void AddMoves();
    void AddDeaths();
    /// Returns the longest pause or leap.
    Duration AddPauses();

  private:
    std::vector<std::size_t> All() const {
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i < m_world.Size(); ++i) all.push_back(i);
        return all;
    }

    World& m_world;
    const Workload& m_workload;
    Verdict& m_verdict;
};

void Arrangement::AddMoves() {
    World& world = m_world;
    const auto move = [&world](std::uint32_t host, std::uint64_t port) {
        return [&world, host, port](std::size_t node) {
            const auto shown =
                SocketAddress::FromIpv4(kShownHosts + static_cast<std::uint32_t>(node) * 8 + host,
                                        static_cast<std::uint16_t>(kShownPorts + port));
            world.Net().Rebind(world.At(node), shown);
        };
    };
    const auto movers = m_workload.Movers();
    Add(Fault::kRebindPort, 4, movers,
        [&](Random& random) -> Blow { return move(0, random.Below(1000)); });
    Add(Fault::kRebindHost, 4, movers, [&](Random& random) -> Blow {
        const auto host = static_cast<std::uint32_t>(random.Below(8));
        return move(host, random.Below(1000));
    });
}

void Arrangement::AddDeaths() {
    World& world = m_world;
    Add(Fault::kCrash, 1, All(),
        [&](Random&) -> Blow { return [&world](std::size_t node) { world.At(node).Kill(); }; });
    Add(Fault::kRestart, 3, All(), [&](Random& random) -> Blow {
        const Duration away = Between(random, milliseconds(1), seconds(3));
        return [&world, away](std::size_t node) {
            world.At(node).Kill();
            const TimePoint back =
                std::min(world.Now() + away, TimePoint{} + world.Plan().safety - milliseconds(1));
            world.Net().Events().At(back, [&world, node] { world.Restart(node); });
        };
    });
}

Duration Arrangement::AddPauses() {
    World& world = m_world;
    Duration longest{};
    Add(Fault::kClockJump, 3, All(), [&](Random& random) -> Blow {
        const Duration leap = Between(random, milliseconds(1), seconds(8));
        longest = std::max(longest, leap);
        return [&world, leap](std::size_t node) { world.At(node).JumpClock(leap); };
    });
    Add(Fault::kSuspend, 4, All(), [&](Random& random) -> Blow {
        const Duration pause = Between(random, milliseconds(1), seconds(4));
        longest = std::max(longest, pause);
        return [&world, pause](std::size_t node) { world.At(node).Suspend(pause); };
    });
    Add(Fault::kWouldBlock, 40, All(), [&](Random& random) -> Blow {
        const Duration pause = Between(random, microseconds(10), milliseconds(300));
        return [&world, pause](std::size_t node) { world.At(node).BlockSocket(pause); };
    });
    return longest;
}

}  // namespace

Duration ArrangeNodeFaults(World& world, const Workload& workload, Verdict& verdict) {
    Arrangement arrangement(world, workload, verdict);
    arrangement.AddMoves();
    arrangement.AddDeaths();
    return arrangement.AddPauses();
}

void EndMoves(World& world, const Workload& workload) {
    for (const std::size_t node : workload.Movers()) {
        if (workload.IsDialled(node)) world.Net().Rebind(world.At(node), world.At(node).Address());
    }
}

}  // namespace crsp::sim
