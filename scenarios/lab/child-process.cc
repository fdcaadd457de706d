// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/child-process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

namespace crsp::lab {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(10);
constexpr int kExitCannotExecute = 127;

std::string ReadAll(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

void Redirect(const std::string& path, int descriptor) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0 || dup2(file, descriptor) < 0) _exit(kExitCannotExecute);
}

/// Calls `done` until it says so or `limit` has passed.
template <class Done>
bool PollUntil(Duration limit, Done done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(limit.count());
    while (!done()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(kPollInterval);
    }
    return true;
}

}  // namespace

ChildProcess::ChildProcess(std::string name, const std::vector<std::string>& arguments,
                           const std::string& folder)
    : m_name(std::move(name)), m_folder(folder) {
    std::vector<char*> words;
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    const std::string output = OutputPath();
    const std::string log = LogPath();
    if (access(words[0], X_OK) != 0) {
        throw std::system_error(errno, std::generic_category(), arguments[0]);
    }
    m_pid = fork();
    if (m_pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (m_pid > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    Redirect("/dev/null", STDIN_FILENO);
    Redirect(output, STDOUT_FILENO);
    Redirect(log, STDERR_FILENO);
    execv(words[0], words.data());
    _exit(kExitCannotExecute);
}

ChildProcess::~ChildProcess() {
    if (!Poll()) End(Duration::zero());
}

std::optional<int> ChildProcess::Poll() {
    int status = 0;
    if (!m_exitCode && waitpid(m_pid, &status, WNOHANG) == m_pid) {
        m_exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return m_exitCode;
}

std::optional<std::string> ChildProcess::AwaitLine(const std::string& prefix, Duration limit) {
    std::string text;
    std::size_t at = std::string::npos;
    std::size_t end = std::string::npos;
    PollUntil(limit, [&] {
        const bool ended = Poll().has_value();
        text = ReadAll(LogPath());
        at = text.find(prefix);
        end = at == std::string::npos ? at : text.find('\n', at);
        return end != std::string::npos || ended;
    });
    if (end == std::string::npos) return std::nullopt;
    return text.substr(at + prefix.size(), end - at - prefix.size());
}

std::optional<int> ChildProcess::Wait(Duration limit) {
    PollUntil(limit, [&] { return Poll().has_value(); });
    return m_exitCode;
}

int ChildProcess::End(Duration limit) {
    if (!Poll()) kill(m_pid, SIGTERM);
    if (!Wait(limit)) {
        kill(m_pid, SIGKILL);
        waitpid(m_pid, nullptr, 0);
        m_exitCode = 128 + SIGKILL;
    }
    return *m_exitCode;
}

std::string ChildProcess::LastWords() const {
    std::istringstream lines(ReadAll(LogPath()));
    std::string last;
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty()) last = line;
    }
    return last;
}

}  // namespace crsp::lab
