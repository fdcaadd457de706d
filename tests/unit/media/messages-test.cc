// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/messages.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "model/base/random.h"
#include "tests/unit/media/sample-messages.h"

namespace crsp {
namespace {

using test::SampleMessages;

std::vector<std::byte> Framed(const Message& message) {
    std::vector<std::byte> out;
    EncodeMessage(message, out);
    return out;
}

std::vector<std::byte> Body(const Message& message) {
    const auto framed = Framed(message);
    ByteReader reader(framed);
    const auto length = reader.Varint();
    const auto rest = reader.Rest();
    EXPECT_EQ(length, rest.size());
    return {rest.begin(), rest.end()};
}

TEST(Messages, EveryTypeSurvivesTheWire) {
    for (const Message& message : SampleMessages()) {
        const auto decoded = DecodeMessage(Body(message));
        ASSERT_TRUE(decoded) << NameOf(message);
        EXPECT_EQ(*decoded, message) << NameOf(message);
    }
}

TEST(Messages, TheSamplesAreAllThereIs) {
    std::set<std::string> names;
    for (const Message& message : SampleMessages()) names.emplace(NameOf(message));
    EXPECT_EQ(names.size(), std::variant_size_v<Message> - 1);
}

TEST(Messages, TheNumbersOfTheOriginalStay) {
    EXPECT_EQ(Body(ListMessage{})[0], std::byte{10});
    EXPECT_EQ(Body(ListingMessage{})[0], std::byte{11});
    EXPECT_EQ(Body(RenderMessage{})[0], std::byte{20});
    EXPECT_EQ(Body(ContentsMessage{})[0], std::byte{21});
    EXPECT_EQ(Body(RenderingBegunMessage{})[0], std::byte{22});
    EXPECT_EQ(Body(RenderingEndedMessage{})[0], std::byte{23});
    EXPECT_EQ(Body(PauseMessage{})[0], std::byte{30});
    EXPECT_EQ(Body(PausedMessage{})[0], std::byte{31});
    EXPECT_EQ(Body(ResumeMessage{})[0], std::byte{32});
    EXPECT_EQ(Body(ResumedMessage{})[0], std::byte{33});
    EXPECT_EQ(Body(RestartMessage{})[0], std::byte{34});
    EXPECT_EQ(Body(RestartedMessage{})[0], std::byte{35});
    EXPECT_EQ(Body(ErrorMessage{})[0], std::byte{44});
    EXPECT_EQ(Body(ExitMessage{})[1], std::byte{99});  // 99 takes a varint of two bytes
}

TEST(Messages, TheBytesOfAPauseAreAsSpecified) {
    const auto framed = Framed(PauseMessage{0x0102030405060708u, 5});
    std::vector<std::byte> expected;
    for (const int b : {10, 30, 1, 2, 3, 4, 5, 6, 7, 8, 5}) {
        expected.push_back(static_cast<std::byte>(b));
    }
    EXPECT_EQ(framed, expected);
}

TEST(Messages, CutShortAtAnyByteTheyAreMalformed) {
    for (const Message& message : SampleMessages()) {
        const auto body = Body(message);
        for (std::size_t size = 0; size < body.size(); ++size) {
            const auto decoded = DecodeMessage(ConstByteSpan(body).first(size));
            ASSERT_FALSE(decoded) << NameOf(message) << " cut to " << size;
            EXPECT_EQ(decoded.error(), MediaErrorCode::kMalformedMessage);
        }
    }
}

TEST(Messages, AByteTooManyIsMalformed) {
    for (const Message& message : SampleMessages()) {
        auto body = Body(message);
        body.push_back(std::byte{0});
        EXPECT_FALSE(DecodeMessage(body)) << NameOf(message);
    }
}

TEST(Messages, AnUnknownTypeStillNamesItsCommand) {
    std::vector<std::byte> body(64);
    ByteWriter writer(body);
    writer.Varint(36);  // SEEK, some day
    writer.U64(0x1122334455667788u);
    writer.Zeros(20);
    const auto decoded = DecodeMessage(writer.Written());
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, Message(UnknownMessage{0x1122334455667788u, 36}));
    EXPECT_EQ(NameOf(*decoded), "unknown");
}

TEST(Messages, ValuesOutOfBoundsAreMalformed) {
    auto ended = Body(RenderingEndedMessage{0, 1, 1, EndReason::kReplaced, MediaErrorCode::kNone});
    ended[ended.size() - 2] = std::byte{4};  // no such reason
    EXPECT_FALSE(DecodeMessage(ended));
    auto error = Body(ErrorMessage{1, MediaErrorCode::kBusy, true, ""});
    error[error.size() - 3] = std::byte{2};  // neither true nor false
    EXPECT_FALSE(DecodeMessage(error));
    auto report = Body(StatusReportMessage{});
    report[1 + 8] = std::byte{8};  // no such state
    EXPECT_FALSE(DecodeMessage(report));
}

TEST(Messages, ANameLongerThanTheLimitIsMalformed) {
    std::vector<std::byte> body(1024);
    ByteWriter writer(body);
    writer.Varint(20);
    writer.U64(1);
    writer.Varint(0);
    const std::string name(kMaxNameSize + 1, 'x');
    writer.LengthPrefixed(AsBytes(name));
    writer.Zeros(8 + 8 + 1 + 1);
    EXPECT_FALSE(DecodeMessage(writer.Written()));
}

TEST(Messages, ACountWithoutItsEntriesIsMalformedAndCostsNoMemory) {
    std::vector<std::byte> body(64);
    ByteWriter writer(body);
    writer.Varint(11);
    writer.U64(1);
    for (int i = 0; i < 3; ++i) writer.Varint(0);
    writer.Varint(kVarintMax);
    EXPECT_FALSE(DecodeMessage(writer.Written()));
}

TEST(Messages, AFullListingOfLongestNamesFits) {
    ListingMessage listing;
    const CatalogueEntry entry{~EntryId{0}, ~EntryVersion{0}, kVarintMax,
                               std::string(kMaxNameSize, '\xff')};
    listing.entries.assign(kMaxEntriesPerListing, entry);
    const auto body = Body(listing);
    EXPECT_LE(body.size(), kMaxMessageSize);
    const auto decoded = DecodeMessage(body);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, Message(listing));
}

TEST(Messages, ErrorTextIsCutToItsLimit) {
    const ErrorMessage error = MakeError(1, MediaErrorCode::kTimeout, std::string(1000, 'x'));
    EXPECT_EQ(error.text.size(), kMaxErrorText);
    EXPECT_TRUE(error.retryable);
    EXPECT_EQ(MakeError(1, MediaErrorCode::kNoSuchEntry).text, "no such entry");
    EXPECT_TRUE(DecodeMessage(Body(error)));
}

TEST(Messages, RandomBytesAreEitherAMessageOrMalformed) {
    Random random(7);
    std::vector<std::byte> body;
    const int types[] = {10, 11, 20, 21, 22, 23, 30, 31, 40, 43, 44, 98};
    for (int i = 0; i < 100'000; ++i) {
        body.resize(random.Below(60));
        for (auto& b : body) b = static_cast<std::byte>(random.Below(256));
        if (!body.empty()) body[0] = static_cast<std::byte>(types[random.Below(12)] % 64);
        const auto decoded = DecodeMessage(body);
        if (!decoded) {
            ASSERT_EQ(decoded.error(), MediaErrorCode::kMalformedMessage);
        }
    }
}

TEST(Messages, NamesAndCommandsOfEachAreAtHand) {
    EXPECT_EQ(NameOf(RenderingBegunMessage{}), "rendering_begun");
    EXPECT_EQ(CommandOf(StatusMessage{9}), 9u);
    EXPECT_EQ(ToString(static_cast<MessageType>(1)), "unknown");
    EXPECT_EQ(ToString(EndReason::kReplaced), "replaced");
}

}  // namespace
}  // namespace crsp
