// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/message-reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/base/random.h"
#include "tests/unit/media/sample-messages.h"

namespace crsp {
namespace {

using Result = Expected<std::optional<Message>, MediaErrorCode>;

/// Feeds `bytes` in pieces of at most `piece`; returns the messages, or the error.
Expected<std::vector<Message>, MediaErrorCode> ReadAll(ConstByteSpan bytes, std::size_t piece) {
    MessageReader reader;
    std::vector<Message> messages;
    while (!bytes.empty()) {
        const std::size_t size = std::min({reader.Wanted(), piece, bytes.size()});
        reader.Append(bytes.first(size));
        bytes = bytes.subspan(size);
        auto message = reader.Next();
        if (!message) return Fail(message.error());
        if (*message) messages.push_back(std::move(**message));
    }
    return messages;
}

TEST(MessageReader, CutsAStreamIntoItsMessages) {
    const auto samples = test::SampleMessages();
    std::vector<std::byte> stream;
    for (const Message& message : samples) EncodeMessage(message, stream);
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 100u, 100'000u}) {
        const auto messages = ReadAll(stream, piece);
        ASSERT_TRUE(messages) << piece;
        EXPECT_EQ(*messages, samples) << piece;
    }
}

TEST(MessageReader, NeverAsksForBytesBehindTheMessage) {
    std::vector<std::byte> stream;
    EncodeMessage(ContentsMessage{1, 2, 3, 4, 5, 6}, stream);
    const std::size_t size = stream.size();
    stream.insert(stream.end(), 100, std::byte{0x55});
    MessageReader reader;
    std::size_t used = 0;
    while (true) {
        const std::size_t wanted = reader.Wanted();
        ASSERT_LE(used + wanted, size);
        reader.Append(ConstByteSpan(stream).subspan(used, wanted));
        used += wanted;
        const auto message = reader.Next();
        ASSERT_TRUE(message);
        if (*message) break;
    }
    EXPECT_EQ(used, size);
}

TEST(MessageReader, RefusesALengthBeyondTheLimitBeforeTheBytesArrive) {
    std::vector<std::byte> stream(8);
    ByteWriter writer(stream);
    writer.Varint(kMaxMessageSize + 1);
    const auto messages = ReadAll(writer.Written(), 1);
    ASSERT_FALSE(messages);
    EXPECT_EQ(messages.error(), MediaErrorCode::kMalformedMessage);
}

TEST(MessageReader, RefusesAnEmptyMessage) {
    const std::byte zero{0};
    EXPECT_FALSE(ReadAll(ConstByteSpan(&zero, 1), 1));
}

TEST(MessageReader, WaitsForALongMessageWithoutReservingIt) {
    std::vector<std::byte> stream(8);
    ByteWriter writer(stream);
    writer.Varint(kMaxMessageSize);
    MessageReader reader;
    reader.Append(writer.Written().first(1));
    EXPECT_EQ(reader.Wanted(), 3u);
    reader.Append(writer.Written().subspan(1));
    EXPECT_EQ(*reader.Next(), std::nullopt);
    EXPECT_EQ(reader.Wanted(), kMaxMessageSize);
}

TEST(MessageReader, SurvivesRandomStreams) {
    Random random(3);
    for (int i = 0; i < 100'000; ++i) {
        std::vector<std::byte> stream(1 + random.Below(30));
        for (auto& b : stream) b = static_cast<std::byte>(random.Below(i % 2 ? 256 : 50));
        const auto messages = ReadAll(stream, 1 + random.Below(8));
        if (!messages) {
            ASSERT_EQ(messages.error(), MediaErrorCode::kMalformedMessage);
        }
    }
}

}  // namespace
}  // namespace crsp
