// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/qlog-file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "apps/live/log.h"

namespace crsp {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr mode_t kDirectoryMode = 0777;  // what the umask leaves of it

}  // namespace

Expected<QlogFile, NodeError> QlogFile::Create(const std::string& directory,
                                               std::string_view node) {
    ::mkdir(directory.c_str(), kDirectoryMode);
    auto path = fmt::format("{}/{}_{}.sqlog", directory, node, ::getpid());
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (file) return QlogFile(file, std::move(path));
    return Fail(NodeError{ExitCode::kFailed, fmt::format("cannot create the qlog file '{}': {}",
                                                         path, std::strerror(errno))});
}

QlogFile::QlogFile(std::FILE* file, std::string path)
    : m_path(std::move(path)), m_buffer(new char[kBufferBytes]), m_file(file) {
    std::setvbuf(file, m_buffer.get(), _IOFBF, kBufferBytes);
}

void QlogFile::Write(std::string_view text) {
    if (m_failed) return;
    if (std::fwrite(text.data(), 1, text.size(), m_file.get()) == text.size()) return;
    m_failed = true;
    LogWarning(
        fmt::format("cannot write '{}': {}; the log ends here", m_path, std::strerror(errno)));
}

}  // namespace crsp
