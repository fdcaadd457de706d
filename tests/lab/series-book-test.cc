// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/series-book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace crsp::lab {
namespace {

TEST(SeriesBook, LongRunsHaveLongerStepsAndNoMorePoints) {
    EXPECT_EQ(SeriesStepOf(seconds(6)), milliseconds(10));
    EXPECT_EQ(SeriesStepOf(seconds(7)), milliseconds(20));
    EXPECT_EQ(SeriesStepOf(seconds(600)), milliseconds(1280));
    SeriesBook book;
    for (int i = 0; i < 10'000; ++i) {
        book.Add("g", "ms", SeriesKind::kGauge, 5);
        book.EndRow();
        ASSERT_LT(book.Result()[0].values.size(), kSeriesPoints);
    }
    EXPECT_THAT(book.Result()[0].values, testing::Each(5.0));
}

TEST(SeriesBook, GaugesAreMeansAndCountersGrowth) {
    SeriesBook book;
    for (int i = 0; i < 600; ++i) {
        book.Add("gauge", "ms", SeriesKind::kGauge, i % 2);
        book.Add("counter", "packets/s", SeriesKind::kCounter, 3 * (i + 1));
        book.EndRow();
    }
    const auto result = book.Result();
    ASSERT_EQ(result.size(), 2u);
    EXPECT_EQ(result[0].step, milliseconds(20));
    EXPECT_THAT(result[0].values, testing::Each(testing::DoubleNear(300, 1e-9)));
    EXPECT_THAT(result[1].values, testing::Each(testing::DoubleNear(0.5, 1e-9)));
}

TEST(SeriesBook, WhatWasNotReadIsNothing) {
    SeriesBook book;
    book.EndRow();
    book.Add("late", "ms", SeriesKind::kGauge, 7);
    book.EndRow();
    book.EndRow();
    const auto values = book.Result().at(0).values;
    ASSERT_EQ(values.size(), 3u);
    EXPECT_TRUE(std::isnan(values[0]));
    EXPECT_EQ(values[1], 7);
    EXPECT_TRUE(std::isnan(values[2]));
}

RunRecord Rendered() {
    RunRecord record;
    record.begin = TimePoint(seconds(1000));
    record.length = milliseconds(40);
    const auto row = [&](int at, std::uint64_t position, TimelineRow::Kind kind) {
        record.flows[0].timeline.push_back({record.begin + milliseconds(at), 1, position, kind});
    };
    row(0, 500, TimelineRow::Kind::kBegin);
    row(5, 1500, TimelineRow::Kind::kRender);
    row(39, 3500, TimelineRow::Kind::kRender);
    row(40, 3500, TimelineRow::Kind::kEnd);
    return record;
}

TEST(RecordSeries, RateIsWhatWasRenderedInEachStep) {
    RunRecord record = Rendered();
    AddRecordSeries(record, milliseconds(10));
    ASSERT_EQ(record.series.size(), 1u);
    EXPECT_EQ(record.series[0].name, "rate");
    EXPECT_THAT(record.series[0].values,
                testing::Pointwise(testing::DoubleEq(), {0.8, 0.0, 0.0, 1.6}));
}

TEST(RecordSeries, WaitingIsTheMeanOfEachStep) {
    RunRecord record = Rendered();
    record.passages = {{record.begin, milliseconds(2), 100},
                       {record.begin + milliseconds(9), milliseconds(4), 100}};
    AddRecordSeries(record, milliseconds(10));
    const auto& waited = record.series.at(1);
    EXPECT_EQ(waited.name, "queue-delay");
    EXPECT_DOUBLE_EQ(waited.values[0], 3);
    EXPECT_TRUE(std::isnan(waited.values[1]));
}

TEST(RecordSeries, TrafficIsSpreadBetweenItsTicks) {
    RunRecord record = Rendered();
    record.trafficBytes = {12'500};
    AddRecordSeries(record, milliseconds(10));
    EXPECT_THAT(record.series.at(1).values, testing::Each(testing::DoubleNear(1, 1e-9)));
}

}  // namespace
}  // namespace crsp::lab
