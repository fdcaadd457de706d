// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/late-file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "apps/live/target-file.h"

namespace crsp {
namespace {

constexpr mode_t kMode = 0666;  // what the umask leaves of it

/// Some file systems report a full disk only when a file is closed, if by one of two descriptors.
bool FlushByClosing(int fd) {
    const int other = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return other >= 0 && ::close(other) == 0;
}

NodeError CannotWrite(const std::string& path) {
    return {ExitCode::kFailed, fmt::format("cannot write '{}': {}", path, std::strerror(errno))};
}

}  // namespace

Expected<LateFile, NodeError> LateFile::Open(const std::string& path) {
    auto file = OpenTarget(path, "write", kMode);
    if (!file) return Fail(NodeError{ExitCode::kFailed, std::move(file.error())});
    return LateFile(std::move(*file), path);
}

Expected<void, NodeError> LateFile::Write(std::string_view text) {
    const int fd = m_file.Get();
    bool written = ::lseek(fd, 0, SEEK_SET) == 0 && ::ftruncate(fd, 0) == 0;
    while (written && !text.empty()) {
        const auto size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno == EINTR) continue;
        written = size >= 0;
        if (written) text.remove_prefix(static_cast<std::size_t>(size));
    }
    if (written && FlushByClosing(fd)) return {};
    return Fail(CannotWrite(m_path));
}

}  // namespace crsp
