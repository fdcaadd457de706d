// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/target-file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "apps/live/guarded-file.h"

namespace crsp {
namespace {

/// Somebody may take a file away between finding and opening it, but not all the time.
constexpr int kOpenTries = 10;

std::string NotRegular(const std::string& path, const char* verb) {
    return fmt::format("cannot {} '{}': it is not a regular file", verb, path);
}

std::string CannotOpen(const std::string& path, const char* verb) {
    return fmt::format("cannot {} '{}': {}", verb, path, std::strerror(errno));
}

Expected<OpenedFile, std::string> Open(const std::string& path, const char* verb, mode_t mode) {
    // Asked before as well: to open a device can do something already.
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        return Fail(NotRegular(path, verb));
    }
    auto opened = OpenOrMake(path, mode);
    if (!opened.file.IsOpen() || ::fstat(opened.file.Get(), &status) != 0) {
        return Fail(CannotOpen(path, verb));
    }
    if (!S_ISREG(status.st_mode)) return Fail(NotRegular(path, verb));
    return opened;
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

Expected<FileDescriptor, std::string> OpenRegular(const std::string& path, const char* verb,
                                                  mode_t mode) {
    auto opened = Open(path, verb, mode);
    if (!opened) return Fail(std::move(opened.error()));
    return std::move(opened->file);
}

Expected<FileDescriptor, std::string> OpenTarget(const std::string& path, const char* verb,
                                                 mode_t mode) {
    auto opened = Open(path, verb, mode);
    if (!opened) return Fail(std::move(opened.error()));
    if (opened->made) return std::move(opened->file);
    struct stat status {};
    if (::fstat(opened->file.Get(), &status) != 0) return Fail(CannotOpen(path, verb));
    if (auto ours = CheckOwner(status, path, verb); !ours) return Fail(std::move(ours.error()));
    return std::move(opened->file);
}

Expected<void, std::string> CheckOwner(const struct stat& status, const std::string& path,
                                       const char* verb) {
    if (status.st_uid == ::geteuid()) return {};
    return Fail(fmt::format("cannot {} '{}': it belongs to another user (uid {}, this is {})", verb,
                            path, status.st_uid, ::geteuid()));
}

OpenedFile OpenOrMake(const std::string& path, mode_t mode) {
    constexpr int kFlags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    for (int tries = 0;; ++tries) {
        FileDescriptor made(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, mode));
        if (made.IsOpen()) return {std::move(made), true};
        if (errno != EEXIST) return {};
        FileDescriptor found(::open(path.c_str(), kFlags));
        if (found.IsOpen() || errno != ENOENT || tries == kOpenTries) {
            return {std::move(found), false};
        }
    }
}

}  // namespace crsp
