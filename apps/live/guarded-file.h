// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "apps/live/exit-code.h"
#include "model/base/result.h"

namespace crsp {

/// A file that decides who may do what, so that it matters who else can touch it.
struct GuardedFile {
    std::string_view what;  ///< as in `the key file`, without the article
    std::size_t limit = 0;  ///< bytes it may have
    /// Whether others must not even read it. If not, it may also belong to root.
    bool secret = true;
};

/// The file at `path`, which must be regular, ours, closed to others as `kind` says, and in a
/// folder that CheckFolder takes, as must be each link on the way to it, also one to a folder; of
/// one that is longer than its limit one byte more than that, so that it can be noticed. Wipe what
/// is secret. Errors: kNoInput if it cannot be read, kConfig if it must not be used.
Expected<std::string, NodeError> ReadGuarded(const std::string& path, const GuardedFile& kind);

enum class Replace : bool { kNo, kYes };

/// Writes a whole new file of mode `mode` beside `path` and puts it in its place when it is on the
/// disk, so that there is never half a file. With kNo it does not replace anything. kFailed if it
/// cannot be done.
Expected<void, NodeError> WriteGuarded(const std::string& path, const GuardedFile& kind,
                                       std::string_view content, unsigned mode, Replace replace);

/// Whether nobody but us and root can replace files in the folder of `path`: it is ours or root's,
/// and closed to the writing of others or sticky, as /tmp is; and so are the folders of the links
/// on the way to it, which are ours or root's themselves. Else kConfig.
Expected<void, NodeError> CheckFolder(const std::string& path);

/// Makes the folder that `path` is to be in, of mode 0700, with what is missing above it. kConfig
/// if there is one that CheckFolder refuses, kFailed if it cannot be made.
Expected<void, NodeError> PrepareFolder(const std::string& path);

/// `.` for a name without a folder.
std::string FolderOf(const std::string& path);

/// `text` as one word of a shell, and no option.
std::string ShellWord(const std::string& text);

}  // namespace crsp
