// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/base/range-set.h"
#include "model/base/result.h"
#include "model/base/time.h"

namespace crsp {

/// Independent losses. With `maxBurst` > 0, after so many drops in a row one packet always passes:
/// the rule of the QUIC interop simulator's drop-rate error model.
struct BernoulliLoss {
    double probability = 0;
    std::uint32_t maxBurst = 0;  ///< 0: no cap
};

/// The four-parameter Gilbert-Elliott model (Elliott 1963; names of Hasslinger & Hohlfeld 2008).
/// The state moves once before each packet; the first packet finds the stationary distribution.
struct GilbertElliottLoss {
    double goodToBad = 0;   ///< p
    double badToGood = 1;   ///< r
    double lossInGood = 0;  ///< 1 - k
    double lossInBad = 1;   ///< 1 - h
};

using LossProcess = std::variant<std::monostate, BernoulliLoss, GilbertElliottLoss>;

struct LossConfig {
    LossProcess process;
    /// Packets that are lost whatever the process says, counted from 1 in the order offered, as in
    /// the QUIC interop simulator's drop list: {2, 8} drops packets 2 to 7.
    RangeSet dropList;
};

struct JitterConfig {
    enum class Kind : std::uint8_t {
        kNone,
        kUniform,          ///< uniform in [-spread, +spread]
        kTruncatedNormal,  ///< |max(min(N(0, spread^2), 3 spread), -3 spread)|, RFC 8868 §4.5.3
    };
    Kind kind = Kind::kNone;
    Duration spread{0};
    /// False keeps arrivals in the order of departures: no packet arrives before the one that was
    /// offered before it (RFC 8868's NR-BPDV). Packets held back by ReorderConfig are exempt.
    bool mayReorder = true;
};

/// Holds a packet back for `extraDelay`, so that those behind it overtake.
struct ReorderConfig {
    double probability = 0;
    Duration extraDelay{0};
};

/// Extra copies made behind the bottleneck: they take no rate and no queue, have jitter and
/// corruption of their own, and are never held back. A lost packet has no copies.
struct DuplicateConfig {
    double probability = 0;
    std::uint32_t copies = 1;  ///< beside the original; at most kMaxCopies
};

/// Flips `flippedBits` distinct bits, each at a uniformly random place.
struct CorruptConfig {
    double probability = 0;
    std::uint32_t flippedBits = 1;  ///< 1 to kMaxFlippedBits
    std::uint32_t maxBurst = 0;     ///< as BernoulliLoss::maxBurst, for the originals
};

/// Cuts a packet to a uniformly random length below its own.
struct TruncateConfig {
    double probability = 0;
};

/// From `at` on (counted from the link's origin) the link runs at `bitsPerSecond`; 0 holds
/// packets in the queue until a later step.
struct RateStep {
    Duration at{0};
    std::uint64_t bitsPerSecond = 0;
};

/// A serialiser behind a drop-tail queue, as an ns-3 device with a DropTailQueue: limits count the
/// packets that wait, each with its overhead, but not the one being serialised.
struct RateConfig {
    std::optional<std::uint64_t> bitsPerSecond;  ///< none: infinitely fast, no queue
    std::vector<RateStep> schedule;              ///< ascending; `bitsPerSecond` rules before it
    Duration schedulePeriod{0};                  ///< > 0: the schedule starts over that often
    std::optional<std::uint64_t> queueBytes;     ///< none: no limit in bytes
    std::optional<std::uint64_t> queuePackets;   ///< none: kMaxQueuePackets
    std::optional<Duration> queueTime;           ///< longest wait admitted; none: kMaxQueueTime
    std::uint32_t overheadBytes = 28;            ///< per packet: IPv4 and UDP headers
};

/// What the path does to the ECN codepoint of a packet, before any queue marks it.
enum class EcnTreatment : std::uint8_t {
    kCarry,    ///< nothing
    kBleach,   ///< all become Not-ECT
    kRemark,   ///< ECT(0) becomes ECT(1)
    kMarkAll,  ///< ECN-capable ones become CE, queue or not
    kDrop,     ///< ECN-capable ones are dropped
};

/// Every name, in the order of the enumeration: carry, bleach, remark, mark-all, drop.
std::span<const std::string_view> EcnTreatmentNames();

/// Half-open [begin, end), counted from the link's origin.
struct Interval {
    Duration begin{0};
    Duration end{0};
};

/// Packets offered during a blackout are dropped; those already in the queue or in flight are not.
struct BlackoutConfig {
    std::vector<Interval> intervals;
    /// With both > 0 the link works for `on`, is dead for `off`, and so on from the origin.
    Duration on{0};
    Duration off{0};
};

/// What one direction of a link does to packets; everything is off by default.
///
/// The packet meets the parts in this order: blackout, ECN treatment, queue and rate, loss, delay
/// with jitter, reordering, duplication, corruption, truncation. So a lost packet has used the
/// link's rate.
struct ImpairmentConfig {
    BlackoutConfig blackout;
    RateConfig rate;
    /// A queue that marks: ECN-capable packets that wait longer than this become CE (as a CoDel or
    /// RED of RFC 7567, in its simplest form). None: it only drops when full. Needs a rate.
    std::optional<Duration> markAbove;
    EcnTreatment ecn = EcnTreatment::kCarry;
    LossConfig loss;
    Duration delay{0};  ///< one way
    JitterConfig jitter;
    ReorderConfig reorder;
    DuplicateConfig duplicate;
    CorruptConfig corrupt;
    TruncateConfig truncate;
};

inline constexpr std::uint32_t kMaxCopies = 3;
inline constexpr std::uint32_t kMaxFlippedBits = 8;
/// Bounds the memory of one queue to 16 MiB whatever is offered.
inline constexpr std::uint64_t kMaxQueuePackets = std::uint64_t{1} << 20;
inline constexpr Duration kMaxQueueTime = std::chrono::hours(1);
/// No configured duration exceeds this, so sums of instants cannot overflow.
inline constexpr Duration kMaxImpairmentTime = std::chrono::hours(24 * 365);
/// Steps of a rate schedule are at least this far apart, which bounds the work for one packet.
inline constexpr Duration kMinRateStep = std::chrono::milliseconds(1);
inline constexpr std::uint32_t kMaxOverheadBytes = 1024;
inline constexpr std::uint64_t kMinRate = 100;  ///< bit/s, except 0 in a schedule

/// Checks every field; the error is one sentence that begins with the field's name.
Expected<void, std::string> Validate(const ImpairmentConfig& config);

/// The simple Gilbert model (every packet lost in bad, none in good) with a mean loss and a mean
/// burst length in packets: r = 1/burst, p = r * loss / (1 - loss) (Hasslinger & Hohlfeld 2008).
/// Fails unless 0 <= loss < 1, burst >= 1 and p <= 1.
Expected<GilbertElliottLoss, std::string> GilbertFromMean(double meanLoss, double meanBurst);

/// The long-run share of packets that `process` loses, to hold realised counts against.
double MeanLoss(const LossProcess& process);

}  // namespace crsp
