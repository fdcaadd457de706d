// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/target-file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "apps/live/guarded-file.h"

namespace crsp {

Expected<void, std::string> CheckTarget(const std::string& path, const char* verb) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        return Fail(fmt::format("cannot {} '{}': it is not a regular file", verb, path));
    }
    if (::access(FolderOf(path).c_str(), W_OK | X_OK) != 0) {
        return Fail(fmt::format("cannot create '{}': {}", path, std::strerror(errno)));
    }
    return {};
}

}  // namespace crsp
