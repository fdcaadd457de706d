// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/transfer.h"

#include <gtest/gtest.h>

#include "model/media/memory-content-store.h"
#include "tests/unit/media/stream-fixture.h"

namespace crsp {
namespace {

using Progress = Transfer::Progress;

class TransferTest : public test::StreamFixture {
  protected:
    TransferTest() { m_near.readStreams = true; }

    Transfer Make(EntryId entry, std::uint64_t offset = 0) {
        auto reader = *m_store.Open(entry, 0);
        const CatalogueEntry& e = reader->Entry();
        const ContentsMessage header{1, 2, e.id, e.version, offset, e.size};
        return Transfer(header, std::move(reader), m_world.Now());
    }
    Expected<Progress, MediaErrorCode> Pump(Transfer& transfer) {
        Expected<Progress, MediaErrorCode> progress = Progress::kBlocked;
        m_farNode.Do([&](TimePoint, Endpoint& endpoint) {
            progress = transfer.Pump(endpoint, m_far.Connection());
        });
        m_world.RunFor(milliseconds(100));
        return progress;
    }

    MemoryContentStore m_store;
};

TEST_F(TransferTest, SendsHeaderAndContentOnAStreamOfItsOwn) {
    Transfer transfer = Make(m_store.AddGenerated("g", 40'000, 3), 100);
    EXPECT_FALSE(transfer.Stream());
    EXPECT_EQ(Pump(transfer), Progress::kDone);
    EXPECT_TRUE(transfer.Done());
    EXPECT_EQ(transfer.Sent(), 39'900u);
    ASSERT_TRUE(m_world.Run(seconds(5), [&] { return m_near.streams[2].finished; }));
    EXPECT_EQ(transfer.Stream(), 2u);
    std::vector<std::byte> expected;
    EncodeMessage(transfer.Header(), expected);
    const std::size_t header = expected.size();
    expected.resize(header + 39'900);
    FillGenerated(3, 100, ByteSpan(expected).subspan(header));
    EXPECT_EQ(m_near.streams[2].bytes, expected);
}

TEST_F(TransferTest, GoesOnWhereTheStreamBlocked) {
    Transfer transfer = Make(m_store.AddGenerated("g", 3'000'000, 3));
    auto progress = Pump(transfer);
    EXPECT_EQ(progress, Progress::kBlocked);
    EXPECT_GT(transfer.Sent(), 0u);
    EXPECT_LT(transfer.Sent(), 3'000'000u);
    for (int i = 0; i < 200 && progress == Progress::kBlocked; ++i) progress = Pump(transfer);
    EXPECT_EQ(progress, Progress::kDone);
    ASSERT_TRUE(m_world.Run(seconds(5), [&] { return m_near.streams[2].finished; }));
    std::vector<std::byte> expected(3'000'000);
    FillGenerated(3, 0, expected);
    const auto& bytes = m_near.streams[2].bytes;
    ASSERT_GT(bytes.size(), expected.size());
    EXPECT_TRUE(std::equal(expected.rbegin(), expected.rend(), bytes.rbegin()));
}

TEST_F(TransferTest, AnEmptyEntryIsAHeaderAndAnEnd) {
    Transfer transfer = Make(m_store.AddBytes("e", {}));
    EXPECT_EQ(Pump(transfer), Progress::kDone);
    EXPECT_TRUE(m_near.streams[2].finished);
    EXPECT_EQ(transfer.Sent(), 0u);
}

TEST_F(TransferTest, WaitsForAStreamThatThePeerHasNotGranted) {
    m_farNode.Do([&](TimePoint, Endpoint& endpoint) {
        while (endpoint.OpenStream(m_far.Connection(), StreamDirection::kUnidirectional)) {
        }
    });
    Transfer transfer = Make(m_store.AddBytes("e", {}));
    EXPECT_EQ(Pump(transfer), Progress::kAwaitingStream);
    EXPECT_FALSE(transfer.Stream());
}

TEST_F(TransferTest, SaysWhenTheEntryCannotBeReadOn) {
    const EntryId entry = m_store.AddGenerated("g", 3'000'000, 3);
    Transfer transfer = Make(entry);
    EXPECT_EQ(Pump(transfer), Progress::kBlocked);
    m_store.Break(entry);
    Expected<Progress, MediaErrorCode> progress = Progress::kBlocked;
    for (int i = 0; i < 20 && progress; ++i) progress = Pump(transfer);
    ASSERT_FALSE(progress);
    EXPECT_EQ(progress.error(), MediaErrorCode::kReadFailed);
    m_farNode.Do([&](TimePoint, Endpoint& endpoint) {
        transfer.Abandon(endpoint, m_far.Connection(), progress.error());
    });
    m_world.RunFor(milliseconds(100));
    EXPECT_EQ(m_near.streams[2].resetCode, 7u);
}

}  // namespace
}  // namespace crsp
