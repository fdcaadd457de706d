// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/base/ecn.h"
#include "model/base/random.h"
#include "model/base/time.h"
#include "model/impair/corruption.h"
#include "model/impair/delay-model.h"
#include "model/impair/impairment-config.h"
#include "model/impair/loss-model.h"
#include "model/impair/rate-queue.h"

namespace crsp {

enum class DropReason : std::uint8_t { kNone, kLoss, kQueue, kBlackout, kEcn };
inline constexpr std::size_t kDropReasons = 5;

/// `none`, `loss`, `queue`, `blackout` or `ecn`.
std::string_view ToString(DropReason reason);

/// One arrival at the far end.
struct Delivery {
    TimePoint at;
    std::optional<Corruption> corruption;
};

/// What becomes of one packet: nothing and a reason, or the original and then its copies.
class Verdict {
  public:
    static constexpr std::size_t kMaxDeliveries = 1 + kMaxCopies;

    explicit Verdict(DropReason reason, Ecn ecn = Ecn::kNotEct) : m_reason(reason), m_ecn(ecn) {}

    DropReason Reason() const { return m_reason; }
    bool Dropped() const { return m_reason != DropReason::kNone; }
    /// The original first; not sorted by time. At most kMaxDeliveries.
    std::span<const Delivery> Deliveries() const { return std::span(m_deliveries).first(m_count); }
    /// The codepoint that all of them arrive with.
    Ecn Mark() const { return m_ecn; }
    void Add(const Delivery& delivery) { m_deliveries[m_count++] = delivery; }

  private:
    DropReason m_reason;
    Ecn m_ecn;
    std::size_t m_count = 0;
    std::array<Delivery, kMaxDeliveries> m_deliveries{};
};

/// What really happened, to be held against what was configured.
struct LinkCounters {
    std::uint64_t offered = 0;
    std::uint64_t delivered = 0;                        ///< originals, whole or not
    std::array<std::uint64_t, kDropReasons> dropped{};  ///< by DropReason
    std::uint64_t duplicated = 0;                       ///< copies
    std::uint64_t corrupted = 0;     ///< deliveries with flipped bits, copies included
    std::uint64_t truncated = 0;     ///< deliveries cut short, copies included
    std::uint64_t marked = 0;        ///< delivered originals that the queue marked CE
    std::uint64_t heldBack = 0;      ///< delivered originals that ReorderConfig held back
    std::uint64_t reordered = 0;     ///< delivered originals that arrive before one offered earlier
    std::uint64_t bytesOffered = 0;  ///< without overhead
    std::uint64_t bytesDelivered = 0;  ///< of originals, before truncation, without overhead
    Duration queueDelaySum{0};         ///< of the packets that passed the queue
    Duration queueDelayMax{0};

    std::uint64_t Dropped(DropReason reason) const {
        return dropped[static_cast<std::size_t>(reason)];
    }
    /// Lost among those that reached the loss model's decision; 0 if none did.
    double LossShare() const;
};

/// One direction of a link: a pure function of (config, seed, name, packets offered with times).
///
/// It holds no packets and no timers: the host keeps the bytes and delivers them when the verdict
/// says. Each impairment draws from a stream of its own, `name`/loss and so on, for every packet
/// offered whatever the others decide; so two configurations that differ in one impairment share
/// the decisions of all others (common random numbers).
class LinkEmulator {
  public:
    /// `config` must pass Validate. Links with different `name`s are independent. Schedules and
    /// blackouts count from `origin`.
    LinkEmulator(const ImpairmentConfig& config, std::uint64_t seed, std::string_view name,
                 TimePoint origin = TimePoint{});

    /// Decides about a packet of `bytes` <= kMaxOfferedBytes without overhead, offered as `ecn`. A
    /// `now` before that of an earlier call, or before the origin, counts as the latest of them.
    /// Allocates nothing, except when the queue outgrows its longest length so far.
    Verdict Offer(TimePoint now, std::size_t bytes, Ecn ecn = Ecn::kNotEct);

    /// Another delay and jitter from the next packet on; both must pass Validate.
    void ChangeDelay(Duration delay, const JitterConfig& jitter);

    /// The queue as a packet offered at `now` would find it.
    RateQueue::Backlog Backlog(TimePoint now);

    const LinkCounters& Counters() const { return m_counters; }

    static constexpr std::size_t kMaxOfferedBytes = 1 << 20;

  private:
    struct Draws {
        bool lost;
        DelayModel::Fate fate;
        bool duplicated;
        std::optional<Corruption> corruption;
        std::array<Delivery, kMaxCopies> copies;  ///< `at` is the jitter past the epoch
    };

    TimePoint Advance(TimePoint now);
    Draws Draw(std::size_t bytes);
    Verdict Decide(TimePoint now, std::size_t bytes, Ecn ecn, const Draws& draws);
    Verdict Drop(DropReason reason);
    Ecn Treated(Ecn ecn) const;
    Verdict Deliver(TimePoint departure, TimePoint arrival, Ecn ecn, const Draws& draws);
    void CountDamage(const Delivery& delivery);

    ImpairmentConfig m_config;
    TimePoint m_origin;
    TimePoint m_now;
    TimePoint m_latestArrival = TimePoint::min();
    LossModel m_loss;
    RateQueue m_queue;
    DelayModel m_delay;
    Random m_duplicate;
    CorruptionModel m_corruption;
    CorruptionModel m_copyCorruption;
    LinkCounters m_counters;
};

}  // namespace crsp
