// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "apps/live/exit-code.h"
#include "model/base/result.h"

namespace crsp {

/// A file that qlog text is appended to, through a large buffer. A full disk costs the log, never
/// the node: the first failure is reported once, and the rest of the text is dropped.
class QlogFile {
  public:
    /// Creates `<directory>/<node>_<pid>.sqlog`, or with `-2`, `-3` and so on behind the process
    /// number if there is something of that name, and the directory if it is missing. kFailed if
    /// that cannot be done.
    static Expected<QlogFile, NodeError> Create(const std::string& directory,
                                                std::string_view node);

    QlogFile(QlogFile&&) = default;
    QlogFile& operator=(QlogFile&&) = delete;

    void Write(std::string_view text);
    const std::string& Path() const { return m_path; }

  private:
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    QlogFile(std::FILE* file, std::string path);

    std::string m_path;
    std::unique_ptr<char[]> m_buffer;  // before the file, which flushes from it when closed
    std::unique_ptr<std::FILE, Closer> m_file;
    bool m_failed = false;
};

}  // namespace crsp
