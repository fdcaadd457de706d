// SPDX-License-Identifier: BSD-3-Clause
#include "tests/live/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <thread>

#include "model/base/sanitized.h"

extern char** environ;

namespace crsp {
namespace {

struct Pipe {
    FileDescriptor read;
    FileDescriptor write;
};

Pipe MakePipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

pid_t Spawn(const std::string& path, const std::vector<std::string>& arguments, int in, int out,
            int err) {
    std::vector<char*> argv{const_cast<char*>(path.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    if (in < 0) {
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    } else {
        ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    }
    ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    pid_t pid = -1;
    if (::posix_spawn(&pid, path.c_str(), &actions, nullptr, argv.data(), environ) != 0) pid = -1;
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
}

int MillisecondsUntil(std::chrono::steady_clock::time_point deadline) {
    const auto left = deadline - std::chrono::steady_clock::now();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
    return static_cast<int>(std::clamp<long>(ms, 0, 1'000'000));
}

int CodeOf(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool IsAwake(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name;
    char state = 0;
    status >> number >> name >> state;
    return state == 'R' || state == 'D';
}

void WaitAsleep(pid_t pid) {
    const auto deadline = std::chrono::steady_clock::now() + Process::kPatience;
    while (IsAwake(pid) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
}

}  // namespace

Process::Process(const std::string& program, const std::vector<std::string>& arguments,
                 Input input) {
    auto in = input == Input::kTyped ? MakePipe() : Pipe{};
    auto out = MakePipe();
    auto err = MakePipe();
    const std::string path = std::string(CRSP_BIN_DIR) + "/" + program;
    m_pid = Spawn(path, arguments, in.read.Get(), out.write.Get(), err.write.Get());
    m_inPipe = std::move(in.write);
    m_outPipe = std::move(out.read);
    m_errPipe = std::move(err.read);
    if (m_pid < 0) m_code = -1;
}

Process::~Process() {
    if (m_code) return;
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, nullptr, 0);
}

std::string Process::WaitListening(std::size_t count) {
    static const std::string kMark = "listening on ";
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
        std::size_t at = 0;
        std::size_t end = std::string::npos;
        for (std::size_t i = 0; i < count; ++i) {
            at = m_err.find(kMark, i == 0 ? 0 : end);
            end = at == std::string::npos ? at : m_err.find('\n', at);
            if (end == std::string::npos) break;
        }
        if (end != std::string::npos) {
            const auto begin = at + kMark.size();
            return m_err.substr(begin, end - begin);
        }
        if (!Collect(deadline)) return {};
    }
}

std::optional<int> Process::Wait() {
    if (m_code) return m_code;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (Collect(deadline)) {
    }
    int status = 0;
    // Pipes that have closed belong to a process that is ending; open ones to one that hangs.
    const bool hangs = m_outPipe.IsOpen() || m_errPipe.IsOpen();
    if (hangs) ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, &status, 0);
    m_code = CodeOf(status);
    return hangs ? std::nullopt : m_code;
}

void Process::Signal(int number) {
    // GCC 12's thread sanitizer makes the place for pending signals at the first wait, and loses a
    // signal that comes while it does: the process has that wait behind it when it sleeps.
    if (kSanitized && !m_code) WaitAsleep(m_pid);
    if (!m_code) ::kill(m_pid, number);
}

void Process::Type(std::string_view text) {
    // A program that has ended takes nothing any more, and its exit code says why.
    ::signal(SIGPIPE, SIG_IGN);
    (void)!::write(m_inPipe.Get(), text.data(), text.size());
}

bool Process::WaitSaid(std::string_view phrase) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (m_err.find(phrase) == std::string::npos) {
        if (!Collect(deadline)) return false;
    }
    return true;
}

bool Process::Collect(Deadline deadline) {
    std::array<pollfd, 2> wait{pollfd{m_outPipe.Get(), POLLIN, 0},
                               pollfd{m_errPipe.Get(), POLLIN, 0}};
    if (!m_outPipe.IsOpen() && !m_errPipe.IsOpen()) return false;
    if (::poll(wait.data(), wait.size(), MillisecondsUntil(deadline)) <= 0) return false;
    if (wait[0].revents != 0) Take(m_outPipe, m_out);
    if (wait[1].revents != 0) Take(m_errPipe, m_err);
    return true;
}

void Process::Take(FileDescriptor& from, std::string& to) {
    std::array<char, 65536> buffer;
    const auto size = ::read(from.Get(), buffer.data(), buffer.size());
    if (size > 0) {
        to.append(buffer.data(), static_cast<std::size_t>(size));
    } else {
        from.Reset();
    }
}

Finished RunToEnd(const std::string& program, const std::vector<std::string>& arguments) {
    Process process(program, arguments);
    const auto code = process.Wait();
    return {code.value_or(-1), process.Out(), process.Err()};
}

}  // namespace crsp
