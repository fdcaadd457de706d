// SPDX-License-Identifier: BSD-3-Clause
// How a seed becomes a run:
//
//   plan.cc          the seed draws topology, faults, links, limits and sizes
//   world.cc         nodes with their lives, watched on the wire (wire-ledger) and in the
//                    application (watched-role)
//   *-workload.cc    what the nodes do: streams of every kind, or media sessions with scripts
//   third-party.cc   who sits on the links and keeps, copies, forges and swallows
//   node-faults.cc   what happens to nodes
//
// The safety phase lets all faults happen; nothing wrong may come of it. Then everything heals, and
// in the liveness phase every errand must go on and come to its end (SECURITY R1, R2, R16).
#include "tests/sim/swarm/run-seed.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <array>

#include "tests/sim/swarm/node-faults.h"
#include "tests/sim/swarm/third-party.h"
#include "tests/sim/swarm/workload.h"

namespace crsp::sim {
namespace {

/// R2: after healing nothing stands still for longer than this, or than so many round trips.
constexpr Duration kPatience = seconds(5);
constexpr int kPatienceRoundTrips = 10;
/// Who was left alone finds out by its own timers: the longest handshake and idle timeouts there
/// are, a command, and their repetition.
constexpr Duration kFindingOut = seconds(85);
/// However slow its limits make it, a run ends.
constexpr Duration kLongestRun = std::chrono::hours(2);
constexpr Duration kLookInterval = milliseconds(500);
/// Connections that were closed are forgotten at the latest after a handshake or idle timeout and
/// some probe timeouts; and an Initial may come again up to 300 s later, and begin a handshake
/// where nobody proves anything.
constexpr Duration kForgetting = seconds(400);
constexpr int kForgettingRoundTrips = 40;
/// Above what the heap held before the run.
constexpr std::size_t kMaxHeap = 96u << 20;
constexpr std::array kTrustNames = {"no-auth", "shared key", "keyed"};

std::size_t HeapInUse() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

class Run {
  public:
    explicit Run(std::uint64_t seed)
        : m_plan(DrawPlan(seed)),
          m_world(m_plan, m_result.verdict),
          m_workload(MakeWorkload(m_plan, m_result.verdict)),
          m_thirdParty(m_world, m_result.verdict),
          m_heapBefore(HeapInUse()) {
        m_workload->Build(m_world);
        m_longestPause = ArrangeNodeFaults(m_world, *m_workload, m_result.verdict);
        NoteLinkFaults();
    }

    SeedResult Go() {
        m_world.Net().RunFor(m_plan.safety);
        Heal();
        if (Live()) End();
        m_workload->Check();
        m_result.digest = m_world.Net().LogDigest();
        return std::move(m_result);
    }

  private:
    void NoteLinkFaults();
    void Heal();
    bool Live();
    Duration Patience() const;
    bool AllDone(const std::vector<Errand>& errands) const;
    void End();
    bool AllForgotten() { return !Remembering(); }
    /// A node that still holds a connection, if any.
    std::optional<std::size_t> Remembering();
    void CheckHeap();

    SeedResult m_result;
    SwarmPlan m_plan;
    World m_world;
    std::unique_ptr<Workload> m_workload;
    ThirdParty m_thirdParty;
    Duration m_longestPause{};
    std::size_t m_heapBefore;
};

/// What a link does to one datagram in so many, and limits, count as happened wherever planned.
void Run::NoteLinkFaults() {
    for (std::size_t i = 0; i < kFaults; ++i) {
        const auto fault = static_cast<Fault>(i);
        const bool onLink = fault <= Fault::kSlowLink || fault >= Fault::kTinyWindow ||
                            fault == Fault::kBlackhole || fault == Fault::kOutages;
        if (onLink && m_plan.Has(fault)) m_result.verdict.Fired(fault);
    }
}

void Run::Heal() {
    m_world.Net().Relink(m_plan.healed);
    m_thirdParty.Heal();
    EndMoves(m_world, *m_workload);
}

Duration Run::Patience() const {
    Duration queue{};
    if (m_plan.healed.rate.bitsPerSecond) {
        queue = FromSeconds(8.0 * static_cast<double>(*m_plan.healed.rate.queueBytes) /
                            static_cast<double>(*m_plan.healed.rate.bitsPerSecond));
    }
    // An endpoint takes for the round trip what faults have made of it.
    const Duration disorder = 2 * m_plan.broken.jitter.spread + m_plan.broken.reorder.extraDelay;
    const Duration roundTrip = std::max(m_plan.RoundTrip() + queue + disorder, m_longestPause);
    Duration patience = std::max(kPatience, kPatienceRoundTrips * roundTrip);
    // A copy that comes in place of its original makes a round trip as long as it was kept, and a
    // probe timeout up to three times that.
    const bool kept = m_result.verdict.FiredFaults().Has(Fault::kStaleReplay);
    if (kept) patience += 3 * std::min(m_plan.safety, ThirdParty::kLongestKept);
    const bool left =
        m_plan.faults.HasAny({Fault::kCrash, Fault::kRestart}) ||
        m_result.verdict.ReachedMoments().HasAny({Moment::kHandshakeTimeout, Moment::kIdleTimeout,
                                                  Moment::kVersionMismatch, Moment::kForgotten});
    return left ? patience + kFindingOut : patience;
}

bool Run::AllDone(const std::vector<Errand>& errands) const {
    return std::all_of(errands.begin(), errands.end(), [](const Errand& e) { return e.done; });
}

/// The liveness phase. Returns whether every errand came to its end.
bool Run::Live() {
    std::vector<Errand> before = m_workload->Errands();
    std::vector<TimePoint> movedAt(before.size(), m_world.Now());
    const TimePoint end = m_world.Now() + kLongestRun;
    while (!AllDone(before)) {
        m_world.Net().RunFor(kLookInterval);
        CheckHeap();
        if (!m_result.verdict.Ok()) return false;
        auto now = m_workload->Errands();
        movedAt.resize(now.size(), m_world.Now());
        before.resize(now.size());
        for (std::size_t i = 0; i < now.size(); ++i) {
            if (now[i].done || now[i].progress != before[i].progress) movedAt[i] = m_world.Now();
            if (m_world.Now() - movedAt[i] <= Patience() && m_world.Now() < end) continue;
            m_result.verdict.Fail(
                fmt::format("{} is stuck: nothing since {:.1f} s, healed at {:.1f} s{}",
                            now[i].name, ToSeconds(movedAt[i].time_since_epoch()),
                            ToSeconds(m_plan.safety), now[i].pending));
            return false;
        }
        before = std::move(now);
    }
    return true;
}

std::optional<std::size_t> Run::Remembering() {
    for (std::size_t i = 0; i < m_world.Size(); ++i) {
        Node& node = m_world.At(i);
        if (node.Alive() && node.GetEndpoint().ConnectionCount() > 0) return i;
    }
    return std::nullopt;
}

void Run::End() {
    m_workload->Close();
    const Duration limit = kForgetting + kForgettingRoundTrips * Patience() / kPatienceRoundTrips;
    if (!m_world.Net().Run(limit, [this] { return AllForgotten(); })) {
        m_result.verdict.Fail(fmt::format("node {} still holds a connection at {:.1f} s",
                                          *Remembering(),
                                          ToSeconds(m_world.Now().time_since_epoch())));
    }
    CheckHeap();
}

void Run::CheckHeap() {
    const std::size_t now = HeapInUse();
    if (now > m_heapBefore + kMaxHeap) {
        m_result.verdict.Fail(fmt::format("{} MiB on the heap", (now - m_heapBefore) >> 20));
    }
}

}  // namespace

SeedResult RunSeed(std::uint64_t seed) {
    return Run(seed).Go();
}

std::string DescribeSeed(std::uint64_t seed) {
    const SwarmPlan plan = DrawPlan(seed);
    std::string text = fmt::format(
        "{}, {}: {} servers, {} renderers, {} controllers; up to {} bytes; round trip {:.0f} ms; "
        "heals at {:.1f} s\nfaults:",
        plan.workload == WorkloadKind::kMedia ? "media" : "streams",
        kTrustNames[static_cast<std::size_t>(plan.trust)], plan.servers, plan.renderers,
        plan.controllers, plan.maxSize, ToMilliseconds(plan.RoundTrip()), ToSeconds(plan.safety));
    for (std::size_t i = 0; i < kFaults; ++i) {
        if (plan.faults.Has(i)) text += fmt::format(" {}", kFaultNames[i]);
    }
    return text + "\n";
}

}  // namespace crsp::sim
