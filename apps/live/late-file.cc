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

NodeError CannotWrite(const std::string& path) {
    return {ExitCode::kFailed, fmt::format("cannot write '{}': {}", path, std::strerror(errno))};
}

}  // namespace

Expected<LateFile, NodeError> LateFile::Open(const std::string& path) {
    if (auto usable = CheckTarget(path, "write"); !usable) {
        return Fail(NodeError{ExitCode::kFailed, std::move(usable.error())});
    }
    constexpr int kFlags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    FileDescriptor file(::open(path.c_str(), kFlags, 0666));
    if (!file.IsOpen()) return Fail(CannotWrite(path));
    return LateFile(std::move(file), path);
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
    if (written) return {};
    return Fail(CannotWrite(m_path));
}

}  // namespace crsp
