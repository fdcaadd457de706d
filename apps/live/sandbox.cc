// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <memory>

#include "apps/live/file-descriptor.h"

namespace crsp {
namespace {

/// Everything that the first Landlock knows: bits 0 to 12.
constexpr std::uint64_t kAll = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
/// Since the third, which Debian's header does not name yet.
constexpr std::uint64_t kTruncate = 1u << 14;
constexpr long kTruncateSince = 3;
constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

long LandlockVersion() {
    return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool AllowReading(int rules, const std::string& folder) {
    const FileDescriptor fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd.IsOpen()) return errno == ENOENT;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = kRead;
    rule.parent_fd = fd.Get();
    return ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

/// What is of use to somebody who has got into a program whose socket is open, and to the program
/// itself never. io_uring would get round the others.
constexpr int kForbidden[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(mount),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
};

bool ForbidCalls() {
    const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ALLOW),
                                                                   &seccomp_release);
    if (!filter) return false;
    for (const int call : kForbidden) {
        // A negative error code is what libseccomp returns; a call unknown here is none to forbid.
        if (seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0) != 0) return false;
    }
    return seccomp_load(filter.get()) == 0;
}

bool HasSeccomp() {
    return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

bool BuildWall(const std::vector<std::string>& folders, long version) {
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = version >= kTruncateSince ? kAll | kTruncate : kAll;
    const FileDescriptor rules(static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0)));
    if (!rules.IsOpen()) return false;
    for (const auto& folder : folders) {
        if (!AllowReading(rules.Get(), folder)) return false;
    }
    return ::syscall(SYS_landlock_restrict_self, rules.Get(), 0) == 0;
}

}  // namespace

Expected<Sandbox, NodeError> EnterSandbox(const std::vector<std::string>& folders) {
    const auto refuse = [] {
        return Fail(NodeError{ExitCode::kFailed,
                              fmt::format("cannot enter the sandbox: {}; --no-sandbox goes without",
                                          std::strerror(errno))});
    };
    ::tzset();  // reads a file
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refuse();
    const long version = LandlockVersion();
    const Sandbox walls{version >= 1, HasSeccomp()};
    if (walls.files && !BuildWall(folders, version)) return refuse();
    if (walls.calls && !ForbidCalls()) return refuse();
    return walls;
}

}  // namespace crsp
