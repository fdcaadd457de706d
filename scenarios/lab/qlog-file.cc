// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/qlog-file.h"

#include <cerrno>
#include <string_view>
#include <system_error>

namespace crsp::lab {
namespace {

std::FILE* OpenFile(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (!file) throw std::system_error(errno, std::generic_category(), path);
    return file;
}

}  // namespace

QlogFile::QlogFile(const std::string& path, const QlogHeader& header)
    : m_file(OpenFile(path)), m_writer(header, [file = m_file.get()](std::string_view record) {
          std::fwrite(record.data(), 1, record.size(), file);
      }) {}

}  // namespace crsp::lab
