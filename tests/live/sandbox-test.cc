// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "apps/cli/file-descriptor.h"
#include "apps/live/late-file.h"
#include "tests/live/process.h"
#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

constexpr int kWithoutWall = 99;

/// Runs `check` behind the walls, in a process of its own; what it returns, or kWithoutWall.
int Behind(const std::vector<std::string>& folders, const std::function<int()>& check) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        const auto entered = EnterSandbox(folders);
        if (!entered) ::_exit(98);
        try {
            ::_exit(entered->files && entered->calls ? check() : kWithoutWall);
        } catch (...) {
            ::_exit(97);
        }
    }
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int ErrorOfOpening(const std::string& path, int flags) {
    const FileDescriptor fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    return fd.IsOpen() ? 0 : errno;
}

#define SKIP_WITHOUT_WALL(code) \
    if ((code) == kWithoutWall) GTEST_SKIP() << "this kernel has no Landlock, or no seccomp"

class SandboxTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::filesystem::create_directories(m_dir.Path("root/folder"));
        std::filesystem::create_directories(m_dir.Path("stats"));
        m_dir.Write("root/folder/file", "inside");
        m_dir.Write("secret", "outside");
        std::filesystem::create_symlink(m_dir.Path("secret"), m_dir.Path("root/link"));
        m_folders = {m_dir.Path("root"), m_dir.Path("none")};
    }
    int OpenBehind(const std::string& name, int flags) {
        const auto path = name.front() == '/' ? name : m_dir.Path(name);
        return Behind(m_folders, [&] { return ErrorOfOpening(path, flags); });
    }

    TempDir m_dir;
    std::vector<std::string> m_folders;
};

TEST_F(SandboxTest, C13_NothingButTheRootIsReached) {
    const int inside = OpenBehind("root/folder/file", O_RDONLY);
    SKIP_WITHOUT_WALL(inside);
    EXPECT_EQ(inside, 0);
    EXPECT_EQ(OpenBehind("secret", O_RDONLY), EACCES);
    EXPECT_EQ(OpenBehind("root/link", O_RDONLY), EACCES) << "a link that was followed after all";
    EXPECT_EQ(OpenBehind("root/../secret", O_RDONLY), EACCES);
    EXPECT_EQ(OpenBehind("/etc/passwd", O_RDONLY), EACCES);
    EXPECT_EQ(OpenBehind("/proc/self/environ", O_RDONLY), EACCES);
}

TEST_F(SandboxTest, C13_TheRootIsForReadingOnly) {
    const int wrote = OpenBehind("root/folder/file", O_RDWR);
    SKIP_WITHOUT_WALL(wrote);
    EXPECT_EQ(wrote, EACCES);
    EXPECT_EQ(OpenBehind("root/new", O_WRONLY | O_CREAT), EACCES);
    EXPECT_FALSE(std::filesystem::exists(m_dir.Path("root/new")));
}

TEST_F(SandboxTest, C13_WhatWasOpenedBeforeCanBeWrittenAndNothingBesideIt) {
    auto late = LateFile::Open(m_dir.Path("stats/a")).value();
    const int wrote = Behind(m_folders, [&] {
        // The second is shorter, so that it has to be cut.
        return late.Write("first text") && late.Write("second") ? 0 : errno;
    });
    SKIP_WITHOUT_WALL(wrote);
    EXPECT_EQ(wrote, 0);
    EXPECT_EQ(ReadFile(m_dir.Path("stats/a")), "second");
    EXPECT_EQ(OpenBehind("stats/a", O_WRONLY), EACCES);
    EXPECT_EQ(OpenBehind("stats/b", O_WRONLY | O_CREAT), EACCES);
    const auto remove = [](const std::string& path) {
        return ::unlink(path.c_str()) == 0 ? 0 : errno;
    };
    for (const auto* name : {"stats/a", "root/folder/file"}) {
        EXPECT_EQ(Behind(m_folders, [&] { return remove(m_dir.Path(name)); }), EACCES) << name;
    }
}

TEST_F(SandboxTest, C13_NoProgramStarts) {
    const int error = Behind({"/"}, [] {
        std::array<char, 10> name{"/bin/true"};
        std::array<char*, 2> arguments{name.data(), nullptr};
        ::execv(name.data(), arguments.data());
        return errno;
    });
    SKIP_WITHOUT_WALL(error);
    EXPECT_EQ(error, EPERM);
}

TEST_F(SandboxTest, C13_NobodyIsCalledButOverTheSocketThatIsOpen) {
    const FileDescriptor open(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in somebody{};
    somebody.sin_family = AF_INET;
    somebody.sin_port = htons(9);
    somebody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* address = reinterpret_cast<const sockaddr*>(&somebody);
    const int opened = Behind({}, [] { return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; });
    SKIP_WITHOUT_WALL(opened);
    EXPECT_EQ(opened, EPERM);
    EXPECT_EQ(
        Behind({},
               [&] { return ::connect(open.Get(), address, sizeof(somebody)) < 0 ? errno : 0; }),
        EPERM);
    EXPECT_EQ(Behind({},
                     [&] {
                         return ::sendto(open.Get(), "x", 1, 0, address, sizeof(somebody)) < 0
                                    ? errno
                                    : 0;
                     }),
              0);
}

TEST_F(SandboxTest, C13_NoOtherProcessIsLookedInto) {
    const int error = Behind(
        {}, [] { return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr) < 0 ? errno : 0; });
    SKIP_WITHOUT_WALL(error);
    EXPECT_EQ(error, EPERM);
}

/// A call, and what it is called.
struct Attempt {
    const char* name;
    std::function<long()> call;
};

/// Each of `attempts` behind the walls: EPERM.
void ExpectForbidden(const std::vector<Attempt>& attempts) {
    for (const auto& [name, call] : attempts) {
        const int error = Behind({"/"}, [&] { return call() < 0 ? errno : 0; });
        SKIP_WITHOUT_WALL(error);
        EXPECT_EQ(error, EPERM) << name;
    }
}

TEST_F(SandboxTest, C13_NothingAboutFilesIsChanged) {
    const auto path = m_dir.Path("root/folder/file");
    const auto* file = path.c_str();
    const FileDescriptor open(::open(file, O_RDWR | O_CLOEXEC));
    const int fd = open.Get();
    const std::array<timespec, 2> times{};
    const std::array<timeval, 2> moments{};
    constexpr long kFchmodat2 = 452;
    struct stat before {};
    ASSERT_EQ(::stat(file, &before), 0);
    ExpectForbidden({
        {"chmod", [&] { return ::chmod(file, 0666); }},
        {"fchmod", [&] { return ::fchmod(fd, 0666); }},
        {"fchmodat", [&] { return ::fchmodat(AT_FDCWD, file, 0666, 0); }},
        {"fchmodat2", [&] { return ::syscall(kFchmodat2, AT_FDCWD, file, 0666, 0); }},
        {"chown", [&] { return ::chown(file, ::getuid(), ::getgid()); }},
        {"fchown", [&] { return ::fchown(fd, ::getuid(), ::getgid()); }},
        {"lchown", [&] { return ::lchown(file, ::getuid(), ::getgid()); }},
        {"fchownat", [&] { return ::fchownat(AT_FDCWD, file, ::getuid(), ::getgid(), 0); }},
        {"setxattr", [&] { return ::setxattr(file, "user.a", "b", 1, 0); }},
        {"lsetxattr", [&] { return ::lsetxattr(file, "user.a", "b", 1, 0); }},
        {"fsetxattr", [&] { return ::fsetxattr(fd, "user.a", "b", 1, 0); }},
        {"removexattr", [&] { return ::removexattr(file, "user.a"); }},
        {"lremovexattr", [&] { return ::lremovexattr(file, "user.a"); }},
        {"fremovexattr", [&] { return ::fremovexattr(fd, "user.a"); }},
        {"utimensat", [&] { return ::utimensat(AT_FDCWD, file, times.data(), 0); }},
        {"futimens", [&] { return ::futimens(fd, times.data()); }},
        {"utimes", [&] { return ::utimes(file, moments.data()); }},
#ifdef SYS_utimes
        {"utimes itself", [&] { return ::syscall(SYS_utimes, file, moments.data()); }},
        {"utime itself", [&] { return ::syscall(SYS_utime, file, nullptr); }},
        {"futimesat itself",
         [&] { return ::syscall(SYS_futimesat, AT_FDCWD, file, moments.data()); }},
#endif
        {"truncate", [&] { return ::truncate(file, 0); }},
    });
    struct stat after {};
    ASSERT_EQ(::stat(file, &after), 0);
    EXPECT_EQ(after.st_ctim.tv_sec, before.st_ctim.tv_sec);
    EXPECT_EQ(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
}

TEST_F(SandboxTest, C13_NoOtherProcessGetsASignal) {
    const pid_t other = ::getpid();
    const FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, other, 0)));
    const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    siginfo_t info{};
    info.si_code = SI_QUEUE;
    f_owner_ex owner{F_OWNER_PID, other};
    ExpectForbidden({
        {"kill", [&] { return ::kill(other, 0); }},
        {"kill of the group", [] { return ::kill(0, 0); }},
        {"kill of all", [] { return ::kill(-1, 0); }},
        {"tkill", [&] { return ::syscall(SYS_tkill, other, 0); }},
        {"tgkill", [&] { return ::syscall(SYS_tgkill, other, other, 0); }},
        {"sigqueue", [&] { return ::syscall(SYS_rt_sigqueueinfo, other, 0, &info); }},
        {"tgsigqueue", [&] { return ::syscall(SYS_rt_tgsigqueueinfo, other, other, 0, &info); }},
        {"pidfd_open", [&] { return ::syscall(SYS_pidfd_open, other, 0); }},
        {"pidfd_send_signal",
         [&] { return ::syscall(SYS_pidfd_send_signal, handle.Get(), 0, nullptr, 0); }},
        {"F_SETOWN", [&] { return ::fcntl(socket.Get(), F_SETOWN, other); }},
        {"F_SETOWN_EX", [&] { return ::fcntl(socket.Get(), F_SETOWN_EX, &owner); }},
        {"FIOSETOWN", [&] { return ::ioctl(socket.Get(), FIOSETOWN, &other); }},
        {"SIOCSPGRP", [&] { return ::ioctl(socket.Get(), SIOCSPGRP, &other); }},
    });
}

TEST_F(SandboxTest, C13_NoProcessStarts) {
    const auto child = [](long pid) {
        if (pid == 0) ::_exit(0);
        return pid;
    };
    ExpectForbidden({
        {"fork", [&] { return child(::fork()); }},
        {"clone", [&] { return child(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }},
#ifdef SYS_fork
        {"fork itself", [&] { return child(::syscall(SYS_fork)); }},
        {"vfork itself", [&] { return child(::syscall(SYS_vfork)); }},
#endif
    });
    std::array<std::uint64_t, 11> arguments{};
    arguments[4] = SIGCHLD;
    const int error = Behind({"/"}, [&] {
        const auto pid = child(::syscall(SYS_clone3, arguments.data(), sizeof(arguments)));
        return pid < 0 ? errno : 0;
    });
    SKIP_WITHOUT_WALL(error);
    EXPECT_EQ(error, ENOSYS) << "so that libc falls back to clone";
}

TEST_F(SandboxTest, C13_LimitsAndPrioritiesStay) {
    const rlimit limit{.rlim_cur = 10, .rlim_max = 10};
    const sched_param priority{};
    cpu_set_t processors;
    CPU_ZERO(&processors);
    CPU_SET(0, &processors);
    ExpectForbidden({
        {"setrlimit", [&] { return ::setrlimit(RLIMIT_NOFILE, &limit); }},
        {"prlimit", [&] { return ::prlimit(::getppid(), RLIMIT_NOFILE, &limit, nullptr); }},
#ifdef SYS_setrlimit
        {"setrlimit itself", [&] { return ::syscall(SYS_setrlimit, RLIMIT_NOFILE, &limit); }},
#endif
        {"setpriority", [] { return ::setpriority(PRIO_PROCESS, 0, 10); }},
        {"sched_setaffinity",
         [&] { return ::sched_setaffinity(0, sizeof(processors), &processors); }},
        {"sched_setscheduler", [&] { return ::sched_setscheduler(0, SCHED_BATCH, &priority); }},
    });
}

/// What a server and its libraries do.
TEST_F(SandboxTest, C13_WhatIsNeededStillGoes) {
    static volatile sig_atomic_t signals = 0;
    const int result = Behind({"/"}, [] {
        ::signal(SIGUSR1, [](int) { signals = signals + 1; });
        if (::raise(SIGUSR1) != 0 || ::kill(::getpid(), SIGUSR1) != 0 || signals != 2) return 1;
        bool ran = false;
        std::thread([&] { ran = ::raise(SIGUSR1) == 0; }).join();
        if (!ran || signals != 3) return 2;
        rlimit limit{};
        return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 0 ? 0 : 3;
    });
    SKIP_WITHOUT_WALL(result);
    EXPECT_EQ(result, 0);
}

/// What /proc says of a running server that was started with `options`.
std::string StatusOfServer(const std::vector<std::string>& options, std::string& talk) {
    const TempDir dir;
    std::vector<std::string> arguments{"--no-auth", "--listen", "127.0.0.1:0", "--root",
                                       dir.Path()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    Process server("crsp-server", arguments);
    EXPECT_NE(server.WaitListening(), "") << server.Err();
    EXPECT_TRUE(server.WaitSaid("offering 0 files")) << server.Err();
    auto status = ReadFile("/proc/" + std::to_string(server.Pid()) + "/status");
    talk = server.Err();
    return status;
}

TEST(SandboxOfTheServer, C13_IsOnUnlessItIsLeftOut) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer needs the whole file system";
    std::string talk;
    const std::string walled = StatusOfServer({}, talk);
    EXPECT_NE(walled.find("NoNewPrivs:\t1"), std::string::npos) << talk;
    EXPECT_NE(walled.find("Seccomp:\t2"), std::string::npos) << talk;
    EXPECT_EQ(talk.find("without a wall"), std::string::npos) << talk;
    const std::string open = StatusOfServer({"--no-sandbox"}, talk);
    EXPECT_NE(open.find("NoNewPrivs:\t0"), std::string::npos);
    EXPECT_NE(talk.find("without a sandbox"), std::string::npos) << talk;
}

/// Wherever people have the counters written: what a server offers, and who is known to it, stays
/// for reading only. It used to be let into the folder of the counters, and all below that.
TEST(SandboxOfTheServer, C13_CountersOpenNoFolderForWriting) {
    const TempDir dir;
    std::filesystem::create_directory(dir.Path("root"));
    for (const auto* name : {"counters", "root/counters"}) {
        const auto counters = dir.Write(name, "of the last time, and longer\n");
        struct stat before {};
        ASSERT_EQ(::stat(counters.c_str(), &before), 0);
        Process server("crsp-server", {"--no-auth", "--listen", "127.0.0.1:0", "--root",
                                       dir.Path("root"), "--stats", counters});
        ASSERT_NE(server.WaitListening(), "") << server.Err();
        server.Signal(SIGTERM);
        EXPECT_EQ(server.Wait(), 143) << server.Err();
        EXPECT_EQ(nlohmann::json::parse(ReadFile(counters)).at("program"), "crsp-server");
        struct stat after {};
        ASSERT_EQ(::stat(counters.c_str(), &after), 0);
        EXPECT_EQ(after.st_ino, before.st_ino) << "replaced by a file that was made for it";
    }
}

}  // namespace
}  // namespace crsp
