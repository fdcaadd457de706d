// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-many-flows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/metrics.h"
#include "scenarios/lab/ns3-runner.h"
#include "scenarios/lab/scenario-reader.h"

namespace crsp::lab {
namespace {

FlowRun Rendered(Duration from, Duration to) {
    FlowRun flow;
    flow.timeline = {{TimePoint(from), 1, 0, TimelineRow::Kind::kBegin},
                     {TimePoint(to), 1, 5, TimelineRow::Kind::kRender},
                     {TimePoint(to), 1, 5, TimelineRow::Kind::kEnd}};
    return flow;
}

TEST(BenchManyFlows, AtOnceIsTheMostAtAnyInstant) {
    RunRecord record;
    record.flows.clear();
    EXPECT_EQ(MostAtOnce(record), 0u);
    record.flows = {Rendered(seconds(1), seconds(3)), Rendered(seconds(2), seconds(4)),
                    Rendered(seconds(3), seconds(5)), FlowRun{}};
    EXPECT_EQ(MostAtOnce(record), 2u);
}

/// More than fit behind the usual port, more than 256 links, more than a deployed server serves by
/// default; few enough for a test.
TEST(BenchManyFlows, SixHundredAndSixtyFlowsComplete) {
    const auto scenario =
        ReadScenario(CRSP_SOURCE_DIR "/scenarios/crsp-1000-flows.toml",
                     {"flow.0.copies=660", "flow.0.render-rate=1 Gbit/s", "content.0.size=20 kB"});
    ASSERT_TRUE(scenario) << scenario.error().message;
    RunProgress progress;
    const RunRecord record = RunInNs3(*scenario, {1, "", false, false}, progress);
    EXPECT_EQ(record.failure, "");
    EXPECT_EQ(record.invalid, "");
    ASSERT_EQ(record.flows.size(), 660u);
    const Metrics metrics = ComputeMetrics(*scenario, record);
    EXPECT_THAT(Shortfalls(*scenario, record, metrics), testing::IsEmpty());
    EXPECT_EQ(metrics.find(metric::kRendered)->second, 660 * 20'000.0);
    // So many are not listed one by one.
    EXPECT_LT(metrics.size(), 20u);
    EXPECT_LT(record.series.size(), 20u);
    EXPECT_THAT(MetricsOf(*scenario), testing::Not(testing::Contains("hash-equal.r-7")));
}

}  // namespace
}  // namespace crsp::lab
