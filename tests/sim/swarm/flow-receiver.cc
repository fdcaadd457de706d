// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/flow-receiver.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/media/memory-content-store.h"

namespace crsp::sim {
namespace {

constexpr std::size_t kReadSize = 16 * 1024;
/// A slow reader takes a part so large that it needs so many of these intervals at most.
constexpr Duration kSlowInterval = milliseconds(20);
constexpr std::uint64_t kSlowSteps = 100;
constexpr std::uint64_t kStopCode = 18;

}  // namespace

FlowReceiver::FlowReceiver(const FlowPlan& plan, std::uint64_t key, bool isAnswer,
                           ConnectionHandle connection, StreamId stream, Verdict& verdict)
    : m_plan(plan),
      m_key(key),
      m_connection(connection),
      m_stream(stream),
      m_verdict(verdict),
      m_done(plan.kind == FlowPlan::Kind::kDatagrams) {
    if (isAnswer) m_plan.stopAfter.reset();
    if (plan.slowReader) m_verdict.Fired(Fault::kSlowReader);
}

void FlowReceiver::OnReadable(TimePoint now, Endpoint& endpoint) {
    if (!m_plan.slowReader) return Read(endpoint, kReadSize);
    if (!m_nextAt) m_nextAt = now + kSlowInterval;
}

void FlowReceiver::OnTimeout(TimePoint now, Endpoint& endpoint) {
    if (!m_nextAt || now < *m_nextAt) return;
    m_nextAt = now + kSlowInterval;
    Read(endpoint, static_cast<std::size_t>(m_plan.TotalBytes() / kSlowSteps + 1));
}

void FlowReceiver::Read(Endpoint& endpoint, std::size_t most) {
    m_buffer.resize(most);
    while (!m_done && !StopIfDue(endpoint)) {
        const auto read = endpoint.Read(m_connection, m_stream, m_buffer);
        if (!read) return;  // closed or reset: the event is on its way
        TakeSkipped(read->skipped);
        TakeBytes(ConstByteSpan(m_buffer).first(read->bytes));
        if (read->finished) return TakeEnd();
        if (read->bytes < most) m_nextAt.reset();
        const bool more = read->bytes == most || !read->skipped.Empty();
        if (!more || m_plan.slowReader) return;
    }
}

void FlowReceiver::TakeSkipped(const Range& skipped) {
    if (skipped.Empty()) return;
    m_verdict.Reached(Moment::kSkipped);
    if (m_plan.kind != FlowPlan::Kind::kDeadline) Fail("skips bytes of a reliable stream");
    if (skipped.begin != m_offset) Fail("skips what does not follow");
    m_offset = skipped.end;
    // Credit may cut the range into parts; what is read behind them begins with a message.
    m_skipping = true;
}

void FlowReceiver::TakeBytes(ConstByteSpan bytes) {
    if (bytes.empty()) return;
    if (m_skipping && m_offset % m_plan.messageSize != 0) Fail("skips a part of a message");
    m_skipping = false;
    m_expected.resize(bytes.size());
    FillGenerated(m_key, m_offset, m_expected);
    const auto wrong = std::mismatch(bytes.begin(), bytes.end(), m_expected.begin()).first;
    if (wrong != bytes.end()) {
        Fail(fmt::format("wrong byte at offset {}", m_offset + (wrong - bytes.begin())));
    }
    m_offset += bytes.size();
    if (m_offset > m_plan.TotalBytes()) Fail("more bytes than were written");
}

void FlowReceiver::TakeEnd() {
    m_done = true;
    m_verdict.Reached(Moment::kStreamDone);
    if (m_offset != m_plan.TotalBytes()) {
        Fail(fmt::format("ends at {} of {}", m_offset, m_plan.TotalBytes()));
    }
}

void FlowReceiver::OnReset() {
    m_verdict.Reached(Moment::kStreamReset);
    if (!m_plan.resetAfter && !m_done) Fail("reset, which nobody did");
    m_done = true;
}

bool FlowReceiver::StopIfDue(Endpoint& endpoint) {
    if (!m_plan.stopAfter || m_offset < *m_plan.stopAfter) return false;
    (void)endpoint.StopSending(m_connection, m_stream, kStopCode);
    return m_done = true;
}

void FlowReceiver::OnDatagrams(Endpoint& endpoint) {
    m_buffer.resize(kReadSize);
    while (true) {
        const auto read = endpoint.ReadDatagram(m_connection, m_buffer);
        if (!read || !*read) return;
        TakeDatagram(ConstByteSpan(m_buffer).first(**read));
    }
}

void FlowReceiver::TakeDatagram(ConstByteSpan datagram) {
    m_verdict.Reached(Moment::kDatagram);
    std::uint64_t index = 0;
    if (datagram.size() != m_plan.messageSize) return Fail("a datagram of another length");
    for (std::size_t i = 0; i < sizeof(index); ++i) {
        index |= std::to_integer<std::uint64_t>(datagram[i]) << (8 * i);
    }
    m_expected.resize(datagram.size());
    FillGenerated(m_key + index, 0, m_expected);
    const auto rest = datagram.subspan(sizeof(index));
    const bool right = std::equal(rest.begin(), rest.end(), m_expected.begin() + sizeof(index));
    if (index >= m_plan.size || !right) Fail("a datagram that was never sent");
    if (!m_datagrams.insert(index).second) Fail(fmt::format("datagram {} came twice", index));
    m_offset += datagram.size();
}

void FlowReceiver::Fail(const std::string& what) {
    m_verdict.Fail(fmt::format("flow on stream {}: {}", m_stream, what));
}

}  // namespace crsp::sim
