// SPDX-License-Identifier: BSD-3-Clause
// Writes the inputs that the corpora grew from: crsp-fuzz-seeds FOLDER. One of each valid thing, in
// the shape in which its target reads it.
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "model/wire/frame-codec.h"
#include "model/wire/packet-header.h"
#include "tests/fuzz/any-frame.h"
#include "tests/unit/media/sample-messages.h"

namespace crsp::fuzz {
namespace {

class Folder {
  public:
    explicit Folder(std::filesystem::path path) : m_path(std::move(path)) {}

    void Add(const std::string& target, const Bytes& bytes) {
        std::filesystem::create_directories(m_path / target);
        const auto name = "seed-" + std::to_string(++m_count);
        std::ofstream file(m_path / target / name, std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
    }
    void Add(const std::string& target, std::string_view text) {
        const auto bytes = AsBytes(text);
        Add(target, Bytes(bytes.begin(), bytes.end()));
    }

  private:
    std::filesystem::path m_path;
    int m_count = 0;
};

Bytes Of(std::initializer_list<int> values) {
    Bytes bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

Bytes Join(const Bytes& a, ConstByteSpan b) {
    Bytes all = a;
    all.insert(all.end(), b.begin(), b.end());
    return all;
}

/// As FuzzedData::Chunk reads it.
Bytes Chunk(ConstByteSpan bytes) {
    const auto size = static_cast<int>(bytes.size());
    const auto length = size < 255 ? Of({size}) : Of({255, size >> 8, size & 255});
    return Join(length, bytes);
}

std::vector<Frame> SampleFrames() {
    static constexpr std::array<std::byte, 64> kData{};
    static const std::array<std::byte, 4> kAckRanges{std::byte{1}, std::byte{2}, std::byte{0},
                                                     std::byte{5}};
    RepairFrame repair;
    repair.stream = 2;
    repair.blockCount = 2;
    repair.blocks[0] = {100, 64};
    repair.blocks[1] = {64, 64};
    repair.data = kData;
    return {PaddingFrame{3},
            PingFrame{},
            AckFrame{20, microseconds(7), 2, 2, kAckRanges},
            AckFrame{0, microseconds(7), 0, 0, {}, EcnCounts{1, 2, 3}},
            ResetStreamFrame{2, 5, 64},
            StopSendingFrame{3, 6},
            StreamFrame{0, 0, kData, false},
            StreamFrame{2, 64, kData, true},
            DatagramFrame{kData},
            MaxDataFrame{1 << 20},
            MaxStreamDataFrame{3, 1 << 20},
            MaxStreamsFrame{StreamDirection::kUnidirectional, 32},
            MaxStreamsFrame{StreamDirection::kBidirectional, 32},
            DataBlockedFrame{1 << 19},
            StreamDataBlockedFrame{2, 1 << 18},
            PathChallengeFrame{1},
            PathResponseFrame{1},
            DataSkippedFrame{2, 10, 500},
            ImmediateAckFrame{},
            repair,
            DataRecoveredFrame{3, 0, 900},
            ConnectionCloseFrame{false, 10, "bye"},
            ConnectionCloseFrame{true, 0, "done"}};
}

Bytes Encoded(const Frame& frame) {
    Bytes bytes(2000);
    ByteWriter out(bytes);
    EncodeAnyFrame(out, frame);
    bytes.resize(out.Position());
    return bytes;
}

void AddFrames(Folder& folder) {
    Bytes all;
    for (const Frame& frame : SampleFrames()) {
        const auto bytes = Encoded(frame);
        folder.Add("frames", bytes);  // for the round trip
        // Options, then a step that sends a payload as it stands.
        const auto step = Join(Of({2, 0}), Chunk(bytes));
        folder.Add("frames", Join(Of({3}), step));
        folder.Add("frames", Join(Of({8}), step));
        folder.Add("ack", Join(Of({0, 3}), Chunk(bytes)));
        if (!std::holds_alternative<ConnectionCloseFrame>(frame)) all = Join(all, step);
    }
    folder.Add("frames", Join(Of({3}), all));
    for (int algorithm = 0; algorithm < 4; ++algorithm) {
        folder.Add("ack", Of({algorithm, 4, 0, 3, 7, 0, 7,  0,  7, 0, 7, 0, 7, 0, 0, 0, 50, 5,
                              0,         0, 1, 2, 4, 4, 16, 40, 1, 2, 3, 1, 1, 1, 1, 0, 9}));
        folder.Add("ack", Of({algorithm, 2, 20, 4, 32, 1, 7, 0, 1, 2, 3, 0, 100, 1, 30, 4, 1, 1}));
    }
}

void AddMessages(Folder& folder) {
    Bytes stream;
    for (const Message& message : test::SampleMessages()) {
        Bytes encoded;
        EncodeMessage(message, encoded);
        ByteReader in(encoded);
        const auto body = *in.LengthPrefixed(kMaxMessageSize);
        folder.Add("messages", Join(Of({0}), body));
        folder.Add("catalogue", Join(Of({2}), body));
        stream = Join(stream, encoded);
        // To each role, as raw bytes of the control stream.
        for (const int role : {2, 4, 6}) {
            folder.Add("messages", Join(Of({role, 64, 0}), Chunk(encoded)));
        }
    }
    folder.Add("messages", Join(Of({1}), stream));
    for (const int role : {2, 4, 6}) {
        folder.Add("messages", Of({role, 64, 5, 0, 2,   7, 0, 0,  0,  10, 65, 5, 1, 2, 1,  0,
                                   40,   66, 1, 1, 200, 1, 1, 10, 67, 6,  0,  2, 1, 1, 40, 20}));
    }
}

/// What terminals have been attacked with, and the beginnings of each kind of control function.
void AddEscapes(Folder& folder) {
    using namespace std::string_view_literals;
    for (const auto text : {"plain"sv,
                            "\x1b[31mred\x1b[0m"sv,
                            "\x1b]0;title\x07"sv,
                            "\x1b]52;c;cm0gLXJm\x1b\\"sv,
                            "\x1bP$q\"p\x1b\\"sv,
                            "\x1b[6n\x1b[c"sv,
                            "\xc2\x9b"
                            "31m"sv,
                            "\x9b"
                            "31m"sv,
                            "\x90q\x9c"sv,
                            "\x1b_apc\x1b\\"sv,
                            "\x1b^pm\x1b\\"sv,
                            "\x1bX\x1b\\"sv,
                            "a\r\nforged: line"sv,
                            "a\nb\tc"sv,
                            "\xe2\x80\xae"
                            "txt.exe"sv,
                            "\xe2\x80\xa8"sv,
                            "\xc0\x80"sv,
                            "\xed\xa0\x80"sv,
                            "\xf4\x90\x80\x80"sv,
                            "\xf0\x9f\x8e\xac film"sv,
                            "\x00\x07\x08\x7f"sv,
                            "\xef\xbb\xbf"sv,
                            "\\x1b[0m"sv,
                            "\x1b(0lqqk\x1b(B"sv,
                            "\x1b[?1049h"sv,
                            "\x0e\x0f"sv}) {
        const auto chunk = Chunk(AsBytes(text));
        folder.Add("catalogue", Join(Of({0}), chunk));
        folder.Add("catalogue", Join(Of({1}), Join(chunk, chunk)));
        folder.Add("catalogue", Join(Of({3, 1, 7}), Join(chunk, Join(Of({2, 7}), chunk))));
        folder.Add("catalogue", Join(Of({5}), chunk));
        Bytes single = Of({5});
        for (const char c : text) single = Join(single, Chunk(AsBytes({&c, 1})));
        folder.Add("catalogue", single);
        for (int event = 0; event < 4; ++event) folder.Add("qlog", Join(chunk, Of({event, 5, 6})));
    }
}

void AddKeys(Folder& folder) {
    const std::string hex(64, 'a');
    for (const auto& text : {hex, hex + "\n", hex + "\n\n", hex.substr(1), std::string(32, '\x7f'),
                             std::string(), "0x" + hex, hex + "\r\n", std::string(64, 'g')}) {
        folder.Add("keyfile", '\0' + text);
    }
    // The base point, and another that is none.
    const std::string key = "CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const std::string other = "BQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const std::string none = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    folder.Add("keyfile",
               "\1crsp-identity-1: secret keys; whoever can read them can pose as this "
               "node\n" +
                   key + "\n" + other + "\n");
    folder.Add("keyfile", "\2# peers\nattic " + key + " may=read,control # mine\n\nden " + other +
                              " may=observe entries=*.ogg,film? address=10.0.0.1:59001\n");
    folder.Add("keyfile", "\2attic " + none + " may=none\n");
    folder.Add("keyfile", "\2attic " + key + "\nattic " + other + " entries=\n");
    for (const auto& text : {key, none, "attic=" + key + "@10.0.0.1:59001", std::string("attic"),
                             key + "@[::1]:5", std::string("host.example:59001")}) {
        folder.Add("keyfile", '\3' + text);
    }
}

void AddAttacks(Folder& folder) {
    std::array<std::byte, 32> header{};
    const auto add = [&](std::size_t length) {
        const auto bytes = ConstByteSpan(header).first(length);
        folder.Add("packet", bytes.empty() ? Bytes{} : Bytes(bytes.begin(), bytes.end()));
        folder.Add("packet", Join(Of({4, 1, 0, 0}), Chunk(bytes)));
        folder.Add("handshake", Join(Of({32, 0, 0, 0}), Chunk(bytes)));
    };
    EncodePacketHeader(header, InitialHeader{.suite = 2, .mode = 1, .source = 1});
    add(kInitialHeaderLength);
    EncodePacketHeader(header, ResponseHeader{1});
    add(kResponseHeaderLength);
    EncodePacketHeader(header, DataHeader{1, 2});
    add(32);
    EncodePacketHeader(header, VersionNegotiationHeader{1, 5});
    add(kVersionNegotiationLength);
    // Every mode: pass on, change one byte, repeat, wait.
    for (int mode = 0; mode < 8; ++mode) {
        folder.Add("handshake", Of({32 | mode, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0}));
        folder.Add("handshake", Of({32 | mode, 0, 3, 1, 2, 1, 1, 20, 1, 0, 7, 0, 20, 0, 1, 1}));
        folder.Add("handshake", Of({32 | mode, 0, 4, 1, 0, 0, 0, 0,  4, 1, 0, 0, 1, 0, 1,
                                    0,         0, 1, 0, 0, 7, 0, 60, 0, 1, 1, 0, 1, 0}));
        folder.Add("handshake", Of({mode, mode + 1, 0, 1, 1, 0, 1, 0}));
        folder.Add("packet", Of({mode * 8, 0, 0, 1, 0, 8, 0, 1, 3, 1, 2, 1, 1, 10, 1,
                                 0,        0, 1, 1, 2, 4, 0, 1, 0, 1, 1, 6, 1, 50}));
        folder.Add("packet", Of({4, 0, 0, 2, 1, 0, 1, 2,  1, 1, 4, 0, 0, 1,  0,   4,  1,
                                 1, 2, 0, 1, 0, 7, 0, 20, 0, 1, 5, 0, 3, 98, 121, 101}));
    }
}

}  // namespace
}  // namespace crsp::fuzz

int main(int count, char** arguments) {
    if (count != 2) return 64;
    crsp::fuzz::Folder folder(arguments[1]);
    crsp::fuzz::AddFrames(folder);
    crsp::fuzz::AddMessages(folder);
    crsp::fuzz::AddEscapes(folder);
    crsp::fuzz::AddKeys(folder);
    crsp::fuzz::AddAttacks(folder);
    return 0;
}
