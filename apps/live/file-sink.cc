// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/file-sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "apps/live/target-file.h"

namespace crsp {
namespace {

constexpr mode_t kMode = 0666;  // what the umask leaves of it
/// Somebody may take PATH.part away between opening and locking it, but not all the time.
constexpr int kOpenTries = 10;

struct flock WholeFile() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

/// Until the last descriptor of this opening is closed, if only by the end of the process. False if
/// somebody else has it; a file system without locks is taken as it is.
bool Lock(int fd) {
    auto lock = WholeFile();
    return ::fcntl(fd, F_OFD_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES);
}

std::string TakenText(const std::string& path) {
    return fmt::format("cannot render into '{0}': another renderer does, and writes '{0}.part'",
                       path);
}

}  // namespace

Expected<void, std::string> FileSink::CheckFree(const std::string& path) {
    const auto part = path + ".part";
    struct stat status {};
    if (::lstat(part.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
        if (auto ours = CheckOwner(status, part, "write"); !ours) return ours;
    }
    const FileDescriptor file(::open(part.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    auto lock = WholeFile();
    const bool taken =
        file.IsOpen() && ::fcntl(file.Get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (taken) return Fail(TakenText(path));
    return {};
}

Expected<void, std::string> FileSink::CheckTarget(const std::string& path) {
    return crsp::CheckTarget(path, "render into");
}

Expected<void, MediaErrorCode> FileSink::Begin(TimePoint, Generation, const ContentInfo& info) {
    m_failure.clear();
    m_left = m_maxBytes;
    const std::uint64_t bytes = info.size - std::min(info.size, info.offset);
    if (bytes > m_maxBytes) return Fail(TooLong(fmt::format("the content has {} bytes", bytes)));
    if (const auto usable = CheckTarget(m_path); !usable) {
        m_failure = usable.error();
        return Fail(MediaErrorCode::kSinkFailed);
    }
    if (!OpenPart()) return Fail(MediaErrorCode::kSinkFailed);
    // Only now: until it was ours it may have been what another renderer is about to complete.
    if (::ftruncate(m_file.Get(), 0) == 0) return {};
    Fault("write", m_partPath);
    m_file.Reset();
    return Fail(MediaErrorCode::kSinkFailed);
}

bool FileSink::OpenPart() {
    for (int i = 0; i < kOpenTries; ++i) {
        auto opened = OpenOrMake(m_partPath, kMode);
        m_file = std::move(opened.file);
        struct stat status {};
        if (!m_file.IsOpen() || ::fstat(m_file.Get(), &status) != 0) {
            Fault("create", m_partPath);
            return false;
        }
        if (!S_ISREG(status.st_mode)) {
            m_failure = fmt::format("cannot write '{}': it is not a regular file", m_partPath);
            break;
        }
        const auto ours = CheckOwner(status, m_partPath, "write");
        if (!opened.made && !ours) {
            m_failure = ours.error();
            break;
        }
        if (!Lock(m_file.Get())) break;
        m_device = status.st_dev;
        m_inode = status.st_ino;
        if (IsOurs()) return true;
    }
    m_file.Reset();
    if (m_failure.empty()) m_failure = TakenText(m_path);
    return false;
}

bool FileSink::IsOurs() const {
    struct stat there {};
    return ::lstat(m_partPath.c_str(), &there) == 0 && there.st_dev == m_device &&
           there.st_ino == m_inode;
}

Expected<std::size_t, MediaErrorCode> FileSink::Render(TimePoint, Generation, std::uint64_t,
                                                       ConstByteSpan bytes) {
    if (bytes.size() > m_left) return Fail(TooLong("the server sends more than it announced"));
    const auto written = ::write(m_file.Get(), bytes.data(), bytes.size());
    if (written >= 0) {
        m_left -= static_cast<std::uint64_t>(written);
        return static_cast<std::size_t>(written);
    }
    if (errno == EINTR) return 0;
    return Fail(Fault("write", m_partPath));
}

Expected<void, MediaErrorCode> FileSink::End(TimePoint, Generation, bool complete) {
    if (!m_file.IsOpen()) return {};
    if (complete && m_failure.empty() && !Sync()) Fault("write", m_partPath);
    // The lock has to last until the file is in its place.
    const FileDescriptor lock(::fcntl(m_file.Get(), F_DUPFD_CLOEXEC, 0));
    // Some file systems report a full disk only here. After a signal it is closed all the same.
    if (::close(m_file.Release()) != 0 && errno != EINTR) Fault("write", m_partPath);
    if (complete && m_failure.empty()) TakePlace();
    if (m_failure.empty()) return {};
    if (IsOurs()) ::unlink(m_partPath.c_str());
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
    } else if (!IsOurs()) {
        errno = ENOENT;
        Fault("create", m_path);
    } else if (std::rename(m_partPath.c_str(), m_path.c_str()) != 0) {
        Fault("create", m_path);
    }
}

MediaErrorCode FileSink::TooLong(std::string_view what) {
    m_failure = fmt::format("{}, and --max-bytes lets '{}' have {}", what, m_path, m_maxBytes);
    return MediaErrorCode::kSinkFailed;
}

MediaErrorCode FileSink::Fault(const char* what, const std::string& path) {
    if (m_failure.empty()) {
        m_failure = fmt::format("cannot {} '{}': {}", what, path, std::strerror(errno));
    }
    return MediaErrorCode::kSinkFailed;
}

}  // namespace crsp
