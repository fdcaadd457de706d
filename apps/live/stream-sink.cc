// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/stream-sink.h"

#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace crsp {
namespace {

/// Taken from an offer in one step; escaped it may grow to four times as much.
constexpr std::size_t kTextPortion = 4096;

/// What is still escaped text at the end of a generation gets so many tries of so many
/// milliseconds.
constexpr int kLastFlushes = 20;
constexpr int kFlushWaitMs = 100;

bool IsWritable(int fd, int timeoutMs = 0) {
    pollfd wait{fd, POLLOUT, 0};
    return ::poll(&wait, 1, timeoutMs) == 1;
}

}  // namespace

Expected<void, MediaErrorCode> StreamSink::Begin(TimePoint, Generation, const ContentInfo&) {
    m_text.clear();
    m_failure.clear();
    return {};
}

Expected<std::size_t, MediaErrorCode> StreamSink::Render(TimePoint, Generation, std::uint64_t,
                                                         ConstByteSpan bytes) {
    return m_mode == Mode::kRaw ? WriteSome(bytes) : RenderText(bytes);
}

Expected<void, MediaErrorCode> StreamSink::End(TimePoint, Generation, bool complete) {
    m_safe.Finish(m_text);
    if (complete) return FlushLast();
    m_text.clear();
    return {};
}

Expected<void, MediaErrorCode> StreamSink::FlushLast() {
    for (int i = 0; i < kLastFlushes && !m_text.empty(); ++i) {
        IsWritable(m_fd, kFlushWaitMs);
        if (auto flushed = FlushText(); !flushed) return flushed;
    }
    if (!m_text.empty()) return Fail(Fault(ETIMEDOUT));
    // A file may find its disk full only now; pipes and terminals have nothing to synchronize.
    const bool synced = ::fsync(m_fd) == 0 || errno == EINVAL || errno == EROFS || errno == EINTR;
    if (!synced) return Fail(Fault(errno));
    return {};
}

Expected<std::size_t, MediaErrorCode> StreamSink::RenderText(ConstByteSpan bytes) {
    if (auto flushed = FlushText(); !flushed) return Fail(flushed.error());
    if (!m_text.empty()) return 0;
    const auto portion = bytes.first(std::min(bytes.size(), kTextPortion));
    m_safe.Append(portion, m_text);
    if (auto flushed = FlushText(); !flushed) return Fail(flushed.error());
    return portion.size();
}

Expected<void, MediaErrorCode> StreamSink::FlushText() {
    const auto written = WriteSome(AsBytes(m_text));
    if (!written) return Fail(written.error());
    m_text.erase(0, *written);
    return {};
}

Expected<std::size_t, MediaErrorCode> StreamSink::WriteSome(ConstByteSpan bytes) {
    std::size_t taken = 0;
    // A writable pipe has room for PIPE_BUF bytes, so a write of no more does not block.
    while (taken < bytes.size() && IsWritable(m_fd)) {
        const auto size = std::min<std::size_t>(bytes.size() - taken, PIPE_BUF);
        const auto written = ::write(m_fd, bytes.data() + taken, size);
        if (written < 0 && (errno == EINTR || errno == EAGAIN)) break;
        if (written < 0) return Fail(Fault(errno));
        taken += static_cast<std::size_t>(written);
    }
    return taken;
}

MediaErrorCode StreamSink::Fault(int error) {
    m_failure = fmt::format("cannot write to standard output: {}", std::strerror(error));
    return MediaErrorCode::kSinkFailed;
}

}  // namespace crsp
