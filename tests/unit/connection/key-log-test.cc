// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/key-log.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "model/wire/packet-header.h"
#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

constexpr std::string_view kLine =
    "CRSP1_INITIATOR_KEY 00000000000000ab fedcba9876543210 1 0 "
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

TEST(KeyLog, LineHasWhatItTakesToOpenADirection) {
    std::array<std::byte, kKeyLength> key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i);
    const TrafficSecret secret{Side::kInitiator, 0xab, 0xfedcba9876543210,
                               CipherSuite::kAes256GcmSha256, SecretKey(key)};
    EXPECT_EQ(KeyLogLine(secret), kLine);
    const auto parsed = ParseKeyLogLine(kLine.substr(0, kLine.size() - 1));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(KeyLogLine(*parsed), kLine);
}

TEST(KeyLog, WhatIsNoLineIsNothing) {
    const std::string line(kLine.substr(0, kLine.size() - 1));
    const auto with = [&](std::string_view part, std::string_view other) {
        std::string changed = line;
        return changed.replace(changed.find(part), part.size(), other);
    };
    EXPECT_TRUE(ParseKeyLogLine(with("INITIATOR", "RESPONDER")));
    for (const auto& text :
         {std::string(), std::string("# a comment"), line + ' ', line + "00", line + '\n',
          with("CRSP1", "CRSP2"), with("ab ", "ab  "), with(" 1 0 ", " 3 0 "),
          with(" 1 0 ", " 1 1 "), with("00ab", "0xab"), with("00ab", "ab"), with("1e1f", "1e1"),
          with("1e1f", "1e1g"), with(" 1 0 ", " 1 ")}) {
        EXPECT_FALSE(ParseKeyLogLine(text)) << text;
    }
}

class KeyLogOfAPair : public testing::Test {
  protected:
    static EndpointConfig Logged(std::uint8_t which, std::vector<TrafficSecret>& secrets) {
        auto config = ConfigOf(which);
        config.keyLog = [&secrets](const TrafficSecret& secret) { secrets.push_back(secret); };
        return config;
    }
    static std::vector<std::string> LinesOf(const std::vector<TrafficSecret>& secrets) {
        std::vector<std::string> lines;
        for (const auto& secret : secrets) lines.push_back(KeyLogLine(secret));
        return lines;
    }
    /// Data packets sent by `end`, and how many of them `secrets` open.
    static std::pair<int, int> SentAndOpened(const End& end,
                                             const std::vector<TrafficSecret>& secrets) {
        std::pair<int, int> count{0, 0};
        for (auto [at, datagram] : end.sent) {
            const auto header = HeaderOf<DataHeader>(datagram);
            if (!header) continue;
            ++count.first;
            for (const auto& secret : secrets) {
                if (secret.destination != header->destination) continue;
                const auto aead = MakeAead(secret.suite, secret.key);
                const ByteSpan all(datagram);
                count.second += aead->Open(header->number, all.first(kDataHeaderLength),
                                           all.subspan(kDataHeaderLength));
            }
        }
        return count;
    }

    std::vector<TrafficSecret> m_initiator;
    std::vector<TrafficSecret> m_responder;
};

TEST_F(KeyLogOfAPair, BothEndsTellTheSameTwoSecretsAndTheyOpenWhatWasSent) {
    Pair pair(Logged(1, m_initiator), Logged(2, m_responder));
    pair.Establish();
    ASSERT_EQ(m_initiator.size(), 2u);
    EXPECT_EQ(LinesOf(m_initiator), LinesOf(m_responder));
    const auto initial = HeaderOf<InitialHeader>(pair.initiator.sent[0].second);
    EXPECT_EQ(m_initiator[0].connection, initial->source);
    EXPECT_EQ(m_initiator[1].destination, initial->source);
    for (const End* end : {&pair.initiator, &pair.responder}) {
        const auto [sent, opened] = SentAndOpened(*end, m_initiator);
        EXPECT_GT(sent, 0);
        EXPECT_EQ(opened, sent);
    }
}

}  // namespace
}  // namespace crsp::test
