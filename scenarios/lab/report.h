// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/lab/campaign.h"

namespace crsp::lab {

/// One metric over the seeds of a campaign.
struct Spread {
    double median = 0;
    double min = 0;
    double max = 0;
};

/// Over the outcomes that have the metric; nothing if none has. The command latencies are taken
/// over all commands of all seeds as one sample, so that a p99 of a few commands per run means
/// something; their min and max are still those of single runs.
std::optional<Spread> SpreadOf(const std::vector<Outcome>& outcomes, std::string_view metric);

/// A table of metric by seed, or by spread from six seeds on.
std::string CampaignTable(const std::vector<Outcome>& outcomes);

/// One JSON document with `"schema":"crsp.scenario/1"`.
std::string CampaignJson(const Scenario& scenario, World world, const CampaignOptions& options,
                         const std::vector<Outcome>& outcomes);

/// A table that sets simulation and live side by side: median (min to max), and the difference of
/// the medians.
std::string ComparisonTable(const std::vector<Outcome>& simulation,
                            const std::vector<Outcome>& live);

}  // namespace crsp::lab
