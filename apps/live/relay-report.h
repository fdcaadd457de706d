// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "apps/live/relay-link.h"

namespace crsp {

/// What the relay did, and how that compares with what it was told to do: schema `crsp.relay/1`.
nlohmann::ordered_json RelayStatsJson(const std::vector<std::unique_ptr<RelayLink>>& links,
                                      const DeliveryQueue& queue);

}  // namespace crsp
