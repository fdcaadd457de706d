// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/stream-scheduler.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

Stream MakeStream(StreamId id) {
    Stream stream(id);
    stream.send.emplace(id, 4096, 1000);
    stream.receive.emplace(id, 1000);
    return stream;
}

TEST(StreamQueue, TurnsMembersRoundAndHoldsEachOnce) {
    StreamQueue queue;
    bool first = false;
    bool second = false;
    queue.Set(4, true, first);
    queue.Set(4, true, first);
    queue.Set(8, true, second);
    queue.Rotate();
    EXPECT_EQ(queue.Front(), 8u);
    queue.Rotate();
    EXPECT_EQ(queue.Front(), 4u);
    queue.Set(4, false, first);
    EXPECT_EQ(queue.Front(), 8u);
    queue.Set(8, false, second);
    EXPECT_TRUE(queue.Empty());
}

TEST(StreamScheduler, PutsAStreamWhereItBelongs) {
    StreamScheduler scheduler;
    Stream stream = MakeStream(4);
    scheduler.Update(stream);
    EXPECT_TRUE(scheduler.NewData().Empty());
    ASSERT_TRUE(stream.send->Write(Pattern(10), false));
    scheduler.Update(stream);
    EXPECT_FALSE(scheduler.NewData().Empty());
    EXPECT_TRUE(scheduler.Repeats().Empty());

    std::vector<std::byte> bytes(100);
    PacketBuilder out(bytes);
    stream.send->WriteChunk(*stream.send->NextNew(1000), out);
    stream.send->OnFrameLost(SentStream{4, 0, 10, false});
    scheduler.Update(stream);
    EXPECT_TRUE(scheduler.NewData().Empty());
    EXPECT_FALSE(scheduler.Repeats().Empty());

    stream.send->Reset(1);
    scheduler.Update(stream);
    EXPECT_TRUE(scheduler.Repeats().Empty());
    EXPECT_FALSE(scheduler.Control().Empty());
    scheduler.Forget(stream);
    EXPECT_TRUE(scheduler.Control().Empty());
}

TEST(UrgencyQueues, KeepEachUrgencyApart) {
    UrgencyQueues queues;
    bool first = false;
    bool second = false;
    queues.Set(4, 7, true, first);
    queues.Set(8, 0, true, second);
    EXPECT_EQ(queues.Level(7).Front(), 4u);
    EXPECT_EQ(queues.Level(0).Front(), 8u);
    queues.Set(8, 0, true, second);
    queues.Set(8, 0, false, second);
    EXPECT_TRUE(queues.Level(0).Empty());
    EXPECT_FALSE(queues.Empty());
    queues.Set(4, 7, false, first);
    EXPECT_TRUE(queues.Empty());
}

TEST(StreamScheduler, KeepsTheControlStreamApart) {
    StreamScheduler scheduler;
    Stream stream = MakeStream(kControlStream);
    ASSERT_TRUE(stream.send->Write(Pattern(10), false));
    scheduler.Update(stream);
    EXPECT_TRUE(scheduler.ControlStreamReady());
    EXPECT_TRUE(scheduler.NewData().Empty());
    scheduler.Forget(stream);
    EXPECT_FALSE(scheduler.ControlStreamReady());
}

}  // namespace
}  // namespace crsp::test
