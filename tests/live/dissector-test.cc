// SPDX-License-Identifier: BSD-3-Clause
//
// What tshark says with apps/wireshark/crsp.lua.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/dlt.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "apps/live/capture-decryptor.h"
#include "apps/live/pcap-file.h"
#include "apps/live/udp-packet.h"
#include "model/wire/frame-codec.h"
#include "model/wire/packet-header.h"
#include "tests/support/temp-dir.h"
#include "tests/unit/media/sample-messages.h"

namespace crsp {
namespace {

using Bytes = std::vector<std::byte>;

constexpr ConnectionId kInitiator = 0xa1a2a3a4a5a6a7a8;
constexpr ConnectionId kResponder = 0xb1b2b3b4b5b6b7b8;
const SocketAddress kA = SocketAddress::FromIpv4(0x0a000001, 40000);
const SocketAddress kB = SocketAddress::FromIpv4(0x0a000002, 59001);
/// No port that the dissector is registered for.
const SocketAddress kC = SocketAddress::FromIpv4(0x0a000002, 5000);

template <class... Frames>
Bytes FramesOf(const Frames&... frames) {
    Bytes bytes(4000);
    ByteWriter out(bytes);
    (EncodeFrame(out, frames), ...);
    bytes.resize(out.Position());
    return bytes;
}

Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

Bytes Hex(std::string_view text) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes.push_back(
            static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

template <class Header>
Bytes Packet(const Header& header, std::size_t length) {
    Bytes bytes(length, std::byte{0x77});
    EncodePacketHeader(bytes, header);
    return bytes;
}

/// A Data packet as crsp decrypt leaves it.
Bytes Decrypted(Side sender, PacketNumber number, const Bytes& frames, bool oddPhase = false) {
    const bool initiator = sender == Side::kInitiator;
    Bytes bytes(kDataHeaderLength);
    EncodePacketHeader(bytes, DataHeader{initiator ? kResponder : kInitiator, number, oddPhase});
    bytes[0] = oddPhase ? kDecryptedDataOddPhase : kDecryptedData;
    Bytes trailer(kAeadTagLength);
    ByteWriter out(trailer);
    out.U64(kInitiator);
    out.U8(initiator ? 1 : 2);
    return bytes + frames + trailer;
}

Bytes MessageBytes(const Message& message) {
    Bytes bytes;
    EncodeMessage(message, bytes);
    return bytes;
}

StreamFrame Stream(StreamId id, std::uint64_t offset, ConstByteSpan data, bool fin = false) {
    return {id, offset, data, fin};
}

/// Every type of frame but those that carry messages.
Bytes EveryFrame() {
    Bytes acks(200);
    ByteWriter out(acks);
    EncodeAck(out, std::vector<Range>{{3, 5}, {7, 20}}, microseconds(150), EcnCounts{11, 0, 2});
    acks.resize(out.Position());
    const Bytes data = Hex("00112233");
    RepairFrame repair;
    repair.stream = 2;
    repair.begin = 100;
    repair.number = 5;
    repair.firstSymbol = 9;
    repair.blockCount = 1;
    repair.blocks[0] = {8, 4};
    repair.data = data;
    Bytes repairBytes(100);
    ByteWriter repairOut(repairBytes);
    EncodeRepairHeader(repairOut, repair);
    repairBytes.resize(repairOut.Position());
    return acks +
           FramesOf(PingFrame{}, ResetStreamFrame{4, 15, 1000}, StopSendingFrame{4, 2},
                    Stream(6, 50, data, true), MaxDataFrame{1'000'000},
                    MaxStreamDataFrame{4, kVarintMax},
                    MaxStreamsFrame{StreamDirection::kUnidirectional, 40}, DataBlockedFrame{7},
                    StreamDataBlockedFrame{4, 8}, PathChallengeFrame{0x0123456789abcdef},
                    PathResponseFrame{0x0123456789abcdef}, DataSkippedFrame{2, 10, 20},
                    ImmediateAckFrame{}) +
           repairBytes + data +
           FramesOf(DataRecoveredFrame{2, 100, 108}, DatagramFrame{data}, PaddingFrame{30});
}

class Dissector : public testing::Test {
  protected:
    void SetUp() override {
        if (std::system("command -v tshark >/dev/null") != 0) GTEST_SKIP() << "there is no tshark";
    }

    void Add(const SocketAddress& from, const SocketAddress& to, const Bytes& payload) {
        m_packets.push_back(MakeUdpPacket(from, to, Ecn::kNotEct, payload));
    }

    /// Everything on tshark's standard output.
    std::string Tshark(const std::string& options) const {
        const auto capture = m_folder.Path("capture.pcap");
        auto writer = PcapWriter::Create(capture, DLT_RAW).value();
        for (const auto& packet : m_packets) writer.Write({}, packet, packet.size());
        EXPECT_TRUE(writer.Finish());
        return Run("tshark -n -r " + capture +
                   " -X lua_script:" CRSP_SOURCE_DIR "/apps/wireshark/crsp.lua " + options + " 2>" +
                   m_folder.Path("errors"));
    }
    static std::string Run(const std::string& command) {
        std::string output;
        std::FILE* pipe = ::popen(command.c_str(), "r");
        char buffer[4096];
        while (const auto size = std::fread(buffer, 1, sizeof buffer, pipe)) {
            output.append(buffer, size);
        }
        EXPECT_EQ(::pclose(pipe), 0) << command;
        return output;
    }

    /// A connection from its Initial on, and what else there is.
    void AddEverything() {
        Add(kA, kB, Packet(InitialHeader{kProtocolVersion, 2, 3, kInitiator}, 1200));
        Add(kB, kA, Packet(RetryHeader{kInitiator, {}}, kRetryLength));
        Add(kB, kA, Packet(ResponseHeader{kInitiator}, 120));
        Add(kA, kB, Packet(FinishHeader{kResponder}, 90));
        Add(kA, kB, Packet(DataHeader{kResponder, 7, true}, 60));
        Add(kB, kA,
            Packet(VersionNegotiationHeader{kInitiator, 0x43525332}, kVersionNegotiationLength));
        Add(kB, kA, Packet(ResetHeader{kResponder, {}}, kResetLength));
        Add(kA, kB, Decrypted(Side::kInitiator, 8, EveryFrame()));
        Add(kA, kB,
            Decrypted(Side::kInitiator, 9,
                      FramesOf(ConnectionCloseFrame{true, 15, "superseded"},
                               ConnectionCloseFrame{false, 0x0a, "broken"}),
                      true));
    }

    const TempDir m_folder;
    std::vector<Bytes> m_packets;
};

/// From each packet what is about CRSP.
std::string AboutCrsp(const std::string& text) {
    std::string kept;
    bool ours = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        if (!line.starts_with(' ')) ours = line.starts_with("Controller-Renderer-Server");
        if (line.starts_with("Session message")) ours = false;
        if (ours) kept += line + '\n';
        at = end + 1;
    }
    return kept;
}

constexpr const char* kGolden = CRSP_SOURCE_DIR "/tests/live/dissector-golden.txt";

TEST_F(Dissector, TellsAllOfPacketsFramesAndMessages) {
    AddEverything();
    std::uint64_t offset = 0;
    PacketNumber number = 20;
    for (const Message& message : test::SampleMessages()) {
        if (std::holds_alternative<ContentsMessage>(message)) continue;
        const Bytes bytes = MessageBytes(message);
        Add(kB, kA, Decrypted(Side::kResponder, number++, FramesOf(Stream(0, offset, bytes))));
        offset += bytes.size();
    }
    const Bytes contents = MessageBytes(ContentsMessage{4, 5, 0xab, 6, 7, 8});
    Add(kB, kA,
        Decrypted(Side::kResponder, number, FramesOf(Stream(3, 0, contents + Hex("0102")))));
    const std::string told = AboutCrsp(Tshark("-O crsp"));
    if (std::getenv("CRSP_WRITE_GOLDEN")) std::ofstream(kGolden) << told;
    if (told != ReadFile(kGolden)) {
        ADD_FAILURE() << "CRSP_WRITE_GOLDEN=1 makes it the expected text; the difference:\n"
                      << Run("diff " + std::string(kGolden) + " " + m_folder.Write("told", told) +
                             " | head -40; true");
    }
    EXPECT_EQ(told.find("Malformed"), std::string::npos);
    EXPECT_EQ(ReadFile(m_folder.Path("errors")).find("Lua"), std::string::npos);
}

TEST_F(Dissector, FollowsConnectionsByTheirIds) {
    // At other ports it is known by its Initial, and after a change of address by its id.
    const SocketAddress moved = SocketAddress::FromIpv4(0x0a000063, 1);
    Add(kA, kC, Packet(InitialHeader{kProtocolVersion, 2, 3, kInitiator}, 1200));
    Add(kA, kC, Packet(DataHeader{kResponder, 1}, 60));
    Add(moved, kC, Packet(DataHeader{kResponder, 2}, 60));
    Add(kC, moved, Packet(DataHeader{kInitiator, 1}, 60));
    Add(moved, kC, Packet(DataHeader{kResponder + 1, 2}, 60));
    EXPECT_EQ(Tshark("-T fields -e frame.number -e crsp.packet_number "
                     "-Y 'crsp.connection == 0xa1a2a3a4a5a6a7a8'"),
              "1\t\n2\t1\n3\t2\n4\t1\n");
}

TEST_F(Dissector, MessagesAreReassembled) {
    const Bytes list = MessageBytes(ListMessage{1, 2, 3});
    const Bytes both = list + MessageBytes(StatusMessage{2});
    const auto part = [&](std::size_t from, std::size_t to) {
        return FramesOf(Stream(0, from, ConstByteSpan(both).subspan(from, to - from)));
    };
    Add(kA, kB, Decrypted(Side::kInitiator, 0, part(0, 1)));
    Add(kA, kB, Decrypted(Side::kInitiator, 1, part(4, both.size())));  // the second overtook
    Add(kA, kB, Decrypted(Side::kInitiator, 2, part(0, 6)));
    Add(kA, kB, Decrypted(Side::kInitiator, 3, part(0, 6)));  // and came again
    EXPECT_EQ(Tshark("-2 -T fields -e crsp.packet_number -e crsp.message.type"),
              "0\t\n1\t\n2\t10,42\n3\t\n");
}

TEST_F(Dissector, WhatIsWrongIsToldAndNothingFails) {
    Add(kA, kB, Packet(InitialHeader{0x43525339, 2, 3, kInitiator}, 1200));
    Add(kA, kB, Packet(InitialHeader{kProtocolVersion, 9, 3, kInitiator}, 1200));
    Add(kA, kB, Packet(InitialHeader{kProtocolVersion, 2, 9, kInitiator}, 1200));
    Add(kA, kB, Packet(InitialHeader{kProtocolVersion, 2, 3, kInitiator}, 1199));
    Add(kA, kB, Decrypted(Side::kInitiator, 1, Hex("3f")));      // no such frame
    Add(kA, kB, Decrypted(Side::kInitiator, 2, Hex("0a00ff")));  // cut short
    Add(kA, kB, Decrypted(Side::kInitiator, 3, Hex("0240ff0150ff00")));
    Add(kA, kB, Decrypted(Side::kInitiator, 4, Hex("0101010101010101010101010101010101")));
    Add(kA, kB, Decrypted(Side::kInitiator, 5, FramesOf(Stream(0, 0, Hex("020a01")))));
    Add(kA, kB, Packet(ResetHeader{1, {}}, kResetLength + 1));
    const std::string told = Tshark("-T fields -e frame.number -e _ws.expert.message");
    EXPECT_EQ(told,
              "1\tVersion that this dissector does not know\n"
              "2\tUnknown suite\n"
              "3\tUnknown mode\n"
              "4\tInitial of less than 1,200 bytes (CRSP §3.4)\n"
              "5\tMalformed: frame type 0x3f\n"
              "6\tMalformed: cut short\n"
              "7\tMalformed: cut short\n"
              "8\tMore than 16 frames in a packet (CRSP §7)\n"
              "9\tSession message: cut short\n"
              "10\tBytes behind the packet\n");
}

TEST_F(Dissector, NoBytesMakeItFail) {
    AddEverything();
    const std::vector<Bytes> whole = std::exchange(m_packets, {});
    for (const Bytes& packet : whole) {
        const ConstByteSpan payload = ConstByteSpan(packet).subspan(28);
        for (std::size_t length = 0; length < std::min<std::size_t>(payload.size(), 250);
             length += 3) {
            Add(kA, kB, Bytes(payload.begin(), payload.begin() + static_cast<long>(length)));
        }
    }
    EXPECT_NE(Tshark("-V"), "");
    EXPECT_EQ(ReadFile(m_folder.Path("errors")).find("Lua"), std::string::npos)
        << ReadFile(m_folder.Path("errors"));
}

}  // namespace
}  // namespace crsp
