// SPDX-License-Identifier: BSD-3-Clause
//
// Captures: what a node writes, and what becomes of it with the keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/dlt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "apps/live/capture-decryptor.h"
#include "apps/live/capture-observer.h"
#include "apps/live/key-log-file.h"
#include "apps/live/pcap-file.h"
#include "apps/live/qlog-file.h"
#include "apps/live/udp-packet.h"
#include "model/crypto/packet-protection.h"
#include "model/wire/packet-header.h"
#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

using Bytes = std::vector<std::byte>;

const SocketAddress kIpv4A = SocketAddress::FromIpv4(0x7f000001, 40000);
const SocketAddress kIpv4B = SocketAddress::FromIpv4(0x7f000001, 59001);

SocketAddress Ipv6(std::uint8_t last, std::uint16_t port) {
    SocketAddress address;
    address.family = SocketAddress::Family::kIpv6;
    address.port = port;
    address.bytes[15] = last;
    return address;
}

Bytes BytesOf(std::string_view text) {
    const auto bytes = AsBytes(text);
    return {bytes.begin(), bytes.end()};
}

/// RFC 1071 over the addresses, protocol, length and datagram: 0xffff if the checksum fits.
std::uint32_t UdpSum(const Bytes& packet) {
    std::uint32_t sum = 17 + static_cast<std::uint32_t>(packet.size() - 40);
    for (std::size_t i = 8; i < packet.size(); ++i) {
        sum += std::to_integer<std::uint32_t>(packet[i]) << (i % 2 == 0 ? 8 : 0);
    }
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

TEST(UdpPacket, PayloadIsFoundAgain) {
    const auto payload = BytesOf("some bytes");
    for (const auto& [from, to] : {std::pair(kIpv4A, kIpv4B), std::pair(Ipv6(1, 1), Ipv6(2, 2))}) {
        Bytes packet = MakeUdpPacket(from, to, Ecn::kEct0, payload);
        const auto found = CapturedUdp::Find(DLT_RAW, packet);
        ASSERT_TRUE(found);
        EXPECT_EQ(AsText(found->Payload()), "some bytes");
        Bytes framed(14);
        framed.insert(framed.end(), packet.begin(), packet.end());
        EXPECT_TRUE(CapturedUdp::Find(DLT_EN10MB, framed));
        EXPECT_FALSE(CapturedUdp::Find(DLT_USER0, packet));
        // Behind it there may be padding of the link.
        packet.resize(packet.size() + 6);
        EXPECT_EQ(CapturedUdp::Find(DLT_RAW, packet)->Payload().size(), payload.size());
    }
}

TEST(UdpPacket, CutOffPacketsAndOthersAreNoAccident) {
    for (const auto& [from, to] : {std::pair(kIpv4A, kIpv4B), std::pair(Ipv6(1, 1), Ipv6(2, 2))}) {
        const Bytes whole = MakeUdpPacket(from, to, Ecn::kNotEct, BytesOf("some bytes"));
        const std::size_t headers = whole.size() - 10;
        for (std::size_t size = 0; size < whole.size(); ++size) {
            Bytes packet(whole.begin(), whole.begin() + static_cast<long>(size));
            const auto found = CapturedUdp::Find(DLT_RAW, packet);
            EXPECT_EQ(found.has_value(), size >= headers) << size;
            if (found) {
                EXPECT_EQ(found->Payload().size(), size - headers);
            }
        }
    }
    Bytes fragment = MakeUdpPacket(kIpv4A, kIpv4B, Ecn::kNotEct, {});
    fragment[6] = std::byte{0x20};
    EXPECT_FALSE(CapturedUdp::Find(DLT_RAW, fragment));
    Bytes tcp = MakeUdpPacket(kIpv4A, kIpv4B, Ecn::kNotEct, {});
    tcp[9] = std::byte{6};
    EXPECT_FALSE(CapturedUdp::Find(DLT_RAW, tcp));
}

TEST(UdpPacket, ChecksumFitsAfterAChange) {
    Bytes packet = MakeUdpPacket(Ipv6(1, 1), Ipv6(2, 2), Ecn::kNotEct, BytesOf("odd"));
    EXPECT_EQ(UdpSum(packet), 0xffffu);
    auto found = CapturedUdp::Find(DLT_RAW, packet);
    found->Payload()[1] = std::byte{0};
    EXPECT_NE(UdpSum(packet), 0xffffu);
    found->UpdateChecksum();
    EXPECT_EQ(UdpSum(packet), 0xffffu);
}

TEST(PcapFile, ComesBackAsWritten) {
    const TempDir folder;
    const auto path = folder.Path("a.pcap");
    const auto packet = BytesOf("packet");
    {
        auto writer = PcapWriter::Create(path, DLT_RAW).value();
        writer.Write(seconds(1'700'000'000) + nanoseconds(123'456'789), packet, 1000);
        EXPECT_TRUE(writer.Finish());
    }
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
    auto reader = PcapReader::Open(path).value();
    EXPECT_EQ(reader.LinkType(), DLT_RAW);
    PcapReader::Packet read;
    ASSERT_TRUE(reader.Next(read).value());
    EXPECT_EQ(read.at, seconds(1'700'000'000) + nanoseconds(123'456'789));
    EXPECT_EQ(AsText(read.bytes), "packet");
    EXPECT_EQ(read.length, 1000u);
    EXPECT_FALSE(reader.Next(read).value());
}

TEST(PcapFile, WhatIsNoneIsRefused) {
    const TempDir folder;
    EXPECT_EQ(PcapReader::Open(folder.Path("none")).error().code, ExitCode::kNoInput);
    EXPECT_EQ(PcapReader::Open(folder.Write("text", "no capture at all, but longer than a header"))
                  .error()
                  .code,
              ExitCode::kBadData);
    EXPECT_EQ(PcapWriter::Create(folder.Path("no/folder"), DLT_RAW).error().code,
              ExitCode::kFailed);
    const auto path = folder.Path("cut.pcap");
    {
        auto writer = PcapWriter::Create(path, DLT_RAW).value();
        writer.Write({}, BytesOf("packet"), 6);
    }
    const auto text = ReadFile(path);
    auto cut = PcapReader::Open(folder.Write("cut", text.substr(0, text.size() - 2))).value();
    PcapReader::Packet read;
    EXPECT_EQ(cut.Next(read).error().code, ExitCode::kBadData);
}

TEST(KeyLogFile, SecretsAreAppendedAndKeptFromOthers) {
    const TempDir folder;
    const auto path = folder.Path("keys");
    TrafficSecret secret;
    for (int i = 0; i < 2; ++i) KeyLogFile::Open(path).value().Write(secret);
    EXPECT_EQ(ReadFile(path), KeyLogLine(secret) + KeyLogLine(secret));
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
    ::chmod(path.c_str(), 0644);
    EXPECT_EQ(KeyLogFile::Open(path).error().code, ExitCode::kConfig);
    EXPECT_EQ(KeyLogFile::Open(folder.Path("no/folder")).error().code, ExitCode::kFailed);
}

/// What is in the way of a file that is to be written: a link to `target`, a pipe that nobody
/// reads, and a folder.
std::vector<std::string> Obstacles(const TempDir& folder, const std::string& target) {
    std::filesystem::create_symlink(target, folder.Path("link"));
    std::filesystem::create_symlink(folder.Path("none"), folder.Path("dangling"));
    EXPECT_EQ(::mkfifo(folder.Path("pipe").c_str(), 0600), 0);
    std::filesystem::create_directory(folder.Path("folder"));
    return {folder.Path("link"), folder.Path("dangling"), folder.Path("pipe"),
            folder.Path("folder")};
}

template <class Result>
void ExpectNotRegular(const Result& result, const std::string& path) {
    ASSERT_FALSE(result) << path;
    EXPECT_EQ(result.error().code, ExitCode::kFailed);
    EXPECT_NE(result.error().message.find("'" + path + "': it is not a regular file"),
              std::string::npos)
        << result.error().message;
}

TEST(OutputFiles, C2_CapturesAndKeyLogsAreRegularFilesOfTheirOwnName) {
    const TempDir folder;
    const auto precious = folder.Write("precious", "content");
    ::chmod(precious.c_str(), 0600);
    for (const auto& path : Obstacles(folder, precious)) {
        ExpectNotRegular(PcapWriter::Create(path, DLT_RAW), path);
        ExpectNotRegular(KeyLogFile::Open(path), path);
    }
    EXPECT_EQ(ReadFile(precious), "content");
    EXPECT_FALSE(std::filesystem::exists(folder.Path("none")));
}

TEST(OutputFiles, ACaptureReplacesWhatItsFileHeld) {
    const TempDir folder;
    const auto path = folder.Write("a.pcap", std::string(10'000, 'x'));
    PcapWriter::Create(path, DLT_RAW).value().Write({}, BytesOf("packet"), 6);
    auto reader = PcapReader::Open(path).value();
    PcapReader::Packet read;
    EXPECT_TRUE(reader.Next(read).value());
    EXPECT_FALSE(reader.Next(read).value());
}

TEST(KeyLogFile, ALogOfAnotherUserIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    const TempDir folder;
    const auto path = folder.Write("keys", "");
    ::chmod(path.c_str(), 0600);
    ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
    EXPECT_EQ(KeyLogFile::Open(path).error().code, ExitCode::kConfig);
}

TEST(QlogFile, C2_TakesANameThatIsFreeAndFollowsNoLink) {
    const TempDir folder;
    const auto precious = folder.Write("precious", "content");
    const auto stem = folder.Path("logs/node_" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder.Path("logs"));
    std::filesystem::create_symlink(precious, stem + ".sqlog");
    std::filesystem::create_symlink(folder.Path("none"), stem + "-2.sqlog");
    ASSERT_EQ(::mkfifo((stem + "-3.sqlog").c_str(), 0600), 0);
    {
        auto log = QlogFile::Create(folder.Path("logs"), "node").value();
        EXPECT_EQ(log.Path(), stem + "-4.sqlog");
        log.Write("text");
    }
    EXPECT_EQ(ReadFile(stem + "-4.sqlog"), "text");
    EXPECT_EQ(ReadFile(precious), "content");
    EXPECT_FALSE(std::filesystem::exists(folder.Path("none")));
    const auto refused = QlogFile::Create(precious, "node");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::kFailed);
}

/// A sender, and the line of a key log that opens what it seals.
class Decryption : public testing::Test {
  protected:
    using Result = CaptureDecryptor::Result;

    Decryption() {
        for (auto* key : {&m_keys.initiatorToResponder, &m_keys.responderToInitiator}) {
            key->Bytes()[0] = key == &m_keys.initiatorToResponder ? std::byte{1} : std::byte{2};
        }
        EXPECT_EQ(m_decryptor.AddKeys("# none\n" +
                                      KeyLogLine({Side::kInitiator, 0x1111, 0x2222, kSuite,
                                                  m_keys.initiatorToResponder}) +
                                      KeyLogLine({Side::kResponder, 0x1111, 0x1111, kSuite,
                                                  m_keys.responderToInitiator})),
                  2u);
    }

    Bytes Seal(PacketProtection& sender, PacketNumber number, std::string_view frames,
               ConnectionId to = 0x2222) {
        Bytes packet(kDataHeaderLength + frames.size() + kAeadTagLength);
        EncodePacketHeader(packet, DataHeader{to, number, sender.OddPhase()});
        std::ranges::copy(AsBytes(frames), packet.begin() + kDataHeaderLength);
        const ByteSpan all(packet);
        sender.Seal(number, all.first(kDataHeaderLength), all.subspan(kDataHeaderLength));
        return packet;
    }

    static constexpr auto kSuite = CipherSuite::kChaCha20Poly1305Sha256;
    TransportKeys m_keys;
    CaptureDecryptor m_decryptor;
};

TEST_F(Decryption, FramesAreInClearAndTheTrailerSaysWhose) {
    PacketProtection initiator(m_keys, Side::kInitiator, kSuite);
    PacketProtection responder(m_keys, Side::kResponder, kSuite);
    Bytes packet = Seal(initiator, 7, "frames");
    const auto size = packet.size();
    ASSERT_EQ(m_decryptor.Decrypt(packet), Result::kOpened);
    EXPECT_EQ(packet.size(), size);
    EXPECT_EQ(packet[0], kDecryptedData);
    EXPECT_EQ(AsText(packet).substr(kDataHeaderLength, 6), "frames");
    ByteReader trailer(ConstByteSpan(packet).last(kAeadTagLength));
    EXPECT_EQ(trailer.U64(), 0x1111u);
    EXPECT_EQ(trailer.U8(), 1u);
    Bytes answer = Seal(responder, 0, "answer", 0x1111);
    ASSERT_EQ(m_decryptor.Decrypt(answer), Result::kOpened);
    EXPECT_EQ(std::to_integer<int>(answer[answer.size() - 8]), 2);
}

TEST_F(Decryption, LaterPhasesOpenToo) {
    PacketProtection initiator(m_keys, Side::kInitiator, kSuite);
    PacketProtection responder(m_keys, Side::kResponder, kSuite);
    Bytes late = Seal(initiator, 1, "late");
    for (PacketNumber phase = 1; phase <= 5; ++phase) {
        initiator.Update();
        Bytes packet = Seal(initiator, 10 * phase, "frames");
        Bytes copy = packet;
        const ByteSpan all(copy);
        ASSERT_NE(responder.Open(10 * phase, initiator.OddPhase(), all.first(kDataHeaderLength),
                                 all.subspan(kDataHeaderLength)),
                  PacketProtection::Opened::kNo);
        Bytes answer = Seal(responder, phase, "answer", 0x1111);
        const ByteSpan back(answer);
        ASSERT_NE(initiator.Open(phase, responder.OddPhase(), back.first(kDataHeaderLength),
                                 back.subspan(kDataHeaderLength)),
                  PacketProtection::Opened::kNo);
        // The third phase is all that the capture has of the first three.
        if (phase < 3) continue;
        EXPECT_EQ(m_decryptor.Decrypt(packet), Result::kOpened) << phase;
        EXPECT_EQ(packet[0], phase % 2 != 0 ? kDecryptedDataOddPhase : kDecryptedData);
        if (phase == 3) late = Seal(initiator, 31, "late");
        if (phase == 4) {
            EXPECT_EQ(m_decryptor.Decrypt(late), Result::kOpened);
        }
    }
}

TEST_F(Decryption, WhatDoesNotOpenStaysAsItIs) {
    PacketProtection initiator(m_keys, Side::kInitiator, kSuite);
    const auto result = [&](Bytes packet) {
        const Bytes before = packet;
        const auto what = m_decryptor.Decrypt(packet);
        EXPECT_EQ(packet, before);
        return what;
    };
    Bytes forged = Seal(initiator, 7, "frames");
    forged.back() ^= std::byte{1};
    EXPECT_EQ(result(forged), Result::kSealed);
    const Bytes whole = Seal(initiator, 8, "frames");
    EXPECT_EQ(result({whole.begin(), whole.end() - 1}), Result::kSealed);
    EXPECT_EQ(result(Seal(initiator, 9, "frames", 0x3333)), Result::kNoKey);
    EXPECT_EQ(result(Bytes(1200, kDecryptedData)), Result::kNoData);
    EXPECT_EQ(result({}), Result::kNoData);
}

TEST(CaptureObserver, WritesEachDatagramOfATrain) {
    const TempDir folder;
    const auto path = folder.Path("a.pcap");
    {
        CaptureObserver observer(PcapWriter::Create(path, DLT_RAW).value(), seconds(1000));
        observer.SetLocal(SocketAddress::FromIpv4(0, 59001));  // the wildcard
        Transmit transmit;
        transmit.destination = kIpv4A;
        transmit.size = 5;
        transmit.segmentSize = 2;
        observer.OnOutput(TimePoint(seconds(1)), transmit, BytesOf("aabbc"));
        Bytes in = BytesOf("in");
        observer.OnInputDatagram(TimePoint(seconds(2)), {kIpv4A, Ecn::kCe, in});
    }
    auto reader = PcapReader::Open(path).value();
    PcapReader::Packet packet;
    std::vector<std::string> payloads;
    while (reader.Next(packet).value()) {
        Bytes bytes(packet.bytes.begin(), packet.bytes.end());
        payloads.emplace_back(AsText(CapturedUdp::Find(DLT_RAW, bytes)->Payload()));
        const bool out = payloads.back() != "in";
        EXPECT_EQ(packet.at, seconds(out ? 1001 : 1002));
        EXPECT_EQ(bytes, MakeUdpPacket(out ? kIpv4B : kIpv4A, out ? kIpv4A : kIpv4B,
                                       out ? Ecn::kNotEct : Ecn::kCe, AsBytes(payloads.back())));
    }
    EXPECT_EQ(payloads, (std::vector<std::string>{"aa", "bb", "c", "in"}));
}

}  // namespace
}  // namespace crsp
