// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/trace-digest.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <vector>

namespace crsp::lab {
namespace {

static_assert(crypto_shorthash_siphashx24_KEYBYTES == crypto_shorthash_siphashx24_BYTES);

std::uint64_t NumberOf(TimePoint at) {
    return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

void AddFlow(const FlowRun& flow, TraceDigest& digest) {
    for (const CommandRecord& command : flow.commands) {
        digest.Add({static_cast<std::uint64_t>(command.verb), NumberOf(command.issued),
                    NumberOf(command.answered), command.generation, command.position});
    }
    for (const TimelineRow& row : flow.timeline) {
        digest.Add(
            {NumberOf(row.at), row.generation, row.position, static_cast<std::uint64_t>(row.kind)});
    }
    digest.Add(AsBytes(flow.renderedHash));
    digest.Add({flow.sessionsCompleted});
}

}  // namespace

void TraceDigest::Add(ConstByteSpan record) {
    std::array<unsigned char, crypto_shorthash_siphashx24_BYTES> next{};
    crypto_shorthash_siphashx24(next.data(), reinterpret_cast<const unsigned char*>(record.data()),
                                record.size(), m_state.data());
    m_state = next;
}

void TraceDigest::Add(std::initializer_list<std::uint64_t> numbers) {
    std::vector<std::byte> bytes;
    for (std::uint64_t number : numbers) {
        for (std::size_t i = 0; i < sizeof number; ++i, number >>= 8) {
            bytes.push_back(static_cast<std::byte>(number & 0xff));
        }
    }
    Add(bytes);
}

std::string TraceDigest::Hex() const {
    std::string text;
    for (const unsigned char byte : m_state)
        fmt::format_to(std::back_inserter(text), "{:02x}", byte);
    return text;
}

void AddRecord(const RunRecord& record, TraceDigest& digest) {
    for (const FlowRun& flow : record.flows) AddFlow(flow, digest);
    digest.Add({record.streamBytesSent, record.streamBytesRetransmitted, record.pathChanges,
                record.down.offered, record.down.lost, record.up.offered, record.up.lost,
                record.packets});
}

}  // namespace crsp::lab
