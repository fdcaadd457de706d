// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

#include "apps/cli/file-descriptor.h"

namespace crsp {

/// Files and folders that belong to a node and are nothing for others, wherever they lie and
/// whatever they are called by now. Each is two things: what was there at first, which stays known
/// through renaming and by its hard links; and what is at its path now, as files are replaced.
class OwnFiles {
  public:
    OwnFiles() = default;
    /// `paths` may be of what is not there yet.
    explicit OwnFiles(const std::vector<std::string>& paths);

    /// Looks again at what the paths lead to.
    void Refresh();
    /// Whether the file or folder with this status is one of them. What is in such a folder has to
    /// be found out by whoever walks into it.
    bool Has(const struct stat& status) const;

  private:
    using Identity = std::pair<dev_t, ino_t>;
    struct Own {
        std::string path;
        FileDescriptor first;  ///< held, so that no other file gets its number
    };

    std::vector<Own> m_files;
    std::vector<Identity> m_identities;
};

}  // namespace crsp
