// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/transport-parameters.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <vector>

#include "model/base/random.h"

namespace crsp {
namespace {

using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

const Pairs kValid = {{1, 15'000}, {3, 1200}, {4, 1 << 20}, {5, 1 << 18}, {8, 16}, {11, 25}};

Expected<TransportParameters, TransportError> Decode(const Pairs& pairs, bool ended = true) {
    std::array<std::byte, 512> buffer{};
    ByteWriter out(buffer);
    for (const auto& [identifier, value] : pairs) {
        out.Varint(identifier);
        out.Varint(value);
    }
    if (ended) out.Varint(0);
    return DecodeTransportParameters(out.Written());
}

Pairs With(std::uint64_t identifier, std::uint64_t value) {
    Pairs pairs = kValid;
    for (auto& pair : pairs) {
        if (pair.first == identifier) pair.second = value;
    }
    return pairs;
}

void ExpectRefused(const Expected<TransportParameters, TransportError>& result) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, TransportErrorCode::kTransportParameterError);
    EXPECT_FALSE(result.error().reason.empty());
}

TEST(TransportParameters, ReadBackAsTheyWereWritten) {
    const TransportParameters sent{.initialMaxData = kVarintMax,
                                   .initialMaxStreamData = 256 * 1024,
                                   .initialMaxStreams = 16,
                                   .maxIdleTimeout = seconds(15),
                                   .maxAckDelay = milliseconds(25),
                                   .maxDatagramSize = 1452,
                                   .maxDatagramFrameSize = 65535,
                                   .maxRepairSymbol = 1200};
    std::array<std::byte, kMaxTransportParametersLength> buffer{};
    ByteWriter out(buffer);
    EncodeTransportParameters(out, sent);
    ASSERT_TRUE(out.Ok());
    const auto got = DecodeTransportParameters(out.Written()).value();
    EXPECT_EQ(got.initialMaxData, sent.initialMaxData);
    EXPECT_EQ(got.initialMaxStreamData, sent.initialMaxStreamData);
    EXPECT_EQ(got.initialMaxStreams, sent.initialMaxStreams);
    EXPECT_EQ(got.maxIdleTimeout, sent.maxIdleTimeout);
    EXPECT_EQ(got.maxRepairSymbol, sent.maxRepairSymbol);
    EXPECT_EQ(got.maxAckDelay, sent.maxAckDelay);
    EXPECT_EQ(got.maxDatagramSize, sent.maxDatagramSize);
    EXPECT_EQ(got.maxDatagramFrameSize, sent.maxDatagramFrameSize);
}

// CRSP §4.3: the identifiers of the table.
TEST(TransportParameters, HaveTheNumbersOfTheTable) {
    const auto got = Decode({{1, 7}, {3, 1300}, {4, 40}, {5, 50}, {8, 80}, {11, 11}}).value();
    EXPECT_EQ(got.maxIdleTimeout, milliseconds(7));
    EXPECT_EQ(got.maxDatagramSize, 1300u);
    EXPECT_EQ(got.maxDatagramFrameSize, 0u) << "absent: refused (RFC 9221 §3)";
    EXPECT_EQ(Decode({{1, 7}, {3, 1300}, {4, 40}, {5, 50}, {8, 80}, {11, 11}, {32, 99}})
                  .value()
                  .maxDatagramFrameSize,
              99u);
    EXPECT_FALSE(Decode({{3, 1300}, {4, 40}, {5, 50}, {8, 80}, {11, 11}, {32, 99}}))
        << "it stands in for no other";
    EXPECT_EQ(got.initialMaxData, 40u);
    EXPECT_EQ(got.initialMaxStreamData, 50u);
    EXPECT_EQ(got.initialMaxStreams, 80u);
    EXPECT_EQ(got.maxAckDelay, milliseconds(11));
}

TEST(TransportParameters, OrderPaddingAndUnknownOnesDoNotMatter) {
    Pairs pairs(kValid.rbegin(), kValid.rend());
    pairs.insert(pairs.begin() + 2, {{99, 5}, {kVarintMax, 0}, {99, 6}});
    EXPECT_TRUE(Decode(pairs));
    std::array<std::byte, 600> padded{};
    ByteWriter out(padded);
    EncodeTransportParameters(out, Decode(kValid).value());
    EXPECT_TRUE(DecodeTransportParameters(padded));
}

TEST(TransportParameters, A12_EachMustBeThereExactlyOnce) {
    for (std::size_t i = 0; i < kValid.size(); ++i) {
        Pairs missing = kValid;
        missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
        ExpectRefused(Decode(missing));
        Pairs twice = kValid;
        twice.push_back(kValid[i]);
        ExpectRefused(Decode(twice));
    }
    for (const std::uint64_t optional : {32, 33}) {
        Pairs twice = kValid;
        twice.push_back({optional, 99});
        EXPECT_TRUE(Decode(twice));
        twice.push_back({optional, 99});
        ExpectRefused(Decode(twice));
    }
}

TEST(TransportParameters, A12_OneTwiceDoesNotStandInForAMissingOne) {
    Pairs pairs = kValid;
    pairs.back() = pairs.front();
    ExpectRefused(Decode(pairs));
}

TEST(TransportParameters, EveryTruncationIsRefused) {
    ExpectRefused(Decode(kValid, false));
    std::array<std::byte, kMaxTransportParametersLength> buffer{};
    ByteWriter out(buffer);
    EncodeTransportParameters(out, Decode(kValid).value());
    for (std::size_t length = 0; length < out.Position(); ++length) {
        ExpectRefused(DecodeTransportParameters(out.Written().first(length)));
    }
}

TEST(TransportParameters, ValuesHaveBounds) {
    ExpectRefused(Decode(With(3, 1199)));
    EXPECT_TRUE(Decode(With(3, 1200)));
    ExpectRefused(Decode(With(11, 1 << 14)));
    EXPECT_TRUE(Decode(With(11, (1 << 14) - 1)));
    ExpectRefused(Decode(With(8, (std::uint64_t{1} << 60) + 1)));
    EXPECT_TRUE(Decode(With(8, std::uint64_t{1} << 60)));
    ExpectRefused(Decode(With(1, (std::uint64_t{1} << 40) + 1)));
    EXPECT_TRUE(Decode(With(1, 0)));
}

TEST(TransportParameters, RandomBytesEndInAnErrorOrAValue) {
    Random random(1);
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> bytes(random.Below(40));
        for (auto& byte : bytes) byte = static_cast<std::byte>(random.Below(16));
        const auto result = DecodeTransportParameters(bytes);
        if (!result) ExpectRefused(result);
    }
}

// CRSP §5.9: optional, and bounded.
TEST(TransportParameters, RepairSymbolIsOptionalAndBounded) {
    EXPECT_EQ(Decode(kValid).value().maxRepairSymbol, 0u);
    auto pairs = kValid;
    pairs.push_back({33, 1200});
    EXPECT_EQ(Decode(pairs).value().maxRepairSymbol, 1200u);
    pairs.back().second = 1201;
    ExpectRefused(Decode(pairs));
}

}  // namespace
}  // namespace crsp
