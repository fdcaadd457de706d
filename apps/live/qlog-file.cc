// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/qlog-file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "apps/cli/file-descriptor.h"
#include "apps/live/log.h"

namespace crsp {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr mode_t kDirectoryMode = 0777;  // what the umask leaves of it
constexpr mode_t kMode = 0666;           // as of that
/// Processes of one folder that can have had the same number, as the first of each container has.
constexpr int kMaxNames = 10'000;

/// A file that was not there before, since its name can be guessed: what is there may be a link to
/// something else. Not open if there is none to be made.
FileDescriptor MakeFile(const std::string& stem, std::string& path) {
    FileDescriptor file;
    for (int number = 1; number <= kMaxNames && !file.IsOpen(); ++number) {
        path = number == 1 ? stem + ".sqlog" : fmt::format("{}-{}.sqlog", stem, number);
        file = FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
        if (!file.IsOpen() && errno != EEXIST) break;
    }
    return file;
}

}  // namespace

Expected<QlogFile, NodeError> QlogFile::Create(const std::string& directory,
                                               std::string_view node) {
    ::mkdir(directory.c_str(), kDirectoryMode);
    std::string path;
    auto made = MakeFile(fmt::format("{}/{}_{}", directory, node, ::getpid()), path);
    std::FILE* file = made.IsOpen() ? ::fdopen(made.Get(), "w") : nullptr;
    if (file) made.Release();
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
