// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/pcap-file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "apps/live/target-file.h"

namespace crsp {
namespace {

constexpr int kLargestPacket = 262'144;
constexpr mode_t kOwnerOnly = 0600;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

NodeError Refusal(ExitCode code, const std::string& path, std::string_view why) {
    return {code, fmt::format("the capture '{}': {}", path, why)};
}

}  // namespace

Expected<PcapWriter, NodeError> PcapWriter::Create(const std::string& path, int linkType) {
    auto target = OpenTarget(path, "write the capture", kOwnerOnly);
    if (!target) return Fail(NodeError{ExitCode::kFailed, std::move(target.error())});
    if (::ftruncate(target->Get(), 0) != 0) {
        return Fail(Refusal(ExitCode::kFailed, path, std::strerror(errno)));
    }
    PcapWriter writer;
    writer.m_pcap.reset(
        pcap_open_dead_with_tstamp_precision(linkType, kLargestPacket, PCAP_TSTAMP_PRECISION_NANO));
    std::FILE* file = ::fdopen(target->Get(), "wb");
    if (file) target->Release();
    if (file && writer.m_pcap) {
        writer.m_dumper.reset(pcap_dump_fopen(writer.m_pcap.get(), file));
    }
    if (writer.m_dumper) return writer;
    if (file) std::fclose(file);
    return Fail(Refusal(ExitCode::kFailed, path, "cannot be begun"));
}

void PcapWriter::Write(Duration at, ConstByteSpan packet, std::size_t length) {
    pcap_pkthdr header{};
    header.ts.tv_sec = at.count() / kNsPerSecond;
    header.ts.tv_usec = at.count() % kNsPerSecond;  // nanoseconds, as the file was opened for
    header.caplen = static_cast<bpf_u_int32>(packet.size());
    header.len = static_cast<bpf_u_int32>(length);
    pcap_dump(reinterpret_cast<u_char*>(m_dumper.get()), &header,
              reinterpret_cast<const u_char*>(packet.data()));
}

bool PcapWriter::Finish() {
    return pcap_dump_flush(m_dumper.get()) == 0 && !std::ferror(pcap_dump_file(m_dumper.get()));
}

Expected<PcapReader, NodeError> PcapReader::Open(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "rbe");
    if (!file) return Fail(Refusal(ExitCode::kNoInput, path, std::strerror(errno)));
    std::array<char, PCAP_ERRBUF_SIZE> why{};
    PcapReader reader;
    reader.m_path = path;
    reader.m_pcap.reset(
        pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why.data()));
    if (reader.m_pcap) return reader;
    std::fclose(file);
    return Fail(Refusal(ExitCode::kBadData, path, why.data()));
}

Expected<bool, NodeError> PcapReader::Next(Packet& packet) {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int result = pcap_next_ex(m_pcap.get(), &header, &bytes);
    if (result == PCAP_ERROR_BREAK) return false;
    if (result != 1) {
        return Fail(Refusal(ExitCode::kBadData, m_path, pcap_geterr(m_pcap.get())));
    }
    packet.at = seconds(header->ts.tv_sec) + nanoseconds(header->ts.tv_usec);
    packet.bytes = {reinterpret_cast<const std::byte*>(bytes), header->caplen};
    packet.length = header->len;
    return true;
}

}  // namespace crsp
