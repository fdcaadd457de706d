// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/time.h"
#include "model/impair/impairment-config.h"
#include "scenarios/lab/message-roles.h"

namespace crsp::lab {

/// Who fills the path: `crsp/` and the name of a congestion controller, `tcp/cubic` or
/// `tcp/new_reno`.
using BenchVariant = std::string;

/// The one that the targets are set for; all others stand beside it.
inline constexpr std::string_view kGatedVariant = "crsp/bbr_lda";
inline constexpr std::string_view kTcpCubic = "tcp/cubic";
inline constexpr std::string_view kTcpNewReno = "tcp/new_reno";

bool IsTcp(const BenchVariant& variant);

/// Deadline streams and what stands beside them: variants of the suite `deadline` alone.
inline constexpr std::string_view kArqVariant = "crsp/arq";
inline constexpr std::string_view kFecVariant = "crsp/fec";
inline constexpr std::string_view kDatagramVariant = "crsp/datagram";

bool IsMessageVariant(const BenchVariant& variant);

/// One bulk transfer over the dumbbell, between two nodes of its own; or a load of messages.
struct BenchFlow {
    BenchVariant variant;
    Duration start{0};
    std::uint64_t bytes = 0;  ///< 0: without end
    Duration extraRtt{0};     ///< beside that of the bottleneck
    std::optional<MessageLoad> messages{};
};

/// The hop that all flows share, the same in both directions except for the rate steps.
struct BenchLink {
    double rate = 0;  ///< bit/s
    Duration rtt{0};
    double queueBdp = 1;          ///< of rate and rtt
    double loss = 0;              ///< share of packets, each way
    double lossBurst = 1;         ///< mean, packets; above 1 the loss is Gilbert-Elliott
    std::vector<RateStep> steps;  ///< of the senders' direction
    Duration deadEvery{0};        ///< the link is dead for the last `deadFor` of each such period
    Duration deadFor{0};
    Duration jitter{0};    ///< each way, plus and minus, in order
    double reordered = 0;  ///< share of packets, each way, held back by `reorderedBy`
    Duration reorderedBy{0};
    Duration delayStepAt{0};  ///< from here on both ways take `delayStep` longer
    Duration delayStep{0};
    bool fqCodel = false;  ///< in place of drop-tail; the queue's length is then not measured
};

/// What one metric of a cell must keep.
struct BenchGate {
    std::string metric;
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    /// If not empty: at most `factor` times the least that these cells (of the same row) reach.
    std::vector<BenchVariant> beside{};
    double factor = 1;
};

/// What a cell measures, and thereby which metrics it has (bench-metrics.h).
enum class BenchKind {
    kSteady,
    kStartup,
    kTransfer,
    kSharing,
    kLateComer,
    kShortFlows,
    kStep,
    kMessages,
};

/// One run but for its seed.
struct BenchCell {
    std::string suite;  ///< matrix, startup, fairness, deadline
    std::string row;    ///< as in `100M-20ms-loss5`
    BenchVariant variant;
    BenchKind kind = BenchKind::kSteady;
    BenchLink link;
    std::vector<BenchFlow> flows;
    Duration warmup{0};  ///< measuring begins
    Duration stop{0};    ///< and ends, or earlier once all flows with an end have ended
    std::vector<BenchGate> gates;

    /// Suite, row and variant: the name of a run.
    std::string Name() const;
};

/// Bytes of a full packet on the wire: PPP, IP and transport headers with it.
double WireBytes(const BenchVariant& variant);
/// The part of a full packet that is the application's: the most of a link's rate that can be
/// goodput.
double PayloadShare(const BenchVariant& variant);

/// Bandwidth-delay product, bytes.
double BdpBytes(const BenchLink& link);
/// At least two packets.
std::uint64_t BenchQueueBytes(const BenchLink& link);

/// The UDP payload that our engine is configured to send at most: what a link with TCP's 1,448-byte
/// segments carries.
inline constexpr std::uint32_t kBenchDatagramBytes = 1452;

/// Every parameter of the cell as text, to tell whether two results are of the same cell.
std::string Describe(const BenchCell& cell);

}  // namespace crsp::lab
