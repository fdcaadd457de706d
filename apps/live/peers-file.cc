// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/peers-file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>
#include <utility>

#include "apps/cli/file-descriptor.h"
#include "apps/live/config-folder.h"
#include "apps/live/guarded-file.h"
#include "apps/live/key-text.h"

namespace crsp {
namespace {

constexpr GuardedFile kPeersFile{.what = "peers file", .limit = kMaxPeersFile, .secret = false};
constexpr unsigned kMode = 0600;
constexpr std::chrono::milliseconds kLockStep{20};

struct PeersText {
    std::string text;
    PeerList peers;
};

std::string ErrorText(const std::string& path, const PeersError& error) {
    const auto line = error.line == 0 ? "" : fmt::format(":{}", error.line);
    return fmt::format("{}{}: {}", path, line, error.message);
}

Expected<PeersText, NodeError> ReadPeers(const std::string& path) {
    auto text = ReadGuarded(path, kPeersFile);
    if (!text) return Fail(std::move(text.error()));
    auto peers = ParsePeers(*text);
    if (peers) return PeersText{std::move(*text), std::move(*peers)};
    return Fail(NodeError{ExitCode::kConfig, ErrorText(path, peers.error())});
}

bool IsMissing(const std::string& path) {
    return ::access(path.c_str(), F_OK) != 0 && errno == ENOENT;
}

/// Holds a peers file for one process, by a file beside it that nobody else can open: whoever may
/// read the folder, or the peers file, can lock those as well. Nor could the peers file itself be
/// what is locked: it is replaced with each change.
class PeersLock {
  public:
    static Expected<PeersLock, NodeError> Take(const std::string& peers);
    PeersLock(PeersLock&&) = default;
    PeersLock& operator=(PeersLock&&) = delete;
    /// Only who holds the lock may do that: who waits for it looks again at what it has locked.
    ~PeersLock() {
        if (m_file.IsOpen()) ::unlink(m_path.c_str());
    }

  private:
    PeersLock(std::string path, FileDescriptor file)
        : m_path(std::move(path)), m_file(std::move(file)) {}

    std::string m_path;
    FileDescriptor m_file;
};

/// Hidden, so that no server offers it where its root is this folder.
std::string LockPath(const std::string& peers) {
    return fmt::format("{}/.{}.lock", FolderOf(peers),
                       std::filesystem::path(peers).filename().string());
}

bool IsOursAlone(const struct stat& status) {
    return S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
           (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/// Whether `path` still leads to what has this status.
bool LeadsTo(const std::string& path, const struct stat& status) {
    struct stat there {};
    return ::lstat(path.c_str(), &there) == 0 && there.st_dev == status.st_dev &&
           there.st_ino == status.st_ino;
}

Expected<PeersLock, NodeError> PeersLock::Take(const std::string& peers) {
    constexpr int kFlags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    const auto path = LockPath(peers);
    const auto refuse = [&](std::string_view why) {
        return Fail(NodeError{ExitCode::kFailed,
                              fmt::format("cannot lock the peers file '{}': {}", peers, why)});
    };
    const auto until = std::chrono::steady_clock::now() + kPeersLockWait;
    for (;;) {
        FileDescriptor file(::open(path.c_str(), kFlags, kMode));
        struct stat status {};
        if (!file.IsOpen() || ::fstat(file.Get(), &status) != 0) {
            return refuse(fmt::format("'{}': {}", path, std::strerror(errno)));
        }
        if (!IsOursAlone(status)) {
            return refuse(fmt::format("'{}' is not a file of yours alone; remove it", path));
        }
        if (::flock(file.Get(), LOCK_EX | LOCK_NB) == 0) {
            if (LeadsTo(path, status)) return PeersLock(path, std::move(file));
            continue;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) return refuse(std::strerror(errno));
        if (std::chrono::steady_clock::now() > until) {
            return refuse("another process holds it; try again when that has ended");
        }
        std::this_thread::sleep_for(kLockStep);
    }
}

/// A file that others may read stays so.
unsigned ModeFor(const std::string& path) {
    constexpr unsigned kKept = 0644;
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & kKept : kMode;
}

/// Where the links of `path` lead, so that the file is replaced and not a link to it.
std::string FollowedPath(const std::string& path) {
    std::error_code missing;
    const auto real = std::filesystem::canonical(path, missing);
    return missing ? path : real.string();
}

/// Replaces the file by what `edit` makes of it, with nobody else at it.
using Edit = std::function<Expected<std::string, NodeError>(const PeersText&)>;
Expected<void, NodeError> Change(const std::string& given, const Edit& edit) {
    const auto path = FollowedPath(given);
    const auto lock = PeersLock::Take(path);
    if (!lock) return Fail(lock.error());
    auto before = IsMissing(path) ? PeersText{} : ReadPeers(given);
    if (!before) return Fail(std::move(before.error()));
    auto after = edit(*before);
    if (!after) return Fail(std::move(after.error()));
    if (*after == before->text) return {};
    return WriteGuarded(path, kPeersFile, *after, ModeFor(path), Replace::kYes);
}

/// With a blank in front; nothing where that is what the program takes anyway.
std::string FileOption(std::string_view name, const std::string& path,
                       const std::string& otherwise) {
    return path == otherwise ? "" : fmt::format(" {} {}", name, ShellWord(path));
}

NodeError Changed(const KnownPeer& known, const KnownPeer& now, const std::string& path) {
    return {ExitCode::kRefused,
            fmt::format("THE KEY OF '{0}' IS NOT THE ONE THAT IS KNOWN: it was {1}, and this one "
                        "is {2}. Somebody may be posing as '{0}', or it has a new key, or this is "
                        "another peer. If you know that it has a new key: {3}, then pair again; "
                        "for another peer give --name",
                        known.Name(), Fingerprint(known.key), Fingerprint(now.key),
                        PeersCommand("revoke " + known.Name(), path))};
}

}  // namespace

std::string PeersCommand(std::string_view command, const std::string& path) {
    return fmt::format("crsp {}{}", command, FileOption("--peers", path, DefaultPeersPath()));
}

std::string PairCommand(const std::string& identity, const std::string& peers,
                        const std::string& psk) {
    const auto command = "pair" + FileOption("--key", identity, DefaultIdentityPath());
    return PeersCommand(command, peers) + FileOption("--psk", psk, "");
}

Expected<PeerList, NodeError> LoadPeers(const std::string& path) {
    auto read = ReadPeers(path);
    if (!read) return Fail(std::move(read.error()));
    return std::move(read->peers);
}

Expected<PeerList, NodeError> LoadPeersIfAny(const std::string& path) {
    if (IsMissing(path)) return PeerList{};
    return LoadPeers(path);
}

PeersAgain LoadPeersAgain(const std::string& path) {
    const auto text = ReadGuarded(path, kPeersFile);
    if (!text) return {PeerList{}, text.error().message};
    auto peers = ParsePeers(*text);
    if (!peers) return {std::nullopt, ErrorText(path, peers.error())};
    return {std::move(*peers), {}};
}

Expected<void, NodeError> CheckNewPeer(const PeerList& peers, const KnownPeer& peer,
                                       const std::string& path) {
    const auto* sameName = FindByName(peers, peer.Name());
    if (sameName && sameName->key != peer.key) return Fail(Changed(*sameName, peer, path));
    const auto* sameKey = FindByKey(peers, peer.key);
    if (!sameKey || sameKey == sameName) return {};
    return Fail(NodeError{ExitCode::kRefused,
                          fmt::format("this key, {}, is known as '{}' already; to call it '{}' "
                                      "instead: {}, then pair again",
                                      Fingerprint(peer.key), sameKey->Name(), peer.Name(),
                                      PeersCommand("revoke " + sameKey->Name(), path))});
}

Expected<void, NodeError> AddPeer(const std::string& path, const KnownPeer& peer) {
    if (auto folder = PrepareFolder(FollowedPath(path)); !folder) {
        return Fail(std::move(folder.error()));
    }
    return Change(path, [&](const PeersText& file) -> Expected<std::string, NodeError> {
        if (auto fits = CheckNewPeer(file.peers, peer, path); !fits) return Fail(fits.error());
        const auto* known = FindByKey(file.peers, peer.key);
        if (known && PeerLine(OnTermsOf(peer, *known)) == PeerLine(*known)) return file.text;
        auto after =
            known ? WithPeerChanged(file.text, OnTermsOf(peer, *known)) : WithPeer(file.text, peer);
        const bool room = known || file.peers.size() < kMaxPeers;
        if (room && after.size() <= kMaxPeersFile) return after;
        return Fail(NodeError{ExitCode::kConfig,
                              fmt::format("the peers file '{}' is full: it holds at most {} peers "
                                          "and {} bytes",
                                          path, kMaxPeers, kMaxPeersFile)});
    });
}

Expected<void, NodeError> RemovePeer(const std::string& path, const PeerKey& key) {
    return Change(path, [&](const PeersText& file) -> Expected<std::string, NodeError> {
        if (const auto* peer = FindByKey(file.peers, key))
            return WithoutLine(file.text, peer->line);
        return Fail(NodeError{ExitCode::kNoInput, fmt::format("the peers file '{}' does not have "
                                                              "this peer any more",
                                                              path)});
    });
}

}  // namespace crsp
