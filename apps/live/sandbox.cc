// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <memory>

#include "apps/cli/file-descriptor.h"

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

/// Newer than the headers of some systems, and of one number on all architectures of ours.
constexpr int kFchmodat2 = 452;
constexpr int kSetxattrat = 463;
constexpr int kRemovexattrat = 466;
constexpr int kFileSetattr = 469;

/// What is of use to somebody who has got into a program whose socket is open, and to the program
/// itself never. io_uring would get round the others.
constexpr int kForbidden[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(mount),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    // What Landlock lets everybody do to files that they may not even open. Of truncating it knows
    // since kTruncateSince.
    SCMP_SYS(truncate),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    kFchmodat2,
    SCMP_SYS(chown),
    SCMP_SYS(fchown),
    SCMP_SYS(lchown),
    SCMP_SYS(fchownat),
    SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr),
    SCMP_SYS(fsetxattr),
    kSetxattrat,
    SCMP_SYS(removexattr),
    SCMP_SYS(lremovexattr),
    SCMP_SYS(fremovexattr),
    kRemovexattrat,
    kFileSetattr,
    SCMP_SYS(utime),
    SCMP_SYS(utimes),
    SCMP_SYS(futimesat),
    SCMP_SYS(utimensat),
    // What slows others down, or this program.
    SCMP_SYS(setrlimit),
    SCMP_SYS(setpriority),
    SCMP_SYS(ioprio_set),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(sched_setattr),
    SCMP_SYS(sched_setparam),
    SCMP_SYS(sched_setscheduler),
};

/// A call that is forbidden if one of its arguments is as `when` says.
struct ConditionalRule {
    int call;
    scmp_arg_cmp when;
};

/// An argument of 32 bits, of which the kernel does not look at the upper half of the register.
constexpr scmp_arg_cmp IsWord(unsigned argument, std::uint32_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, 0xffffffff, value};
}

constexpr scmp_arg_cmp IsNot(unsigned argument, std::uint64_t value) {
    return {argument, SCMP_CMP_NE, value, 0};
}

#ifdef __s390__
constexpr unsigned kCloneFlags = 1;
#else
constexpr unsigned kCloneFlags = 0;
#endif

/// Threads may be made, and signals sent to oneself: abort() does.
std::vector<ConditionalRule> ConditionalRules() {
    const auto self = static_cast<std::uint64_t>(::getpid());
    constexpr scmp_arg_cmp kNoThread{kCloneFlags, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0};
    return {
        {SCMP_SYS(clone), kNoThread},
        {SCMP_SYS(kill), IsNot(0, self)},
        {SCMP_SYS(tkill), IsNot(0, self)},
        {SCMP_SYS(tgkill), IsNot(0, self)},
        {SCMP_SYS(rt_sigqueueinfo), IsNot(0, self)},
        {SCMP_SYS(rt_tgsigqueueinfo), IsNot(0, self)},
        // Signals that the kernel sends, to whom it was told to, when there is something to read.
        {SCMP_SYS(fcntl), IsWord(1, F_SETOWN)},
        {SCMP_SYS(fcntl), IsWord(1, F_SETOWN_EX)},
        {SCMP_SYS(ioctl), IsWord(1, FIOSETOWN)},
        {SCMP_SYS(ioctl), IsWord(1, SIOCSPGRP)},
        // Words put into the mouth of whoever sits at the terminal.
        {SCMP_SYS(ioctl), IsWord(1, TIOCSTI)},
        // getrlimit() of libc is this with no new limit.
        {SCMP_SYS(prlimit64), IsNot(2, 0)},
    };
}

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

/// False if libseccomp says no; to it a call unknown here is none to forbid.
bool Forbid(const Filter& filter, int call, int error) {
    return seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0) ==
           0;
}

bool Forbid(const Filter& filter, const ConditionalRule& rule) {
    return seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(EPERM), rule.call, 1, &rule.when) ==
           0;
}

bool ForbidCalls() {
    const Filter filter(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release);
    if (!filter) return false;
    for (const int call : kForbidden) {
        if (!Forbid(filter, call, EPERM)) return false;
    }
    for (const auto& rule : ConditionalRules()) {
        if (!Forbid(filter, rule)) return false;
    }
    // Its flags are in memory, where no filter looks; libc falls back to clone.
    if (!Forbid(filter, SCMP_SYS(clone3), ENOSYS)) return false;
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
