// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-simcost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lab/lab-program.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;

using BenchSimcost = LabProgram;

/// A round in which UDP takes 1 us for a packet, TCP 2, and CRSP `crsp`.
CostRound RoundOf(double crsp) {
    const auto run = [](double microseconds) {
        return CostRun{microseconds * 1e-6 * 1000, 800, 200, 4000, 800 * kCostPayload};
    };
    return {{CostSubject::kUdpOnOff, run(1)},
            {CostSubject::kUdpClient, run(1)},
            {CostSubject::kTcp, run(2)},
            {CostSubject::kCrsp, run(crsp)}};
}

TEST_F(BenchSimcost, RatiosAreOfOneRoundAndTheirMedianIsJudged) {
    const std::vector<CostRound> rounds{RoundOf(1.2), RoundOf(9), RoundOf(1.4)};
    EXPECT_TRUE(CostTargetsKept(rounds));
    const std::string tables = CostTables(rounds);
    EXPECT_THAT(tables, HasSubstr("| CRSP | 800 | 200 | 4.0 | 1400 (1200 to 9000) | "));
    EXPECT_THAT(tables, HasSubstr("| CRSP / UDP, OnOffApplication | 1.40 (1.20 to 9.00) | 1.40 "
                                  "(1.20 to 9.00) | 1.5 | kept |"));
    EXPECT_THAT(tables, HasSubstr("| CRSP / TCP, TcpCubic | 0.70 (0.60 to 4.50) |"));
}

TEST_F(BenchSimcost, OneMissedTargetIsEnough) {
    EXPECT_FALSE(CostTargetsKept({RoundOf(1.6)}));
    EXPECT_THAT(CostTables({RoundOf(1.6)}), HasSubstr(" | 1.5 | missed |"));
    EXPECT_FALSE(CostTargetsKept({RoundOf(2.1)}));
    EXPECT_THAT(CostTables({RoundOf(2.1)}), HasSubstr(" | 1 | missed |"));
}

/// Everybody carries the same, in packets of the same size, and nothing gets lost on the way.
TEST_F(BenchSimcost, SubjectsCarryTheSame) {
    CostLoad load;
    load.bytes = 2'000'000;
    const std::uint64_t full = (load.bytes + kCostPayload - 1) / kCostPayload;
    for (const CostSubject subject : kCostSubjects) {
        load.topology = CostTopology::kLink;
        const CostRun run = SimulateForCost(subject, load);
        load.topology = CostTopology::kDumbbell;
        EXPECT_GE(SimulateForCost(subject, load).packetsThere, full) << CostName(subject);
        EXPECT_GE(run.bytesArrived, load.bytes) << CostName(subject);
        EXPECT_GE(run.packetsThere, full) << CostName(subject);
        EXPECT_LE(run.packetsThere, full + full / 10) << CostName(subject);  // ours begin small
        EXPECT_GT(run.events, run.packetsThere) << CostName(subject);
        const bool udp = subject == CostSubject::kUdpOnOff || subject == CostSubject::kUdpClient;
        EXPECT_EQ(run.packetsBack == 0, udp) << CostName(subject);
    }
}

TEST_F(BenchSimcost, ProgramRefusesWhatItHasNot) {
    for (const char* words : {"simcost --variants tcp/cubic", "flows --only x", "flows --series"}) {
        const Ended ended = Lab(std::string("bench ") + words);
        EXPECT_EQ(ended.code, 64) << words;
        EXPECT_THAT(ended.errors, HasSubstr("has neither variants, nor cells, nor series"));
    }
}

}  // namespace
}  // namespace crsp::lab
