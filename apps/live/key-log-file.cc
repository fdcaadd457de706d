// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/key-log-file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "apps/live/log.h"
#include "apps/live/target-file.h"

namespace crsp {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

}  // namespace

Expected<KeyLogFile, NodeError> KeyLogFile::Open(const std::string& path) {
    auto file = OpenRegular(path, "write the key log", kOwnerOnly);
    if (!file) return Fail(NodeError{ExitCode::kFailed, std::move(file.error())});
    struct stat found {};
    if (::fstat(file->Get(), &found) != 0 || ::fcntl(file->Get(), F_SETFL, O_APPEND) != 0) {
        return Fail(NodeError{ExitCode::kFailed, fmt::format("cannot open the key log '{}': {}",
                                                             path, std::strerror(errno))});
    }
    if (found.st_uid != ::geteuid() || (found.st_mode & kOthers) != 0) {
        return Fail(NodeError{
            ExitCode::kConfig,
            fmt::format("others may read the key log '{}'; make it yours and of mode 0600, or name "
                        "another",
                        path)});
    }
    return KeyLogFile(std::move(*file));
}

void KeyLogFile::Write(const TrafficSecret& secret) const {
    const std::string line = KeyLogLine(secret);
    if (::write(m_file.Get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()))
        return;
    LogWarning(fmt::format("a key is missing from the key log: {}", std::strerror(errno)));
}

}  // namespace crsp
