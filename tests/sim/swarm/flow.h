// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/wire/types.h"
#include "tests/sim/swarm/plan.h"

namespace crsp::sim {

/// What one side of a connection sends to the other, on a stream of its own or in datagrams.
struct FlowPlan {
    enum class Kind : std::uint8_t { kReliable, kDeadline, kDatagrams };

    Kind kind = Kind::kReliable;
    Side from = Side::kInitiator;
    StreamDirection direction = StreamDirection::kUnidirectional;  ///< the answer is as long
    std::uint64_t key = 0;   ///< of the content, see FillGenerated
    std::uint64_t size = 0;  ///< bytes, or messages and datagrams of `messageSize`
    std::uint64_t messageSize = 0;
    Duration interval{};  ///< between messages or datagrams
    Duration patience{};  ///< of a message
    std::optional<std::uint8_t> urgency;
    std::optional<std::uint64_t> resetAfter;  ///< written bytes
    std::optional<std::uint64_t> stopAfter;   ///< read bytes
    bool slowReader = false;

    std::uint64_t TotalBytes() const { return kind == Kind::kReliable ? size : size * messageSize; }
};

/// The flows between the `dialler`th dialler and whom it dials, and when it hangs up in the midst.
struct DialoguePlan {
    std::vector<FlowPlan> flows;
    std::optional<Duration> hangUpAfter;
};

DialoguePlan DrawDialogue(const SwarmPlan& plan, std::uint64_t dialler);

}  // namespace crsp::sim
