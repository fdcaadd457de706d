// SPDX-License-Identifier: GPL-2.0-only
//
// Whether a run says so when its links were not what the scenario says.
#include "scenarios/lab/self-check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/ns3/one-megabyte.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;

using Change = std::function<void(LinkSpec&)>;

/// Three megabytes, both directions changed by `configured`.
Scenario Changed(const Change& configured) {
    Scenario scenario = OneMegabyte();
    scenario.content[0].size = 3'000'000;
    for (LinkSpec* link : {&scenario.link.down, &scenario.link.up}) {
        if (configured) configured(*link);
    }
    return scenario;
}

/// What the check says of a run in which `realised` came over the link, downwards, as well.
std::string InvalidIf(const Change& configured, const Change& realised) {
    const Scenario scenario = Changed(configured);
    RunProgress progress;
    Ns3RunOptions options;
    options.pcap = options.qlog = false;
    options.realised = scenario.link;
    if (realised) realised(options.realised->down);
    return RunInNs3(scenario, options, progress).invalid;
}

const std::vector<std::pair<const char*, Change>>& Conditions() {
    static const std::vector<std::pair<const char*, Change>> conditions{
        {"plain", {}},
        {"loss", [](LinkSpec& link) { link.loss = 0.02; }},
        {"capped",
         [](LinkSpec& link) {
             link.loss = 0.3;
             link.lossBurstLimit = 3;
         }},
        {"bursts",
         [](LinkSpec& link) {
             link.loss = 0.05;
             link.lossBurst = 5;
         }},
        {"jitter", [](LinkSpec& link) { link.jitter = milliseconds(5); }},
        {"reordering",
         [](LinkSpec& link) {
             link.jitter = milliseconds(5);
             link.reorder = true;
         }},
        {"normal jitter",
         [](LinkSpec& link) {
             link.jitter = milliseconds(5);
             link.jitterNormal = true;
         }},
        {"steps",
         [](LinkSpec& link) {
             link.loss = 0.01;
             link.steps = {{milliseconds(500), 2e6, milliseconds(60), {}},
                           {milliseconds(1500), 0, {}, {}},
                           {milliseconds(1700), 20e6, milliseconds(10), {}}};
         }},
        {"blackout",
         [](LinkSpec& link) {
             link.blackouts = {{milliseconds(500), milliseconds(300), seconds(1)}};
         }},
        {"copies and damage",
         [](LinkSpec& link) {
             link.duplicate = 0.2;
             link.duplicateCopies = 3;
             link.corrupt = 0.02;
         }},
        {"drop list",
         [](LinkSpec& link) {
             link.drop = {7, 8, 20};
         }},
        {"policer",
         [](LinkSpec& link) {
             link.policer = PolicerSpec{5e6, 20'000};
         }},
        {"discipline", [](LinkSpec& link) { link.discipline = QueueKind::kFqCoDel; }},
        {"trace",
         [](LinkSpec& link) {
             link.trace =
                 std::make_shared<const DeliveryTrace>(MakeCellular(8e6, 0.4, seconds(10), 3));
             link.rate = link.trace->MeanRate();
         }},
    };
    return conditions;
}

TEST(SelfCheck, LinksThatAreAsConfiguredAreValid) {
    for (const auto& [name, change] : Conditions()) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            EXPECT_EQ(Simulate(Changed(change), seed).invalid, "") << name << ", seed " << seed;
        }
    }
}

TEST(SelfCheck, ValidBesideTcpAndUdp) {
    Scenario scenario = Changed([](LinkSpec& link) { link.corrupt = 0.01; });
    TrafficSpec tcp;
    scenario.traffic = {tcp};
    EXPECT_EQ(Simulate(scenario).invalid, "");
}

TEST(SelfCheck, OtherLossIsSeen) {
    EXPECT_THAT(InvalidIf({}, [](LinkSpec& link) { link.loss = 0.01; }), HasSubstr("expected 0.0"));
    EXPECT_THAT(InvalidIf([](LinkSpec& link) { link.loss = 0.05; },
                          [](LinkSpec& link) { link.loss = 0.01; }),
                HasSubstr("hop 0, down: lost"));
    EXPECT_THAT(InvalidIf([](LinkSpec& link) { link.drop = {5}; },
                          [](LinkSpec& link) { link.drop.clear(); }),
                HasSubstr("drop list"));
    EXPECT_THAT(InvalidIf(
                    [](LinkSpec& link) {
                        link.blackouts = {{milliseconds(500), milliseconds(300), {}}};
                    },
                    [](LinkSpec& link) { link.blackouts.clear(); }),
                HasSubstr("blackouts"));
}

TEST(SelfCheck, OtherDelayIsSeen) {
    EXPECT_THAT(InvalidIf({}, [](LinkSpec& link) { link.delay += milliseconds(1); }),
                HasSubstr("took another time"));
    EXPECT_THAT(InvalidIf({}, [](LinkSpec& link) { link.jitter = milliseconds(1); }),
                HasSubstr("took another time"));
    const Change reordering = [](LinkSpec& link) {
        link.jitter = milliseconds(5);
        link.reorder = true;
    };
    EXPECT_THAT(InvalidIf(reordering, [](LinkSpec& link) { link.jitter = milliseconds(1); }),
                HasSubstr("varied by"));
    EXPECT_THAT(InvalidIf([](LinkSpec& link) { link.jitter = milliseconds(5); },
                          [](LinkSpec& link) { link.reorder = true; }),
                HasSubstr("overtaken"));
}

TEST(SelfCheck, OtherRateIsSeen) {
    EXPECT_THAT(InvalidIf({}, [](LinkSpec& link) { link.rate *= 1.01; }),
                HasSubstr("sent at 10.1000 Mbit/s, expected 10.0000"));
    const Change traced = [](LinkSpec& link) {
        link.trace = std::make_shared<const DeliveryTrace>(MakeBursts(milliseconds(3), 1));
        link.rate = link.trace->MeanRate();
    };
    EXPECT_THAT(InvalidIf(traced,
                          [](LinkSpec& link) {
                              link.trace = std::make_shared<const DeliveryTrace>(
                                  MakeBursts(milliseconds(2), 1));
                          }),
                HasSubstr("delivered"));
}

TEST(SelfCheck, InvalidRunIsNoSuccess) {
    const Scenario scenario = OneMegabyte();
    RunRecord record = Simulate(scenario);
    EXPECT_TRUE(Shortfalls(scenario, record, ComputeMetrics(scenario, record)).empty());
    record.invalid = "hop 0, down: lost 1 of 2 packets";
    EXPECT_THAT(Shortfalls(scenario, record, ComputeMetrics(scenario, record)),
                testing::ElementsAre("invalid: hop 0, down: lost 1 of 2 packets"));
}

}  // namespace
}  // namespace crsp::lab
