// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "apps/cli/file-descriptor.h"
#include "apps/live/exit-code.h"
#include "model/base/result.h"
#include "model/connection/key-log.h"

namespace crsp {

/// A file that the secrets of all connections are appended to, each at once, so that several nodes
/// may share one. A full disk costs the log, never the node.
class KeyLogFile {
  public:
    /// Makes the file if it is missing, of mode 0600; one that others could read, or that is
    /// another user's, is refused with kConfig, one that is not regular or cannot be opened with
    /// kFailed.
    static Expected<KeyLogFile, NodeError> Open(const std::string& path);

    void Write(const TrafficSecret& secret) const;

  private:
    explicit KeyLogFile(FileDescriptor file) : m_file(std::move(file)) {}

    FileDescriptor m_file;
};

}  // namespace crsp
