// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "apps/cli/file-descriptor.h"
#include "apps/live/exit-code.h"
#include "model/base/result.h"

namespace crsp {

/// A file that is opened now and written at the end, by a process that by then may open nothing
/// (see EnterSandbox). What it holds stays until then; a new one is empty.
class LateFile {
  public:
    /// kFailed unless `path` is a regular file, or nothing yet, that can be written.
    static Expected<LateFile, NodeError> Open(const std::string& path);

    /// Makes `text` all that it holds. kFailed if that cannot be done.
    Expected<void, NodeError> Write(std::string_view text);

  private:
    LateFile(FileDescriptor file, std::string path)
        : m_file(std::move(file)), m_path(std::move(path)) {}

    FileDescriptor m_file;
    std::string m_path;
};

}  // namespace crsp
