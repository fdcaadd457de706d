// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/quantity.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(Quantity, DurationsComeWithUnits) {
    EXPECT_EQ(ParseDuration("50ms").value(), milliseconds(50));
    EXPECT_EQ(ParseDuration("1.5s").value(), milliseconds(1500));
    EXPECT_EQ(ParseDuration("2min").value(), seconds(120));
    EXPECT_EQ(ParseDuration("15000000000ns").value(), seconds(15));
    EXPECT_EQ(ParseDuration("0").value(), Duration::zero());
}

TEST(Quantity, DurationsWithoutSenseAreRefused) {
    for (const char* text :
         {"", "50", "50 ms", "-1s", "1e300s", "nan", "nans", "inf", "ms", "1sx"}) {
        EXPECT_FALSE(ParseDuration(text)) << text;
    }
    EXPECT_NE(ParseDuration("50").error().find("expected a duration"), std::string::npos);
}

TEST(Quantity, TimeoutsMayBeBareSeconds) {
    EXPECT_EQ(ParseSeconds("5").value(), seconds(5));
    EXPECT_EQ(ParseSeconds("0.5").value(), milliseconds(500));
    EXPECT_EQ(ParseSeconds("250ms").value(), milliseconds(250));
    EXPECT_FALSE(ParseSeconds("soon"));
    EXPECT_FALSE(ParseSeconds("-1"));
}

TEST(Quantity, RatesCountBitsInThousands) {
    EXPECT_EQ(ParseBitRate("10Mbit").value(), 10'000'000u);
    EXPECT_EQ(ParseBitRate("2.5kbit").value(), 2'500u);
    EXPECT_FALSE(ParseBitRate("10MB"));
    EXPECT_FALSE(ParseBitRate("10"));
}

TEST(Quantity, ByteCountsKnowBothKinds) {
    EXPECT_EQ(ParseByteCount("1500").value(), 1500u);
    EXPECT_EQ(ParseByteCount("256KiB").value(), 262'144u);
    EXPECT_EQ(ParseByteCount("10kB").value(), 10'000u);
    EXPECT_FALSE(ParseByteCount("1e30"));
    EXPECT_FALSE(ParseByteCount("10kbit"));
}

TEST(Quantity, ProbabilitiesStayBetweenZeroAndOne) {
    EXPECT_DOUBLE_EQ(ParseProbability("0.05").value(), 0.05);
    EXPECT_DOUBLE_EQ(ParseProbability("5%").value(), 0.05);
    EXPECT_DOUBLE_EQ(ParseProbability("1").value(), 1);
    for (const char* text : {"101%", "1.5", "-0.1", "", "%", "5 %"}) {
        EXPECT_FALSE(ParseProbability(text)) << text;
    }
}

}  // namespace
}  // namespace crsp
