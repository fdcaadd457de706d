// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crsp::lab {
namespace {

using testing::HasSubstr;

TEST(Units, SpaceIsOptional) {
    EXPECT_EQ(ParseRate("10 Mbit/s"), 10e6);
    EXPECT_EQ(ParseRate("10Mbit/s"), 10e6);
    EXPECT_EQ(ParseRate("0.5 Gbit/s"), 5e8);
}

TEST(Units, RateOfZeroIsOneWhereItMakesSense) {
    EXPECT_EQ(ParseRateOrZero("0 bit/s"), 0);
    EXPECT_EQ(ParseRateOrZero("1 Mbit/s"), 1e6);
    EXPECT_FALSE(ParseRateOrZero("0.5 bit/s"));
    EXPECT_FALSE(ParseRate("0 bit/s"));
}

TEST(Units, DurationsRoundToNanoseconds) {
    EXPECT_EQ(ParseDuration("1.5 ms"), microseconds(1500));
    EXPECT_EQ(ParseDuration("0 s"), Duration::zero());
    EXPECT_EQ(ParseDuration("2 min"), seconds(120));
    EXPECT_EQ(ParseDuration("0.0000000016 s"), nanoseconds(2));
}

TEST(Units, SizesKnowBothPowers) {
    EXPECT_EQ(ParseSize("1 kB"), 1000u);
    EXPECT_EQ(ParseSize("1 KiB"), 1024u);
    EXPECT_EQ(ParseSize("10 MiB"), 10485760u);
    EXPECT_EQ(ParseSize("0 B"), 0u);
}

TEST(Units, SharesArePercent) {
    EXPECT_DOUBLE_EQ(*ParseShare("5 %"), 0.05);
    EXPECT_DOUBLE_EQ(*ParseShare("100%"), 1.0);
    EXPECT_FALSE(ParseShare("100.1 %"));
    EXPECT_FALSE(ParseShare("0.05"));
}

TEST(Units, QueuesAreBytesPacketsOrProducts) {
    EXPECT_EQ(ParseQueue("64 KiB"), (QueueLimit{65536, 0, {}}));
    EXPECT_EQ(ParseQueue("25 packets"), (QueueLimit{25 * kQueuePacketBytes, 0, {}}));
    EXPECT_EQ(ParseQueue("0.5 BDP"), (QueueLimit{0, 0.5, {}}));
    EXPECT_EQ(ParseQueue("300 ms"), (QueueLimit{0, 0, milliseconds(300)}));
    EXPECT_FALSE(ParseQueue("0 BDP"));
    EXPECT_FALSE(ParseQueue("0 B"));
}

TEST(Units, RatesEndAtATerabit) {
    EXPECT_EQ(ParseRate("1000 Gbit/s"), 1e12);
    for (const char* text : {"1001 Gbit/s", "20000000000 Gbit/s", "1e300 Gbit/s", "1e25 Mbit/s"}) {
        EXPECT_FALSE(ParseRate(text)) << text;
        EXPECT_FALSE(ParseRateOrZero(text)) << text;
    }
    EXPECT_THAT(ParseRate("1001 Gbit/s").error(), HasSubstr("at most 1000 Gbit/s"));
}

TEST(Units, ADurationThatIsTooLongIsToldTheLimit) {
    EXPECT_THAT(ParseDuration("1e9 min").error(), HasSubstr("at most 52 days"));
}

TEST(Units, NonsenseIsRefused) {
    for (const char* text : {"", " ", "ms", "10", "10 parsec", "-1 ms", "1e300 s", "nan s", "inf s",
                             "10 ms ", "10  ms x", "0x10 ms"}) {
        EXPECT_FALSE(ParseDuration(text)) << text;
    }
    EXPECT_FALSE(ParseRate("0 bit/s"));
}

TEST(Units, RefusalSaysWhatWasExpected) {
    EXPECT_THAT(ParseSize("3 apples").error(), HasSubstr("expected a size such as \"64 KiB\""));
    EXPECT_THAT(ParseSize("3 apples").error(), HasSubstr("MiB"));
    EXPECT_THAT(ParseSize("3 apples").error(), HasSubstr("got \"3 apples\""));
}

}  // namespace
}  // namespace crsp::lab
