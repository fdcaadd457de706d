// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/own-files.h"

#include <fcntl.h>

#include <algorithm>

namespace crsp {

OwnFiles::OwnFiles(const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
        m_files.push_back({path, FileDescriptor(::open(path.c_str(), O_PATH | O_CLOEXEC))});
    }
    Refresh();
}

void OwnFiles::Refresh() {
    m_identities.clear();
    struct stat status {};
    for (const auto& own : m_files) {
        if (own.first.IsOpen() && ::fstat(own.first.Get(), &status) == 0) {
            m_identities.emplace_back(status.st_dev, status.st_ino);
        }
        if (::stat(own.path.c_str(), &status) == 0) {
            m_identities.emplace_back(status.st_dev, status.st_ino);
        }
    }
}

bool OwnFiles::Has(const struct stat& status) const {
    const Identity wanted(status.st_dev, status.st_ino);
    return std::find(m_identities.begin(), m_identities.end(), wanted) != m_identities.end();
}

}  // namespace crsp
