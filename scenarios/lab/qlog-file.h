// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "model/trace/qlog-writer.h"

namespace crsp::lab {

/// A qlog writer and the file that it writes. Throws std::system_error if the file cannot be made.
class QlogFile {
  public:
    QlogFile(const std::string& path, const QlogHeader& header);

    QlogWriter& GetTracer() { return m_writer; }

  private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    std::unique_ptr<std::FILE, Close> m_file;
    QlogWriter m_writer;
};

}  // namespace crsp::lab
