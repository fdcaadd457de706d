// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/handshake-gate.h"

#include <gtest/gtest.h>

#include <set>

#include "model/base/random.h"
#include "model/connection/initial-macs.h"
#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

using Verdict = HandshakeGate::Verdict;

constexpr InitialHeader kHeader{.suite = 1, .mode = 3, .source = 42};

struct Gate {
    Gate() {
        EncodePacketHeader(initial, kHeader);
        WriteMac1(initial, SecretKey(KeyOf(1)));
    }
    Verdict Judge(const Bytes& datagram, bool always = true,
                  const SocketAddress& from = kInitiatorAddress,
                  const InitialHeader& header = kHeader) {
        return gate.Judge(now, from, header, datagram, always);
    }
    Bytes WithCookie() {
        Bytes proved = initial;
        WriteMac2(proved, gate.CookieOf(now, kInitiatorAddress, kHeader, initial));
        return proved;
    }

    SecureRandom random{Seed{std::byte{1}}};
    HandshakeGate gate{random};
    TimePoint now = TimePoint{} + seconds(1000);
    Bytes initial = Pattern(kMinDatagramSize);
};

TEST(HandshakeGate, A2_ACookieProvesOneAddressPortIdAndInitial) {
    Gate gate;
    EXPECT_EQ(gate.Judge(gate.initial), Verdict::kRetry);
    const Bytes proved = gate.WithCookie();
    EXPECT_EQ(gate.Judge(proved), Verdict::kProceed);

    auto elsewhere = kInitiatorAddress;
    ++elsewhere.port;
    EXPECT_EQ(gate.Judge(proved, true, elsewhere), Verdict::kRetry) << "another port";
    EXPECT_EQ(gate.Judge(proved, true, kResponderAddress), Verdict::kRetry) << "another host";
    auto other = kHeader;
    ++other.source;
    EXPECT_EQ(gate.Judge(proved, true, kInitiatorAddress, other), Verdict::kRetry) << "another id";
    Bytes another = gate.initial;
    another[100] ^= std::byte{1};
    WriteMac1(another, SecretKey(KeyOf(1)));
    WriteMac2(another, gate.gate.CookieOf(gate.now, kInitiatorAddress, kHeader, gate.initial));
    EXPECT_EQ(gate.Judge(another), Verdict::kRetry) << "another Initial";
    for (std::size_t bit = 0; bit < 8 * kMacLength; ++bit) {
        Bytes forged = proved;
        forged[forged.size() - 1 - bit / 8] ^= std::byte{1} << (bit % 8);
        EXPECT_EQ(gate.Judge(forged), Verdict::kRetry) << bit;
    }
}

TEST(HandshakeGate, A2_ACookieLivesFromOneToTwoEpochs) {
    Gate gate;
    gate.now = TimePoint{} + kCookieEpoch * 10;
    const Bytes proved = gate.WithCookie();
    gate.now += kCookieEpoch * 2 - nanoseconds(1);
    EXPECT_EQ(gate.Judge(proved), Verdict::kProceed);
    gate.now += nanoseconds(1);
    EXPECT_EQ(gate.Judge(proved), Verdict::kRetry);
}

TEST(HandshakeGate, A2_ACookieOfAnotherServerIsWorthNothing) {
    Gate gate;
    Gate other;
    SecureRandom random{Seed{std::byte{2}}};
    other.gate = HandshakeGate(random);
    EXPECT_EQ(gate.Judge(other.WithCookie()), Verdict::kRetry);
}

TEST(HandshakeGate, A2_NoForgedCookieOfManyPasses) {
    Gate gate;
    Random random(7);
    for (int i = 0; i < 100'000; ++i) {
        Bytes forged = gate.initial;
        Mac cookie;
        for (auto& byte : cookie) byte = static_cast<std::byte>(random.Below(256));
        WriteMac2(forged, cookie);
        ASSERT_EQ(gate.Judge(forged), Verdict::kRetry);
    }
}

TEST(HandshakeGate, A4_ABurstWithoutCookiesIsLetThroughAndThenOnlySoManyPerSecond) {
    Gate gate;
    std::size_t proceeded = 0;
    for (int i = 0; i < 1000; ++i)
        proceeded += gate.Judge(gate.initial, false) == Verdict::kProceed;
    EXPECT_EQ(proceeded, kUnprovenBurst);
    gate.now += seconds(1);
    for (int i = 0; i < 1000; ++i)
        proceeded += gate.Judge(gate.initial, false) == Verdict::kProceed;
    EXPECT_LE(proceeded, kUnprovenBurst + kUnprovenPerSecond);
    EXPECT_EQ(gate.Judge(gate.WithCookie(), false), Verdict::kProceed);
}

TEST(HandshakeGate, A4_OneAddressGetsSoManyHandshakesPerSecond) {
    Gate gate;
    const Bytes proved = gate.WithCookie();
    std::size_t proceeded = 0;
    for (int i = 0; i < 200; ++i) proceeded += gate.Judge(proved) == Verdict::kProceed;
    EXPECT_EQ(proceeded, kAddressBurst);
    gate.now += seconds(1);
    for (int i = 0; i < 200; ++i) proceeded += gate.Judge(proved) == Verdict::kProceed;
    EXPECT_EQ(proceeded, kAddressBurst + kHandshakesPerAddress);
}

TEST(HandshakeGate, A4_AllTogetherGetSoManyHandshakesPerSecond) {
    Gate gate;
    std::size_t proceeded = 0;
    for (std::uint32_t host = 0; host < 5'000; ++host) {
        const auto from = SocketAddress::FromIpv4(0x0b000000 + host, 7);
        Bytes proved = gate.initial;
        WriteMac2(proved, gate.gate.CookieOf(gate.now, from, kHeader, gate.initial));
        proceeded += gate.Judge(proved, true, from) == Verdict::kProceed;
    }
    EXPECT_EQ(proceeded, kHandshakeBurst + kPromptBurst);
    EXPECT_EQ(gate.Judge(gate.initial, false), Verdict::kRetry) << "who proves nothing may do so";
}

/// Newcomers who repeat their Initial each second, twice, beside a flood of `hostile` addresses
/// that have proved themselves and ask for all that each may; the share of those who get in.
double ShareOfNewcomers(std::uint32_t hostile) {
    constexpr std::uint32_t kNewcomers = 200;
    constexpr std::uint32_t kSpacing = 15;  // ms
    constexpr std::uint32_t kRepeat = 1000;
    constexpr std::uint32_t kTries = 3;
    Gate gate;
    const auto may = [&](std::uint32_t host) {
        const auto from = SocketAddress::FromIpv4(host, 7);
        Bytes proved = gate.initial;
        WriteMac2(proved, gate.gate.CookieOf(gate.now, from, kHeader, gate.initial));
        return gate.Judge(proved, true, from) == Verdict::kProceed;
    };
    std::set<std::uint32_t> in;
    const std::uint32_t perTick = hostile * kHandshakesPerAddress / 1000;
    for (std::uint32_t tick = 0; tick < kNewcomers * kSpacing + kTries * kRepeat; ++tick) {
        gate.now += milliseconds(1);
        for (std::uint32_t i = 0; i < perTick; ++i) {
            may(0x0b000000 + (tick * perTick + i) % hostile);
        }
        for (std::uint32_t which = 0; which < kNewcomers; ++which) {
            const std::uint32_t since = tick - which * kSpacing;  // wraps before its beginning
            if (since % kRepeat != 0 || since / kRepeat >= kTries || in.count(which)) continue;
            if (may(0x0c000000 + which)) in.insert(which);
        }
    }
    return static_cast<double>(in.size()) / kNewcomers;
}

TEST(HandshakeGate, A4_AFloodFromProvedAddressesLeavesRoomForOthers) {
    EXPECT_GE(ShareOfNewcomers(1'500), 0.99);
}

}  // namespace
}  // namespace crsp::test
