// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/decrypt-command.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "apps/cli/standard-output.h"
#include "apps/live/capture-decryptor.h"
#include "apps/live/node-cli.h"
#include "apps/live/pcap-file.h"
#include "apps/live/udp-packet.h"

namespace crsp {
namespace {

/// Half a million connections.
constexpr std::uintmax_t kMaxKeyLog = 128 * 1024 * 1024;

struct Options {
    std::string keys;
    std::string capture;
    std::string output;
};

struct Counts {
    std::uint64_t packets = 0;
    std::uint64_t data = 0;
    std::uint64_t opened = 0;
    std::uint64_t cutOff = 0;
    std::uint64_t withoutKey = 0;
};

std::string ReadKeyLog(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!error && size > kMaxKeyLog) {
        Exit({ExitCode::kBadData, fmt::format("the key log '{}' is larger than 128 MiB", path)});
    }
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    if (!error) text << stream.rdbuf();
    if (error || !stream) {
        Exit({ExitCode::kNoInput, fmt::format("the key log '{}' cannot be read", path)});
    }
    return text.str();
}

void Decrypt(CaptureDecryptor& decryptor, int linkType, std::vector<std::byte>& packet,
             std::size_t length, Counts& counts) {
    using Result = CaptureDecryptor::Result;
    auto udp = CapturedUdp::Find(linkType, packet);
    if (!udp) return;
    const auto result = decryptor.Decrypt(udp->Payload());
    if (result == Result::kNoData) return;
    ++counts.data;
    if (result == Result::kNoKey) ++counts.withoutKey;
    if (result == Result::kSealed && packet.size() < length) ++counts.cutOff;
    if (result != Result::kOpened) return;
    ++counts.opened;
    udp->UpdateChecksum();
}

Counts Convert(const Options& options, CaptureDecryptor& decryptor) {
    auto reader = ValueOrExit(PcapReader::Open(options.capture));
    auto writer = ValueOrExit(PcapWriter::Create(options.output, reader.LinkType()));
    Counts counts;
    PcapReader::Packet packet;
    std::vector<std::byte> bytes;
    while (ValueOrExit(reader.Next(packet))) {
        ++counts.packets;
        bytes.assign(packet.bytes.begin(), packet.bytes.end());
        Decrypt(decryptor, reader.LinkType(), bytes, packet.length, counts);
        writer.Write(packet.at, bytes, packet.length);
    }
    if (!writer.Finish()) {
        Exit({ExitCode::kFailed, fmt::format("cannot write '{}'", options.output)});
    }
    return counts;
}

ExitCode Run(const Options& options) {
    std::error_code none;
    if (std::filesystem::equivalent(options.capture, options.output, none)) {
        Exit({ExitCode::kUsage, "the capture that is read and the one that is written are one"});
    }
    CaptureDecryptor decryptor;
    if (decryptor.AddKeys(ReadKeyLog(options.keys)) == 0) {
        Exit({ExitCode::kBadData, fmt::format("'{}' holds no key", options.keys)});
    }
    const Counts counts = Convert(options, decryptor);
    WriteOutput(fmt::format(
        "{} packets, {} of them Data: {} decrypted, {} cut off, {} without a key, {} that do not "
        "open\n",
        counts.packets, counts.data, counts.opened, counts.cutOff, counts.withoutKey,
        counts.data - counts.opened - counts.cutOff - counts.withoutKey));
    return counts.opened > 0 || counts.data == 0 ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace

void DeclareDecryptCommand(CLI::App& app, Action& action) {
    const auto options = std::make_shared<Options>();
    auto* decrypt = app.add_subcommand(
        "decrypt", "Make a capture that can be read from one and the keys of its connections");
    decrypt->add_option("--keys", options->keys, "Key log of one of the nodes (--keylog)")
        ->type_name("FILE")
        ->required();
    decrypt->add_option("capture", options->capture, "pcap or pcapng to read")->required();
    decrypt->add_option("output", options->output, "pcap to write; see apps/wireshark")->required();
    decrypt->callback([&action, options] { action = [=] { return Run(*options); }; });
}

}  // namespace crsp
