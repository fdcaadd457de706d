// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/relay-report.h"

#include <nlohmann/json.hpp>

#include "apps/live/asio-address.h"
#include "apps/version/version.h"

namespace crsp {
namespace {

using Json = nlohmann::ordered_json;

double Share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Configured beside realised, for whoever wants to check the relay itself.
Json CheckJson(const ImpairmentConfig& config, const LinkCounters& c) {
    const auto passed = c.delivered + c.duplicated;
    return {
        {"loss", {{"configured", MeanLoss(config.loss.process)}, {"realised", c.LossShare()}}},
        {"duplicate",
         {{"configured", config.duplicate.probability},
          {"realised", Share(c.duplicated, c.delivered)}}},
        {"corrupt",
         {{"configured", config.corrupt.probability}, {"realised", Share(c.corrupted, passed)}}},
        {"truncate",
         {{"configured", config.truncate.probability}, {"realised", Share(c.truncated, passed)}}},
        {"reorder",
         {{"configured", config.reorder.probability},
          {"realised", Share(c.heldBack, c.delivered)}}},
        {"delay_ms", ToMilliseconds(config.delay)}};
}

Json DirectionJson(const ImpairmentConfig& config, const LinkCounters& c) {
    const auto queued = c.offered - c.Dropped(DropReason::kQueue) -
                        c.Dropped(DropReason::kBlackout) - c.Dropped(DropReason::kEcn);
    return {{"offered", c.offered},
            {"delivered", c.delivered},
            {"dropped_loss", c.Dropped(DropReason::kLoss)},
            {"dropped_queue", c.Dropped(DropReason::kQueue)},
            {"dropped_blackout", c.Dropped(DropReason::kBlackout)},
            {"dropped_ecn", c.Dropped(DropReason::kEcn)},
            {"marked", c.marked},
            {"duplicated", c.duplicated},
            {"corrupted", c.corrupted},
            {"truncated", c.truncated},
            {"held_back", c.heldBack},
            {"reordered", c.reordered},
            {"bytes_offered", c.bytesOffered},
            {"bytes_delivered", c.bytesDelivered},
            {"queue_delay_mean_ms",
             queued == 0 ? 0 : ToMilliseconds(c.queueDelaySum) / static_cast<double>(queued)},
            {"queue_delay_max_ms", ToMilliseconds(c.queueDelayMax)},
            {"check", CheckJson(config, c)}};
}

Json LinkJson(const RelayLink& link) {
    const auto counters = link.Counters();
    return {{"listen", Display(link.LocalAddress())},
            {"target", Display(link.Config().target)},
            {"seed", std::to_string(link.Config().seed)},
            {"clients", counters.clients},
            {"clients_refused", counters.clientsRefused},
            {"strangers", counters.strangers},
            {"send_failures", counters.sendFailures},
            {"overflows", counters.overflows},
            {"rebindings", counters.rebindings},
            {"kernel_drops", counters.kernelDrops},
            {"up", DirectionJson(link.Config().up, link.Up())},
            {"down", DirectionJson(link.Config().down, link.Down())}};
}

}  // namespace

Json RelayStatsJson(const std::vector<std::unique_ptr<RelayLink>>& links,
                    const DeliveryQueue& queue) {
    Json list = Json::array();
    for (const auto& link : links) list.push_back(LinkJson(*link));
    const auto& lateness = queue.Lateness();
    return {{"schema", "crsp.relay/1"},
            {"engine", EngineHash()},
            {"lateness_ms",
             {{"count", lateness.Count()},
              {"mean", ToMilliseconds(lateness.Mean())},
              {"p50_at_most", ToMilliseconds(lateness.Quantile(0.5))},
              {"p99_at_most", ToMilliseconds(lateness.Quantile(0.99))},
              {"max", ToMilliseconds(lateness.Max())}}},
            {"links", std::move(list)}};
}

}  // namespace crsp
