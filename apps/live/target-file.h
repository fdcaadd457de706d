// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/stat.h>

#include <string>

#include "apps/cli/file-descriptor.h"
#include "model/base/result.h"

namespace crsp {

/// Whether a file at `path` can be replaced by another: it is a regular file or nothing yet, in a
/// folder that can be written. A device, a pipe, a link or a folder is never replaced. The error is
/// a sentence that begins with `cannot`, `verb` and the path.
Expected<void, std::string> CheckTarget(const std::string& path, const char* verb);

/// Opens the regular file at `path` to be written, which keeps what it holds, or makes it with
/// `mode` less the umask. Follows no link and waits for nobody at a pipe. The error is a sentence
/// as that of CheckTarget.
Expected<FileDescriptor, std::string> OpenRegular(const std::string& path, const char* verb,
                                                  mode_t mode);

/// The same, and the file is ours: who owns what we write could write something else into it. One
/// that was not there before is, also where the file system says otherwise.
Expected<FileDescriptor, std::string> OpenTarget(const std::string& path, const char* verb,
                                                 mode_t mode);

/// What is not to be written because `status` says that it belongs to another user.
Expected<void, std::string> CheckOwner(const struct stat& status, const std::string& path,
                                       const char* verb);

/// A file opened to be written, or made; not open, with errno, if neither could be done.
struct OpenedFile {
    FileDescriptor file;
    bool made = false;  ///< by us, and by nobody before
};
OpenedFile OpenOrMake(const std::string& path, mode_t mode);

}  // namespace crsp
