// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/timeline-sink.h"

#include <gtest/gtest.h>

#include "tests/unit/media/test-sink.h"

namespace crsp {
namespace {

using Kind = TimelineRow::Kind;

TimePoint At(int ms) {
    return TimePoint(milliseconds(ms));
}

TEST(TimelineSink, RecordsWhatTheSinkBehindItTook) {
    test::TestSink inner;
    inner.appetite = 3;
    TimelineSink sink(inner);
    std::vector<std::byte> bytes(10);
    ASSERT_TRUE(sink.Begin(At(1), 4, {1, 1, 100, 50}));
    EXPECT_EQ(sink.Render(At(2), 4, 50, bytes), 3u);
    inner.appetite = 0;
    EXPECT_EQ(sink.Render(At(3), 4, 53, bytes), 0u);
    ASSERT_TRUE(sink.End(At(4), 4, false));
    const std::vector<TimelineRow> expected = {
        {At(1), 4, 50, Kind::kBegin}, {At(2), 4, 53, Kind::kRender}, {At(4), 4, 53, Kind::kEnd}};
    EXPECT_EQ(std::vector(sink.Rows().begin(), sink.Rows().end()), expected);
    EXPECT_EQ(inner.renderings.at(0).bytes.size(), 3u);
    EXPECT_TRUE(inner.renderings.at(0).ended);
}

TEST(TimelineSink, PassesFailuresOn) {
    test::TestSink inner;
    TimelineSink sink(inner);
    ASSERT_TRUE(sink.Begin(At(0), 1, {}));
    inner.failRender = true;
    std::byte one[1];
    EXPECT_EQ(sink.Render(At(0), 1, 0, one).error(), MediaErrorCode::kSinkFailed);
    inner.failEnd = true;
    EXPECT_EQ(sink.End(At(0), 1, true).error(), MediaErrorCode::kSinkFailed);
    inner.failBegin = true;
    EXPECT_EQ(sink.Begin(At(0), 2, {}).error(), MediaErrorCode::kSinkFailed);
}

TEST(TimelineSink, CountsWhatItDoesNotKeep) {
    test::TestSink inner;
    TimelineSink sink(inner, 2);
    std::byte one[1];
    ASSERT_TRUE(sink.Begin(At(0), 1, {}));
    for (std::uint64_t i = 0; i < 5; ++i) ASSERT_TRUE(sink.Render(At(0), 1, i, one));
    EXPECT_EQ(sink.Rows().size(), 2u);
    EXPECT_EQ(sink.Dropped(), 4u);
}

}  // namespace
}  // namespace crsp
