// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/file-sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "apps/live/target-file.h"

namespace crsp {
namespace {

constexpr int kOpenFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
constexpr mode_t kMode = 0666;  // what the umask leaves of it

}  // namespace

Expected<void, std::string> FileSink::CheckTarget(const std::string& path) {
    return crsp::CheckTarget(path, "render into");
}

Expected<void, MediaErrorCode> FileSink::Begin(TimePoint, Generation, const ContentInfo&) {
    m_failure.clear();
    if (const auto usable = CheckTarget(m_path); !usable) {
        m_failure = usable.error();
        return Fail(MediaErrorCode::kSinkFailed);
    }
    m_file = FileDescriptor(::open(m_partPath.c_str(), kOpenFlags, kMode));
    if (!m_file.IsOpen()) return Fail(Fault("create", m_partPath));
    struct stat status {};
    if (::fstat(m_file.Get(), &status) == 0 && S_ISREG(status.st_mode)) return {};
    m_file.Reset();
    errno = EINVAL;
    return Fail(Fault("write", m_partPath));
}

Expected<std::size_t, MediaErrorCode> FileSink::Render(TimePoint, Generation, std::uint64_t,
                                                       ConstByteSpan bytes) {
    const auto written = ::write(m_file.Get(), bytes.data(), bytes.size());
    if (written >= 0) return static_cast<std::size_t>(written);
    if (errno == EINTR) return 0;
    return Fail(Fault("write", m_partPath));
}

Expected<void, MediaErrorCode> FileSink::End(TimePoint, Generation, bool complete) {
    if (!m_file.IsOpen()) return {};
    if (complete && m_failure.empty() && !Sync()) Fault("write", m_partPath);
    // Some file systems report a full disk only here. After a signal it is closed all the same.
    if (::close(m_file.Release()) != 0 && errno != EINTR) Fault("write", m_partPath);
    if (complete && m_failure.empty()) TakePlace();
    if (m_failure.empty()) return {};
    ::unlink(m_partPath.c_str());
    return Fail(MediaErrorCode::kSinkFailed);
}

bool FileSink::Sync() const {
    int result = 0;
    do {
        result = ::fsync(m_file.Get());
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

/// The target was usable when the generation began; what came in its way since is not replaced.
void FileSink::TakePlace() {
    if (const auto usable = CheckTarget(m_path); !usable) {
        m_failure = usable.error();
    } else if (std::rename(m_partPath.c_str(), m_path.c_str()) != 0) {
        Fault("create", m_path);
    }
}

MediaErrorCode FileSink::Fault(const char* what, const std::string& path) {
    if (m_failure.empty()) {
        m_failure = fmt::format("cannot {} '{}': {}", what, path, std::strerror(errno));
    }
    return MediaErrorCode::kSinkFailed;
}

}  // namespace crsp
