// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/live/exit-code.h"
#include "model/base/result.h"
#include "model/impair/impairment-config.h"

namespace crsp {

/// The impairments of one direction as typed; what is absent is off.
struct ImpairmentOptions {
    std::optional<double> loss;
    std::vector<double> gilbert;  ///< mean loss, mean burst length
    std::optional<Duration> delay;
    std::optional<Duration> jitter;
    bool keepOrder = false;
    std::optional<std::uint64_t> rate;
    std::optional<std::uint64_t> queue;
    std::optional<Duration> markAbove;
    std::optional<EcnTreatment> ecn;
    std::optional<double> duplicate;
    std::optional<double> corrupt;
    std::optional<double> truncate;
    std::optional<double> reorder;
    std::optional<Duration> reorderDelay;
    std::vector<Interval> blackouts;
};

/// Declares `--<prefix>loss` and so on, under the heading `group`.
void AddImpairmentOptions(CLI::App& app, ImpairmentOptions& options, const std::string& prefix,
                          const std::string& group);

/// What `both` says, with what `own` says instead where it says something. kUsage with one sentence
/// if the values do not go together.
Expected<ImpairmentConfig, NodeError> MakeImpairment(const ImpairmentOptions& both,
                                                     const ImpairmentOptions& own);

}  // namespace crsp
