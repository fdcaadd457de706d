// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/target-file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "apps/live/guarded-file.h"

namespace crsp {
namespace {

std::string NotRegular(const std::string& path, const char* verb) {
    return fmt::format("cannot {} '{}': it is not a regular file", verb, path);
}

}  // namespace

Expected<void, std::string> CheckTarget(const std::string& path, const char* verb) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        return Fail(NotRegular(path, verb));
    }
    if (::access(FolderOf(path).c_str(), W_OK | X_OK) != 0) {
        return Fail(fmt::format("cannot create '{}': {}", path, std::strerror(errno)));
    }
    return {};
}

Expected<FileDescriptor, std::string> OpenTarget(const std::string& path, const char* verb,
                                                 mode_t mode) {
    // Asked before as well: to open a device can do something already.
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        return Fail(NotRegular(path, verb));
    }
    constexpr int kFlags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    FileDescriptor file(::open(path.c_str(), kFlags, mode));
    if (!file.IsOpen() || ::fstat(file.Get(), &status) != 0) {
        return Fail(fmt::format("cannot {} '{}': {}", verb, path, std::strerror(errno)));
    }
    if (!S_ISREG(status.st_mode)) return Fail(NotRegular(path, verb));
    return file;
}

}  // namespace crsp
