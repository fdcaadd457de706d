// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/link-emulator.h"

#include <algorithm>
#include <string>

#include "model/base/assert.h"
#include "model/impair/blackout.h"

namespace crsp {

std::string_view ToString(DropReason reason) {
    switch (reason) {
        case DropReason::kLoss:
            return "loss";
        case DropReason::kQueue:
            return "queue";
        case DropReason::kBlackout:
            return "blackout";
        case DropReason::kEcn:
            return "ecn";
        case DropReason::kNone:
            break;
    }
    return "none";
}

double LinkCounters::LossShare() const {
    const auto lost = Dropped(DropReason::kLoss);
    const auto decided = lost + delivered;
    return decided == 0 ? 0 : static_cast<double>(lost) / static_cast<double>(decided);
}

LinkEmulator::LinkEmulator(const ImpairmentConfig& config, std::uint64_t seed,
                           std::string_view name, TimePoint origin)
    : m_config(config),
      m_origin(origin),
      m_now(origin),
      m_loss(config.loss, seed, name),
      m_queue(config.rate, origin),
      m_delay(config, seed, name),
      m_duplicate(Random::Stream(seed, std::string(name) + "/duplicate")),
      m_corruption(config, seed, name),
      m_copyCorruption(config, seed, std::string(name) + "/copy") {
    CRSP_ASSERT(Validate(config).has_value());
}

Verdict LinkEmulator::Offer(TimePoint now, std::size_t bytes, Ecn ecn) {
    CRSP_ASSERT(bytes <= kMaxOfferedBytes);
    now = Advance(now);
    ++m_counters.offered;
    m_counters.bytesOffered += bytes;
    const Verdict verdict = Decide(now, bytes, ecn, Draw(bytes));
    if (!verdict.Dropped()) m_counters.bytesDelivered += bytes;
    return verdict;
}

void LinkEmulator::ChangeDelay(Duration delay, const JitterConfig& jitter) {
    m_delay.Change(delay, jitter);
}

RateQueue::Backlog LinkEmulator::Backlog(TimePoint now) {
    return m_queue.At(Advance(now));
}

TimePoint LinkEmulator::Advance(TimePoint now) {
    m_now = std::max(m_now, now);
    return m_now;
}

LinkEmulator::Draws LinkEmulator::Draw(std::size_t bytes) {
    Draws draws{m_loss.Draw(),
                m_delay.Draw(),
                m_duplicate.Chance(m_config.duplicate.probability),
                m_corruption.Draw(bytes),
                {}};
    // These streams belong to the copies alone, so nobody misses the draws when there are none.
    if (m_config.duplicate.probability == 0) return draws;
    for (std::uint32_t i = 0; i < m_config.duplicate.copies; ++i) {
        draws.copies[i] = {TimePoint{m_delay.DrawCopy()}, m_copyCorruption.Draw(bytes)};
    }
    return draws;
}

Verdict LinkEmulator::Decide(TimePoint now, std::size_t bytes, Ecn ecn, const Draws& draws) {
    if (InBlackout(m_config.blackout, now - m_origin)) return Drop(DropReason::kBlackout);
    if (m_config.ecn == EcnTreatment::kDrop && IsEcnCapable(ecn)) return Drop(DropReason::kEcn);
    ecn = Treated(ecn);
    const auto departure = m_queue.Offer(now, bytes);
    if (!departure) return Drop(DropReason::kQueue);
    m_counters.queueDelaySum += departure->queueing;
    m_counters.queueDelayMax = std::max(m_counters.queueDelayMax, departure->queueing);
    const TimePoint arrival = m_delay.Arrive(departure->at, draws.fate);
    if (draws.lost) return Drop(DropReason::kLoss);
    const bool marks = m_config.markAbove && departure->queueing > *m_config.markAbove;
    if (!marks || !IsEcnCapable(ecn)) return Deliver(departure->at, arrival, ecn, draws);
    ++m_counters.marked;
    return Deliver(departure->at, arrival, Ecn::kCe, draws);
}

Ecn LinkEmulator::Treated(Ecn ecn) const {
    switch (m_config.ecn) {
        case EcnTreatment::kBleach:
            return Ecn::kNotEct;
        case EcnTreatment::kRemark:
            return ecn == Ecn::kEct0 ? Ecn::kEct1 : ecn;
        case EcnTreatment::kMarkAll:
            return IsEcnCapable(ecn) ? Ecn::kCe : ecn;
        case EcnTreatment::kCarry:
        case EcnTreatment::kDrop:
            break;
    }
    return ecn;
}

Verdict LinkEmulator::Drop(DropReason reason) {
    ++m_counters.dropped[static_cast<std::size_t>(reason)];
    return Verdict(reason);
}

Verdict LinkEmulator::Deliver(TimePoint departure, TimePoint arrival, Ecn ecn, const Draws& draws) {
    Verdict verdict(DropReason::kNone, ecn);
    verdict.Add({arrival, draws.corruption});
    ++m_counters.delivered;
    if (draws.fate.heldBack) ++m_counters.heldBack;
    if (arrival < m_latestArrival) ++m_counters.reordered;
    m_latestArrival = std::max(m_latestArrival, arrival);
    const std::uint32_t copies = draws.duplicated ? m_config.duplicate.copies : 0;
    for (std::uint32_t i = 0; i < copies; ++i) {
        const auto& [jitter, corruption] = draws.copies[i];
        verdict.Add({m_delay.ArriveCopy(departure, jitter.time_since_epoch()), corruption});
    }
    m_counters.duplicated += copies;
    for (const auto& delivery : verdict.Deliveries()) CountDamage(delivery);
    return verdict;
}

void LinkEmulator::CountDamage(const Delivery& delivery) {
    if (!delivery.corruption) return;
    if (delivery.corruption->bitCount > 0) ++m_counters.corrupted;
    if (delivery.corruption->truncateTo) ++m_counters.truncated;
}

}  // namespace crsp
