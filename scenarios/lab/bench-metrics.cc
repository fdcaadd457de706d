// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-metrics.h"

#include <algorithm>
#include <numeric>

namespace crsp::lab {
namespace {

constexpr double kFilled = 0.9;
/// A queue that start-up has filled overflows within a few round trips.
constexpr int kStartupTailRtts = 4;
constexpr double kLateShare = 0.8;
constexpr Duration kLateWindow = seconds(2);
constexpr Duration kStepWindow = milliseconds(500);
constexpr double kStarvedShare = 0.1;

/// The last sample that is not after `at`.
std::size_t IndexAt(const BenchRecord& record, Duration at) {
    const auto after =
        std::upper_bound(record.samples.begin(), record.samples.end(), at,
                         [](Duration time, const BenchSample& s) { return time < s.at; });
    return after == record.samples.begin()
               ? 0
               : static_cast<std::size_t>(after - record.samples.begin()) - 1;
}

double Percent(double part, double whole) {
    return whole > 0 ? 100 * part / whole : 0;
}

Duration EndOf(const BenchRecord& record) {
    return record.samples.back().at;
}

/// What the flow could have if the link were divided evenly, bit/s.
double FairRate(const BenchCell& cell, std::size_t flow) {
    return cell.link.rate * (1 - cell.link.loss) * PayloadShare(cell.flows[flow].variant) /
           static_cast<double>(cell.flows.size());
}

std::vector<double> SharesOfFair(const BenchCell& cell, const BenchRecord& record) {
    auto shares = FlowRates(record, cell.warmup, EndOf(record));
    for (std::size_t i = 0; i < shares.size(); ++i) shares[i] /= FairRate(cell, i);
    return shares;
}

void AddQueue(const BenchCell& cell, const BenchRecord& record, Metrics& metrics) {
    std::vector<double> depths;
    for (std::size_t i = IndexAt(record, cell.warmup); i < record.samples.size(); ++i) {
        depths.push_back(static_cast<double>(record.samples[i].queueBytes) / BdpBytes(cell.link));
    }
    metrics[std::string(bench::kQueueP50)] = Quantile(depths, 0.50);
    metrics[std::string(bench::kQueueP95)] = Quantile(depths, 0.95);
    metrics[std::string(bench::kQueueDrops)] = 100 * DropShare(record, cell.warmup, EndOf(record));
}

void AddRepeats(const BenchRecord& record, Metrics& metrics) {
    FlowCounters sum;
    for (const FlowRecord& flow : record.flows) {
        sum.bytesSent += flow.atStop.bytesSent - flow.atWarmup.bytesSent;
        sum.bytesRetransmitted += flow.atStop.bytesRetransmitted - flow.atWarmup.bytesRetransmitted;
        sum.packetsSent += flow.atStop.packetsSent - flow.atWarmup.packetsSent;
        sum.packetsSpurious += flow.atStop.packetsSpurious - flow.atWarmup.packetsSpurious;
    }
    const auto value = [](std::uint64_t count) { return static_cast<double>(count); };
    metrics[std::string(bench::kRetransmitted)] =
        Percent(value(sum.bytesRetransmitted), value(sum.bytesSent));
    metrics[std::string(bench::kSpurious)] =
        Percent(value(sum.packetsSpurious), value(sum.packetsSent));
}

void AddSteady(const BenchCell& cell, const BenchRecord& record, Metrics& metrics) {
    const auto shares = SharesOfFair(cell, record);
    metrics[std::string(bench::kShare)] =
        std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size());
    AddQueue(cell, record, metrics);
    AddRepeats(record, metrics);
    if (IsTcp(cell.variant)) metrics.erase(metrics.find(bench::kSpurious));
}

void AddStartup(const BenchCell& cell, const BenchRecord& record, Metrics& metrics) {
    const auto first = record.flows.front().firstByte;
    if (!first) return;
    const Duration rtt = cell.link.rtt;
    const auto filled = FirstAtRate(record, 0, *first, rtt, kFilled * FairRate(cell, 0));
    if (!filled) return;
    metrics[std::string(bench::kStartupTime)] = ToSeconds(*filled - *first) / ToSeconds(rtt);
    metrics[std::string(bench::kStartupLoss)] =
        100 * DropShare(record, Duration::zero(), *filled + kStartupTailRtts * rtt);
}

void AddTransfer(const BenchRecord& record, Metrics& metrics) {
    const FlowRecord& flow = record.flows.front();
    if (!flow.lastByte) return;
    metrics[std::string(bench::kCompletion)] = ToSeconds(*flow.lastByte - flow.start);
    AddRepeats(record, metrics);
}

void AddSides(const BenchCell& cell, const std::vector<double>& shares, Metrics& metrics) {
    double ours = 0;
    double tcp = 0;
    double least = std::numeric_limits<double>::infinity();
    std::size_t tcps = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const bool isTcp = IsTcp(cell.flows[i].variant);
        (isTcp ? tcp : ours) += shares[i];
        if (isTcp) least = std::min(least, shares[i]);
        tcps += isTcp ? 1 : 0;
    }
    if (tcps == 0 || tcps == shares.size()) return;
    metrics[std::string(bench::kOursShare)] = ours / static_cast<double>(shares.size() - tcps);
    metrics[std::string(bench::kTcpShare)] = tcp / static_cast<double>(tcps);
    metrics[std::string(bench::kTcpLeast)] = least;
}

void AddSharing(const BenchCell& cell, const BenchRecord& record, Metrics& metrics) {
    const auto shares = SharesOfFair(cell, record);
    metrics[std::string(bench::kJain)] = JainIndex(shares);
    const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
    if (*least > 0) metrics[std::string(bench::kRatio)] = *most / *least;
    std::vector<double> starving;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        starving.push_back(kStarvedShare * FairRate(cell, i));
    }
    metrics[std::string(bench::kStarved)] = LongestStarvation(record, cell.warmup, starving);
    AddSides(cell, shares, metrics);
    AddQueue(cell, record, metrics);
}

void AddLateComer(const BenchCell& cell, const BenchRecord& record, Metrics& metrics) {
    const std::size_t late = cell.flows.size() - 1;
    const Duration begin = record.flows[late].start;
    const auto there =
        FirstAtRate(record, late, begin, kLateWindow, kLateShare * FairRate(cell, late));
    if (there) metrics[std::string(bench::kLateTime)] = ToSeconds(*there - begin);
}

/// All flows with an end; one that did not reach it counts with what it has waited.
void AddShortFlows(const BenchCell& cell, const BenchRecord& record, Metrics& metrics) {
    std::vector<double> times;
    for (std::size_t i = 0; i < cell.flows.size(); ++i) {
        if (cell.flows[i].bytes == 0) continue;
        const FlowRecord& flow = record.flows[i];
        times.push_back(ToSeconds(flow.lastByte.value_or(EndOf(record)) - flow.start));
    }
    metrics[std::string(bench::kShortMedian)] = Quantile(times, 0.5);
}

/// The first step goes down, the second up.
void AddStep(const BenchCell& cell, const BenchRecord& record, Metrics& metrics) {
    const Duration down = cell.link.steps.front().at;
    const Duration up = cell.link.steps.back().at;
    metrics[std::string(bench::kStepLoss)] = 100 * DropShare(record, down, down + seconds(1));
    const auto back = FirstAtRate(record, 0, up, kStepWindow, kFilled * FairRate(cell, 0));
    if (back) metrics[std::string(bench::kStepRecovery)] = ToSeconds(*back - up);
}

void AddMessages(const BenchCell& cell, const BenchRecord& record, Metrics& metrics) {
    const FlowRecord& flow = record.flows.front();
    if (flow.messages == 0 || flow.deliveries.empty()) return;
    const auto count = static_cast<double>(flow.messages);
    const auto bytes = count * static_cast<double>(cell.flows.front().messages->bytes);
    const auto set = [&](std::string_view name, double value) {
        metrics[std::string(name)] = value;
    };
    set(bench::kDeliveryP50, Quantile(flow.deliveries, 0.50));
    set(bench::kDeliveryP99, Quantile(flow.deliveries, 0.99));
    set(bench::kDeliveryMax, Quantile(flow.deliveries, 1));
    set(bench::kUndelivered, 100 - Percent(static_cast<double>(flow.deliveries.size()), count));
    const FlowCounters& sent = flow.atStop;
    set(bench::kRepairShare, Percent(static_cast<double>(sent.repairBytes), bytes));
    set(bench::kWireShare, Percent(static_cast<double>(sent.wireBytes), bytes));
    set(bench::kReturnShare, Percent(static_cast<double>(sent.returnBytes), bytes));
}

}  // namespace

Metrics ComputeBenchMetrics(const BenchCell& cell, const BenchRecord& record) {
    Metrics metrics;
    switch (cell.kind) {
        case BenchKind::kSteady:
            AddSteady(cell, record, metrics);
            break;
        case BenchKind::kStartup:
            AddStartup(cell, record, metrics);
            break;
        case BenchKind::kTransfer:
            AddTransfer(record, metrics);
            break;
        case BenchKind::kSharing:
            AddSharing(cell, record, metrics);
            break;
        case BenchKind::kLateComer:
            AddLateComer(cell, record, metrics);
            break;
        case BenchKind::kShortFlows:
            AddShortFlows(cell, record, metrics);
            break;
        case BenchKind::kStep:
            AddStep(cell, record, metrics);
            break;
        case BenchKind::kMessages:
            AddMessages(cell, record, metrics);
            break;
    }
    return metrics;
}

double JainIndex(const std::vector<double>& rates) {
    const double sum = std::accumulate(rates.begin(), rates.end(), 0.0);
    const double squares = std::inner_product(rates.begin(), rates.end(), rates.begin(), 0.0);
    return squares > 0 ? sum * sum / (static_cast<double>(rates.size()) * squares) : 0;
}

std::vector<double> FlowRates(const BenchRecord& record, Duration from, Duration to) {
    const std::size_t first = IndexAt(record, from);
    const std::size_t last = IndexAt(record, to);
    const double time = ToSeconds(record.samples[last].at - record.samples[first].at);
    std::vector<double> rates(record.read[last].size(), 0);
    for (std::size_t i = 0; time > 0 && i < rates.size(); ++i) {
        rates[i] = static_cast<double>(record.read[last][i] - record.read[first][i]) * 8 / time;
    }
    return rates;
}

std::optional<Duration> FirstAtRate(const BenchRecord& record, std::size_t flow, Duration from,
                                    Duration window, double rate) {
    const double needed = rate * ToSeconds(window) / 8;
    std::size_t begin = IndexAt(record, from);
    for (std::size_t end = begin; end < record.samples.size(); ++end) {
        while (record.samples[end].at - record.samples[begin].at > window) ++begin;
        const auto bytes = record.arrived[end][flow] - record.arrived[begin][flow];
        if (static_cast<double>(bytes) >= needed) return record.samples[end].at;
    }
    return std::nullopt;
}

double DropShare(const BenchRecord& record, Duration from, Duration to) {
    const BenchSample& first = record.samples[IndexAt(record, from)];
    const BenchSample& last = record.samples[IndexAt(record, to)];
    const auto offered = last.queueOffered - first.queueOffered;
    if (offered == 0) return 0;
    return static_cast<double>(last.queueDrops - first.queueDrops) / static_cast<double>(offered);
}

double LongestStarvation(const BenchRecord& record, Duration from,
                         const std::vector<double>& least) {
    int longest = 0;
    std::vector<int> running(least.size(), 0);
    for (Duration at = from; at + seconds(1) <= EndOf(record); at += seconds(1)) {
        const auto rates = FlowRates(record, at, at + seconds(1));
        for (std::size_t i = 0; i < least.size(); ++i) {
            running[i] = rates[i] < least[i] ? running[i] + 1 : 0;
            longest = std::max(longest, running[i]);
        }
    }
    return longest;
}

}  // namespace crsp::lab
