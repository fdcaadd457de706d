// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "apps/cli/file-descriptor.h"

namespace crsp::lab {

/// Where the runs of one process leave their files while they are in flight: below a folder that no
/// other process writes to or removes. It goes at the end, with all that was not kept; that of a
/// process that was killed goes when the next one of this host begins.
class RunFolders {
  public:
    /// Below `out`, which is made if it is not there. Throws std::filesystem::filesystem_error.
    explicit RunFolders(const std::filesystem::path& out);
    ~RunFolders();
    RunFolders(const RunFolders&) = delete;
    RunFolders& operator=(const RunFolders&) = delete;

    /// That of run number `run`, which makes it.
    std::string InFlight(std::size_t run) const;
    /// Moves it to `to`, in place of what is there. Throws as above.
    void Keep(std::size_t run, const std::filesystem::path& to) const;

  private:
    std::filesystem::path m_path;
    FileDescriptor m_lock;
};

}  // namespace crsp::lab
