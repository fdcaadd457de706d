// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/transport-arguments.h"

#include <gmock/gmock.h>

namespace crsp::lab {
namespace {

using ::testing::ElementsAre;

TEST(TransportArguments, SayWhatTheProgramsHaveOptionsFor) {
    TransportConfig config;
    config.streamReceiveWindow = 5000;
    config.maxStreamReceiveWindow = 9000;
    config.maxDatagramSize = 1452;
    config.idleTimeout = seconds(3);
    config.congestion = CongestionAlgorithm::kCubic;
    EXPECT_THAT(TransportArguments(config),
                ElementsAre("--window", "5000", "--max-window", "9000", "--max-datagram-size",
                            "1452", "--idle-timeout", "3000000000ns", "--congestion", "cubic"));
}

TEST(TransportArguments, MarkingIsSwitchedOffOnlyWhereItIs) {
    TransportConfig config;
    EXPECT_THAT(TransportArguments(config), ::testing::Not(::testing::Contains("--no-ecn")));
    config.ecn = false;
    EXPECT_THAT(TransportArguments(config), ::testing::Contains("--no-ecn"));
}

TEST(TransportArguments, FixedRateHasItsRate) {
    TransportConfig config;
    config.congestion = CongestionAlgorithm::kFixedRate;
    config.fixedRate = 10'000'000;
    const auto arguments = TransportArguments(config);
    EXPECT_THAT(std::vector(arguments.end() - 3, arguments.end()),
                ElementsAre("fixed_rate", "--fixed-rate", "10000000bit"));
}

}  // namespace
}  // namespace crsp::lab
