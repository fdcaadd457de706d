// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/crypto/aead.h"
#include "model/wire/packet-header.h"

namespace crsp::lab {
namespace {

/// STREAM frame: type, stream id, an offset below 2^30 and a length below 2^14.
constexpr double kStreamFrameBytes = 1 + 1 + 4 + 2;
constexpr double kPppBytes = 2;
constexpr double kIpBytes = 20;
constexpr double kUdpBytes = 8;
constexpr double kSegmentBytes = 1448;
/// With the timestamp option.
constexpr double kTcpBytes = 32;
constexpr double kLeastQueueBytes = 3000;

}  // namespace

bool IsTcp(const BenchVariant& variant) {
    return variant.rfind("tcp/", 0) == 0;
}

bool IsMessageVariant(const BenchVariant& variant) {
    return variant == kArqVariant || variant == kFecVariant || variant == kDatagramVariant;
}

std::string BenchCell::Name() const {
    return fmt::format("{}/{}/{}", suite, row, variant);
}

double WireBytes(const BenchVariant& variant) {
    const double transport =
        IsTcp(variant) ? kTcpBytes + kSegmentBytes : kUdpBytes + kBenchDatagramBytes;
    return kPppBytes + kIpBytes + transport;
}

double PayloadShare(const BenchVariant& variant) {
    const double payload = IsTcp(variant) ? kSegmentBytes
                                          : kBenchDatagramBytes - double(kDataHeaderLength) -
                                                double(kAeadTagLength) - kStreamFrameBytes;
    return payload / WireBytes(variant);
}

double BdpBytes(const BenchLink& link) {
    return link.rate * ToSeconds(link.rtt) / 8;
}

std::uint64_t BenchQueueBytes(const BenchLink& link) {
    return static_cast<std::uint64_t>(
        std::llround(std::max(BdpBytes(link) * link.queueBdp, kLeastQueueBytes)));
}

std::string Describe(const BenchCell& cell) {
    const BenchLink& link = cell.link;
    std::string text = fmt::format(
        "{} kind {} rate {} rtt {} queue {} loss {} burst {} dead {}/{} warmup {} stop {} "
        "datagram {}",
        cell.Name(), static_cast<int>(cell.kind), link.rate, link.rtt.count(), link.queueBdp,
        link.loss, link.lossBurst, link.deadFor.count(), link.deadEvery.count(),
        cell.warmup.count(), cell.stop.count(), kBenchDatagramBytes);
    if (link.jitter > Duration::zero()) text += fmt::format(" jitter {}", link.jitter.count());
    if (link.reordered > 0) {
        text += fmt::format(" reordered {} by {}", link.reordered, link.reorderedBy.count());
    }
    if (link.delayStep > Duration::zero()) {
        text += fmt::format(" delay {} from {}", link.delayStep.count(), link.delayStepAt.count());
    }
    if (link.fqCodel) text += " fq-codel";
    for (const RateStep& step : link.steps) {
        text += fmt::format(" step {} {}", step.at.count(), step.bitsPerSecond);
    }
    for (const BenchFlow& flow : cell.flows) {
        text += fmt::format(" flow {} {} {} {}", flow.variant, flow.start.count(), flow.bytes,
                            flow.extraRtt.count());
        if (!flow.messages) continue;
        text += fmt::format(" messages {} {} {} {}", flow.messages->bytes,
                            flow.messages->interval.count(), flow.messages->count,
                            flow.messages->patience.count());
    }
    return text;
}

}  // namespace crsp::lab
