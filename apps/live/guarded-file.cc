// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/guarded-file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <optional>

#include "apps/cli/file-descriptor.h"
#include "apps/live/target-file.h"

namespace crsp {
namespace {

constexpr mode_t kFolderMode = S_IRWXU;
/// As many as the kernel follows.
constexpr int kMaxLinks = 40;

NodeError SystemFailure(ExitCode code, std::string_view doing, std::string_view what,
                        const std::string& path) {
    return {code,
            fmt::format("cannot {} the {} '{}': {}", doing, what, path, std::strerror(errno))};
}

NodeError Refusal(std::string_view what, const std::string& path, std::string_view why) {
    return {ExitCode::kConfig, fmt::format("the {} '{}' {}", what, path, why)};
}

std::optional<NodeError> CheckMode(const struct stat& status, const std::string& path,
                                   const GuardedFile& kind) {
    const mode_t forbidden = kind.secret ? S_IRWXG | S_IRWXO : S_IWGRP | S_IWOTH;
    if ((status.st_mode & forbidden) == 0) return std::nullopt;
    const auto mode = status.st_mode & 07777;
    if (kind.secret) {
        return Refusal(kind.what, path,
                       fmt::format("is open to others (mode {:04o}); make it yours alone with: "
                                   "chmod 600 {}",
                                   mode, ShellWord(path)));
    }
    return Refusal(kind.what, path,
                   fmt::format("can be written by others (mode {:04o}); stop that with: chmod go-w "
                               "{}",
                               mode, ShellWord(path)));
}

std::optional<NodeError> Check(int fd, const std::string& path, const GuardedFile& kind) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        return SystemFailure(ExitCode::kNoInput, "examine", kind.what, path);
    }
    if (!S_ISREG(status.st_mode)) return Refusal(kind.what, path, "is not a regular file");
    const bool ours = status.st_uid == ::geteuid() || (!kind.secret && status.st_uid == 0);
    if (!ours) {
        return Refusal(kind.what, path,
                       fmt::format("belongs to another user (uid {}, this is {}); it must be yours",
                                   status.st_uid, ::geteuid()));
    }
    return CheckMode(status, path, kind);
}

/// Whether nobody but us and root can replace files in `folder`.
Expected<void, NodeError> CheckOneFolder(const std::string& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return Fail(Refusal("folder", folder, "is not a folder"));
    }
    if (status.st_uid != ::geteuid() && status.st_uid != 0) {
        return Fail(Refusal("folder", folder,
                            fmt::format("belongs to another user (uid {}, this is {}); it must be "
                                        "yours or root's",
                                        status.st_uid, ::geteuid())));
    }
    const bool open = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (!open || (status.st_mode & S_ISVTX) != 0) return {};
    return Fail(Refusal("folder", folder,
                        fmt::format("can be written by others (mode {:04o}); stop that with: chmod "
                                    "go-w {}",
                                    status.st_mode & 07777, ShellWord(folder))));
}

/// Whether nobody but us and root can have `link` lead elsewhere: in a sticky folder its owner can.
Expected<void, NodeError> CheckLink(const std::string& link) {
    if (auto folder = CheckOneFolder(FolderOf(link)); !folder) return folder;
    struct stat status {};
    if (::lstat(link.c_str(), &status) == 0 && status.st_uid != ::geteuid() && status.st_uid != 0) {
        return Fail(Refusal("link", link,
                            fmt::format("belongs to another user (uid {}, this is {}); it must be "
                                        "yours or root's",
                                        status.st_uid, ::geteuid())));
    }
    return {};
}

/// Where `path` leads, without a link on the way; CheckLink takes each that there was.
Expected<std::string, NodeError> CheckedWay(const std::filesystem::path& path) {
    std::filesystem::path there;
    std::deque<std::filesystem::path> ahead(path.begin(), path.end());
    for (int links = 0; !ahead.empty();) {
        const auto next = there / ahead.front();
        ahead.pop_front();
        std::error_code none;
        const auto target = std::filesystem::read_symlink(next, none);
        if (none) {
            there = next;
            continue;
        }
        if (++links > kMaxLinks) {
            return Fail(Refusal("path", path.string(), "leads over too many links"));
        }
        if (auto safe = CheckLink(next.string()); !safe) return Fail(std::move(safe.error()));
        ahead.insert(ahead.begin(), target.begin(), target.end());
    }
    return there.string();
}

/// Whoever can replace the file, or a link on the way to it, decides what it says.
Expected<void, NodeError> CheckFoldersOnTheWay(const std::string& path) {
    const auto file = CheckedWay(path);
    if (!file) return Fail(file.error());
    return CheckOneFolder(FolderOf(*file));
}

/// Up to `text.size()` bytes; false if the system says no.
bool ReadAll(int fd, std::string& text) {
    std::size_t have = 0;
    while (have < text.size()) {
        const auto size = ::read(fd, text.data() + have, text.size() - have);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return false;
        if (size == 0) break;
        have += static_cast<std::size_t>(size);
    }
    text.resize(have);
    return true;
}

bool WriteAll(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return ::fsync(fd) == 0;
}

bool TakePlace(const std::string& from, const std::string& to, Replace replace) {
    if (replace == Replace::kYes) return std::rename(from.c_str(), to.c_str()) == 0;
    constexpr unsigned kNoReplace = RENAME_NOREPLACE;
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), kNoReplace) == 0) return true;
    // Not every file system can.
    if (errno != EINVAL || ::link(from.c_str(), to.c_str()) != 0) return false;
    return ::unlink(from.c_str()) == 0;
}

/// A name that lasts needs its folder on the disk as well; a system that cannot do that loses
/// nothing else.
void SyncFolder(const std::string& path) {
    const FileDescriptor folder(::open(FolderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.IsOpen()) ::fsync(folder.Get());
}

}  // namespace

Expected<std::string, NodeError> ReadGuarded(const std::string& path, const GuardedFile& kind) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.IsOpen()) return Fail(SystemFailure(ExitCode::kNoInput, "open", kind.what, path));
    if (auto refusal = Check(file.Get(), path, kind)) return Fail(std::move(*refusal));
    if (auto folders = CheckFoldersOnTheWay(path); !folders) {
        return Fail(std::move(folders.error()));
    }
    std::string text(kind.limit + 1, '\0');
    if (!ReadAll(file.Get(), text)) {
        return Fail(SystemFailure(ExitCode::kNoInput, "read", kind.what, path));
    }
    return text;
}

Expected<void, NodeError> WriteGuarded(const std::string& path, const GuardedFile& kind,
                                       std::string_view content, unsigned mode, Replace replace) {
    if (replace == Replace::kYes) {
        if (auto usable = CheckTarget(path, "replace"); !usable) {
            return Fail(NodeError{ExitCode::kFailed, std::move(usable.error())});
        }
    }
    // Hidden, so that no server offers it where its root is this folder.
    const auto name = std::filesystem::path(path).filename().string();
    std::string temporary = fmt::format("{}/.{}.XXXXXX", FolderOf(path), name);
    const FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.IsOpen()) return Fail(SystemFailure(ExitCode::kFailed, "create", kind.what, path));
    const bool written = ::fchmod(file.Get(), mode) == 0 && WriteAll(file.Get(), content);
    if (written && TakePlace(temporary, path, replace)) {
        SyncFolder(path);
        return {};
    }
    auto failure = SystemFailure(ExitCode::kFailed, written ? "create" : "write", kind.what, path);
    ::unlink(temporary.c_str());
    return Fail(std::move(failure));
}

Expected<void, NodeError> PrepareFolder(const std::string& path) {
    const auto folder = FolderOf(path);
    std::string missing;
    for (const auto& part : std::filesystem::path(folder)) {
        missing =
            missing.empty() ? part.string() : (std::filesystem::path(missing) / part).string();
        if (::mkdir(missing.c_str(), kFolderMode) != 0 && errno != EEXIST) {
            return Fail(SystemFailure(ExitCode::kFailed, "create", "folder", missing));
        }
    }
    return CheckFolder(path);
}

Expected<void, NodeError> CheckFolder(const std::string& path) {
    const auto folder = FolderOf(path);
    if (const auto way = CheckedWay(folder); !way) return Fail(way.error());
    return CheckOneFolder(folder);
}

std::string FolderOf(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

std::string ShellWord(const std::string& text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
    const std::string word = text.starts_with('-') ? "./" + text : text;
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

}  // namespace crsp
