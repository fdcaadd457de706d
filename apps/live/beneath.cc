// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace crsp {
namespace {

constexpr int kFileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

FileDescriptor Openat2(int root, const char* path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    return FileDescriptor(static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof(how))));
}

bool OnSameDevice(int root, int fd) {
    struct stat a {};
    struct stat b {};
    return ::fstat(root, &a) == 0 && ::fstat(fd, &b) == 0 && a.st_dev == b.st_dev;
}

/// The kernel would see another path than we do.
bool IsCutShort(const std::string& path) {
    if (path.find('\0') == std::string::npos) return false;
    errno = ENOENT;
    return true;
}

}  // namespace

bool HaveOpenat2() {
    static const bool have = Openat2(AT_FDCWD, ".", kFolderFlags).IsOpen();
    return have;
}

FileDescriptor OpenBeneath(int root, const std::string& path) {
    if (IsCutShort(path)) return {};
    return HaveOpenat2() ? Openat2(root, path.c_str(), kFileFlags)
                         : OpenBeneathByComponents(root, path);
}

FileDescriptor OpenBeneathByComponents(int root, const std::string& path) {
    if (IsCutShort(path)) return {};
    FileDescriptor folder;
    std::string_view rest = path;
    for (;;) {
        const auto slash = rest.find('/');
        const std::string name(rest.substr(0, slash));
        if (name.empty() || name == "." || name == "..") {
            errno = EXDEV;
            return {};
        }
        const bool last = slash == std::string_view::npos;
        const int parent = folder.IsOpen() ? folder.Get() : root;
        FileDescriptor next(::openat(parent, name.c_str(), last ? kFileFlags : kFolderFlags));
        if (!next.IsOpen()) return {};
        if (!OnSameDevice(root, next.Get())) {
            errno = EXDEV;
            return {};
        }
        if (last) return next;
        folder = std::move(next);
        rest.remove_prefix(slash + 1);
    }
}

}  // namespace crsp
