// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/flow.h"

#include <fmt/format.h>

#include <algorithm>

namespace crsp::sim {
namespace {

constexpr std::uint64_t kMaxMessages = 60;
constexpr std::uint64_t kMaxMessageSize = 1400;
constexpr std::uint64_t kMaxDatagramPayload = 1000;

void DrawEnds(Random& random, FlowPlan& flow) {
    if (random.Chance(0.15)) flow.resetAfter = random.Below(flow.size + 1);
    if (random.Chance(0.15)) flow.stopAfter = random.Below(flow.TotalBytes() + 1);
}

FlowPlan DrawMessages(const SwarmPlan& plan, Random& random, FlowPlan flow) {
    flow.kind = FlowPlan::Kind::kDeadline;
    flow.direction = StreamDirection::kUnidirectional;
    flow.size = random.Below(kMaxMessages);
    // Not much more altogether than other flows: tiny windows are made for those.
    flow.messageSize = 1 + random.Below(std::min(kMaxMessageSize, plan.maxSize / 10));
    flow.interval = Between(random, microseconds(100), milliseconds(50));
    flow.patience = Between(random, milliseconds(5), milliseconds(400));
    DrawEnds(random, flow);
    return flow;
}

FlowPlan DrawFlow(const SwarmPlan& plan, Random& random) {
    FlowPlan flow;
    flow.from = random.Chance(0.6) ? Side::kInitiator : Side::kResponder;
    flow.key = random.Next();
    flow.slowReader = plan.Has(Fault::kSlowReader) && random.Chance(0.5);
    if (random.Chance(0.4)) flow.urgency = static_cast<std::uint8_t>(random.Below(8));
    if (random.Chance(0.3)) return DrawMessages(plan, random, flow);
    flow.size = random.Below(plan.maxSize + 1);
    if (random.Chance(0.1)) flow.size = random.Below(2);
    if (random.Chance(0.3)) flow.direction = StreamDirection::kBidirectional;
    if (flow.direction == StreamDirection::kUnidirectional) DrawEnds(random, flow);
    return flow;
}

FlowPlan DrawDatagrams(Random& random, Side from) {
    FlowPlan flow;
    flow.kind = FlowPlan::Kind::kDatagrams;
    flow.from = from;
    flow.key = random.Next();
    flow.size = random.Below(kMaxMessages);
    flow.messageSize = sizeof(std::uint64_t) + random.Below(kMaxDatagramPayload);
    flow.interval = Between(random, microseconds(100), milliseconds(50));
    return flow;
}

}  // namespace

DialoguePlan DrawDialogue(const SwarmPlan& plan, std::uint64_t dialler) {
    Random random = plan.Stream(fmt::format("dialogue {}", dialler));
    DialoguePlan dialogue;
    const std::uint64_t flows = 1 + random.Below(random.Chance(0.2) ? 12 : 3);
    for (std::uint64_t i = 0; i < flows; ++i) dialogue.flows.push_back(DrawFlow(plan, random));
    for (const Side side : {Side::kInitiator, Side::kResponder}) {
        if (random.Chance(0.3)) dialogue.flows.push_back(DrawDatagrams(random, side));
    }
    if (random.Chance(0.08)) dialogue.hangUpAfter = Between(random, {}, plan.safety);
    return dialogue;
}

}  // namespace crsp::sim
