// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/peer-list.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apps/live/key-text.h"
#include "model/base/random.h"

namespace crsp {
namespace {

PeerKey KeyNumber(unsigned number) {
    SecretKey secret;
    secret.Bytes()[0] = static_cast<std::byte>(number);
    secret.Bytes()[1] = static_cast<std::byte>(number >> 8);
    // Clamping would make neighbours alike.
    secret.Bytes()[2] = static_cast<std::byte>(number << 3);
    return X25519PairOf(secret).publicKey;
}

std::string KeyText(unsigned number) {
    return PublicKeyText(KeyNumber(number));
}

void ExpectError(const std::string& text, std::size_t line, std::string_view phrase) {
    const auto peers = ParsePeers(text);
    ASSERT_FALSE(peers) << text;
    EXPECT_EQ(peers.error().line, line) << text;
    EXPECT_NE(peers.error().message.find(phrase), std::string::npos) << peers.error().message;
}

TEST(KeyText, PublicKeysGoThereAndBack) {
    const auto text = KeyText(1);
    EXPECT_EQ(text.size(), kPublicKeyText);
    EXPECT_EQ(ParsePublicKey(text), KeyNumber(1));
}

TEST(KeyText, TheFingerprintIsWhatOthersCompute) {
    PeerKey key{};
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i);
    // printf '\\0\\1\\2...' | openssl dgst -sha256 -binary | base64
    EXPECT_EQ(Fingerprint(key), "SHA256:Yw3NKWbEM2aRElRIu7JbT/QSpJxzLbLIq8G4WBvXEN0");
}

TEST(KeyText, OtherTextsAreNoKeys) {
    const auto good = KeyText(1);
    EXPECT_FALSE(ParsePublicKey(""));
    EXPECT_FALSE(ParsePublicKey(good.substr(1)));
    EXPECT_FALSE(ParsePublicKey(good + "="));
    EXPECT_FALSE(ParsePublicKey(good.substr(0, 43) + "A"));
    EXPECT_FALSE(ParsePublicKey(" " + good.substr(1)));
    EXPECT_FALSE(ParsePublicKey("CQ\xc5" + std::string(40, 'A') + "=")) << "a second text of a key";
    EXPECT_FALSE(ParsePublicKey(PublicKeyText(PeerKey{}))) << "a point of low order";
    auto unused = KeyNumber(1);
    unused.back() |= std::byte{0x80};
    EXPECT_FALSE(ParsePublicKey(PublicKeyText(unused))) << "a second name of the same point";
}

TEST(KeyText, AKeyThatNoSecretKeyBelongsToIsToldFromAText) {
    auto unused = KeyNumber(1);
    unused.back() |= std::byte{0x80};
    EXPECT_TRUE(IsUnusableKey(PublicKeyText(PeerKey{})));
    EXPECT_TRUE(IsUnusableKey(PublicKeyText(unused)));
    for (const auto& text :
         {std::string(), KeyText(1), KeyText(1).substr(1), std::string(kPublicKeyText, '*')}) {
        EXPECT_FALSE(IsUnusableKey(text)) << text;
    }
    ExpectError("tv " + PublicKeyText(PeerKey{}) + "\n", 1,
                "the key of 'tv' is not a usable public key");
}

TEST(PeerList, ReadsWhatALineMayHold) {
    const auto peers =
        ParsePeers("# mine\n\n  tv " + KeyText(1) + "\t may=control,observe # there\n" +
                   "Box_2.a-b " + KeyText(2) + " address=box.lan:59001 entries=*.mp4,a?b may=read");
    ASSERT_TRUE(peers) << peers.error().message;
    ASSERT_EQ(peers->size(), 2u);
    const auto& tv = peers->front();
    EXPECT_EQ(tv.Name(), "tv");
    EXPECT_EQ(tv.key, KeyNumber(1));
    EXPECT_EQ(tv.line, 3u);
    EXPECT_FALSE(tv.rights.read);
    EXPECT_TRUE(tv.rights.control);
    EXPECT_TRUE(tv.rights.observe);
    const auto& box = peers->back();
    EXPECT_EQ(box.Name(), "Box_2.a-b");
    EXPECT_TRUE(box.rights.read);
    EXPECT_EQ(box.rights.entries, (std::vector<std::string>{"*.mp4", "a?b"}));
    EXPECT_EQ(box.address, "box.lan:59001");
}

TEST(PeerList, AnEmptyTextIsNobody) {
    for (const auto* text : {"", "\n", "#", "\n\n# x\n  \t"}) {
        const auto peers = ParsePeers(text);
        ASSERT_TRUE(peers);
        EXPECT_TRUE(peers->empty());
    }
    EXPECT_FALSE(AccessOf({}).Of(KeyNumber(1)));
}

TEST(PeerList, A7_APeerWithoutRightsMayDoNothing) {
    const auto peers = ParsePeers("tv " + KeyText(1) + "\n").value();
    const auto access = AccessOf(peers);
    const auto* rights = access.Of(KeyNumber(1));
    ASSERT_TRUE(rights);
    EXPECT_FALSE(rights->read || rights->control || rights->observe);
    EXPECT_FALSE(access.Of(KeyNumber(2)));
    EXPECT_FALSE(access.Of(std::nullopt));
    EXPECT_EQ(KeysOf(peers), std::vector<PeerKey>{KeyNumber(1)});
}

TEST(PeerList, ErrorsNameTheLineAndWhatWasExpected) {
    const auto good = "tv " + KeyText(1);
    ExpectError("\n# x\ntv\n", 3, "expected the public key of 'tv'");
    ExpectError("tv " + KeyText(1).substr(1), 1, "expected the public key");
    ExpectError("t/v " + KeyText(1), 1, "is no name");
    ExpectError(std::string(65, 'a') + " " + KeyText(1), 1, "1 to 64 letters");
    ExpectError(good + " may=", 1, "expected read, control, borrow and observe");
    ExpectError(good + " may=read,write", 1, "got 'write'");
    ExpectError(good + " may", 1, "got 'may'");
    ExpectError(good + " may=read may=read", 1, "may= is given twice");
    ExpectError(good + " rights=all", 1, "expected may=, entries= or address=");
    ExpectError(good + " may=read entries=a,,b", 1, "patterns of 1 to 255 bytes");
    ExpectError(good + " may=control entries=a", 1, "expected may=read beside it");
    ExpectError(good + " address=host", 1, "the port is missing");
    ExpectError(good + " address=host:0", 1, "a port from 1 to 65535");
    ExpectError(good + "\r\n", 1, "a control character");
    ExpectError(std::string("\0", 1), 1, "a control character");
    ExpectError(good + "\ntv " + KeyText(2), 2, "the name of the peer in line 1");
    ExpectError(good + "\n\nbox " + KeyText(1), 3, "has the key of the peer in line 1");
}

TEST(PeerList, WhatAnErrorShowsIsSafeToPrint) {
    const auto peers = ParsePeers("tv " + KeyText(1) +
                                  " \xc2\x9b"
                                  "31m");
    ASSERT_FALSE(peers);
    EXPECT_EQ(peers.error().message.find('\x9b'), std::string::npos) << peers.error().message;
}

TEST(PeerList, EverythingIsBounded) {
    ExpectError(std::string(kMaxPeersFile + 1, '\n'), 0, "longer than");
    EXPECT_TRUE(ParsePeers(std::string(kMaxPeersFile, '\n')));
    std::string text;
    for (unsigned i = 0; i < kMaxPeers; ++i) {
        text += fmt::format("p{} {}\n", i, KeyText(i + 1));
    }
    ASSERT_TRUE(ParsePeers(text)) << ParsePeers(text).error().message;
    EXPECT_EQ(ParsePeers(text)->size(), kMaxPeers);
    ExpectError(text + "one-more " + KeyText(kMaxPeers + 1), kMaxPeers + 1, "more than 4096 peers");
    std::string entries = "a";
    for (std::size_t i = 1; i < kMaxPeerEntries; ++i) entries += ",a";
    const auto line = "tv " + KeyText(1) + " may=read entries=" + entries;
    EXPECT_TRUE(ParsePeers(line));
    ExpectError(line + ",a", 1, "more than 64 patterns");
}

TEST(PeerList, ALineThatIsWrittenIsRead) {
    KnownPeer peer;
    peer.key = KeyNumber(7);
    peer.rights = {.name = "box", .read = true, .control = true, .entries = {"a*", "b"}};
    peer.address = "[::1]:59001";
    const auto line = PeerLine(peer);
    EXPECT_EQ(line, "box " + KeyText(7) + " may=read,control entries=a*,b address=[::1]:59001\n");
    EXPECT_EQ(PeerLine(ParsePeers(line)->front()), line);
    peer.rights = {.name = "box"};
    peer.address.clear();
    EXPECT_EQ(PeerLine(peer), "box " + KeyText(7) + "\n");
}

TEST(PeerList, ChangesLeaveOtherLinesByteForByte) {
    const std::string others = "# a  comment\t \n\n  odd   " + KeyText(1) + "  # x\n";
    KnownPeer peer;
    peer.key = KeyNumber(2);
    peer.rights.name = "new";
    const auto with = WithPeer(others, peer);
    EXPECT_EQ(with, others + "new " + KeyText(2) + "\n");
    EXPECT_EQ(WithoutLine(with, 4), others);
    EXPECT_EQ(WithoutLine(with, 3), "# a  comment\t \n\nnew " + KeyText(2) + "\n");
    EXPECT_EQ(WithoutLine(with, 1), with.substr(others.find('\n') + 1));
    EXPECT_EQ(WithPeer("# no end", peer), "# no end\nnew " + KeyText(2) + "\n");
    EXPECT_EQ(WithoutLine("a\nb", 2), "a\n");
}

TEST(PeerList, ALineIsChangedInItsPlaceAndKeepsItsComment) {
    const auto rest = "tv " + KeyText(1) + " may=read entries=a#b,#c";
    for (const auto* comment : {"", " # mine, not #2", "\t#"}) {
        for (const auto* end : {"", "\n", "\n\nx "}) {
            const auto text = "# first\n" + rest + comment + end;
            KnownPeer wanted;
            wanted.key = KeyNumber(1);
            wanted.rights.control = true;
            KnownPeer known;
            known.key = KeyNumber(1);
            known.rights = {.name = "tv", .read = true, .entries = {"a#b", "#c"}};
            known.address = "h:1";
            known.line = 2;
            const auto kept = comment[0] == '\t' ? " #" : comment;
            EXPECT_EQ(WithPeerChanged(text, OnTermsOf(wanted, known)),
                      "# first\ntv " + KeyText(1) + " may=control address=h:1" + kept + end);
        }
    }
}

TEST(PeerList, AnyBytesAreReadOrRefused) {
    Random random(11);
    const std::string good = "# x\ntv " + KeyText(1) + " may=read entries=a,b address=h:1\n";
    for (int i = 0; i < 20'000; ++i) {
        auto text = good;
        for (std::uint64_t n = random.Below(4); n-- > 0;) {
            text[random.Below(text.size())] = static_cast<char>(random.Next());
        }
        text.resize(random.Below(text.size() + 1));
        const auto peers = ParsePeers(text);
        if (!peers) {
            EXPECT_LE(peers.error().line, 4u);
            EXPECT_FALSE(peers.error().message.empty());
            continue;
        }
        for (const auto& peer : *peers) EXPECT_TRUE(ParsePeers(PeerLine(peer))) << text;
    }
}

}  // namespace
}  // namespace crsp
