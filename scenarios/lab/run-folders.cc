// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/run-folders.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/file.h>

#include <boost/asio/ip/host_name.hpp>
#include <cerrno>
#include <system_error>
#include <vector>

namespace crsp::lab {
namespace {

/// Another process may put its own folder there each time that ours has made room.
constexpr int kAttempts = 100;
constexpr std::string_view kRandom = "XXXXXX";

FileDescriptor OpenFolder(const std::filesystem::path& folder) {
    return FileDescriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// Workers that are still there when their laboratory was killed hold its lock too.
bool Lock(const FileDescriptor& folder, int operation) {
    return folder.IsOpen() && ::flock(folder.Get(), operation) == 0;
}

/// Hosts that share a file system need not share its locks, hence the host in the prefix. The
/// caller holds the lock of `out`, or one that is just being made would look forsaken.
void RemoveForsaken(const std::filesystem::path& out, const std::string& prefix) {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(out)) {
        const std::string name = entry.path().filename().string();
        // A longer one is of a host whose name begins like ours.
        const bool ours = name.size() == prefix.size() + kRandom.size();
        if (ours && name.rfind(prefix, 0) == 0) found.push_back(entry.path());
    }
    for (const auto& path : found) {
        const FileDescriptor folder = OpenFolder(path);
        std::error_code ignored;
        if (Lock(folder, LOCK_EX | LOCK_NB)) std::filesystem::remove_all(path, ignored);
    }
}

}  // namespace

RunFolders::RunFolders(const std::filesystem::path& out) {
    std::filesystem::create_directories(out);
    const std::string prefix = fmt::format(".running-{}-", boost::asio::ip::host_name());
    const FileDescriptor others = OpenFolder(out);
    Lock(others, LOCK_EX);
    RemoveForsaken(out, prefix);
    std::string name = (out / fmt::format("{}{}", prefix, kRandom)).string();
    if (!mkdtemp(name.data())) {
        throw std::filesystem::filesystem_error("mkdtemp", out, {errno, std::generic_category()});
    }
    m_path = name;
    m_lock = OpenFolder(m_path);
    Lock(m_lock, LOCK_EX);
}

RunFolders::~RunFolders() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

std::string RunFolders::InFlight(std::size_t run) const {
    return (m_path / std::to_string(run)).string();
}

void RunFolders::Keep(std::size_t run, const std::filesystem::path& to) const {
    std::filesystem::create_directories(to.parent_path());
    std::error_code error;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        std::filesystem::rename(InFlight(run), to, error);
        if (!error) return;
        if (error != std::errc::directory_not_empty && error != std::errc::file_exists) break;
        std::error_code ignored;
        const auto replaced = m_path / fmt::format("{}-{}-replaced", run, attempt);
        std::filesystem::rename(to, replaced, ignored);
    }
    throw std::filesystem::filesystem_error("rename", to, error);
}

}  // namespace crsp::lab
