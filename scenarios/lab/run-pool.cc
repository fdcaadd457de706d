// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/run-pool.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <system_error>
#include <thread>

namespace crsp::lab {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(10);
/// Between two redraws of the line on a terminal.
constexpr std::int64_t kRedrawIntervalNs = 200'000'000;
/// Between two lines of progress where there is no terminal.
constexpr std::int64_t kLineIntervalNs = 30'000'000'000;
/// Exit code of a run that was killed at its wall limit.
constexpr int kExitTimeout = 75;
constexpr int kExitInternal = 70;

volatile std::sig_atomic_t g_signal = 0;

void Remember(int signal) {
    g_signal = signal;
}

std::int64_t NowNs() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

std::string UtcNow() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

RunProgress* ShareProgress() {
    void* memory = mmap(nullptr, sizeof(RunProgress), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    return new (memory) RunProgress();
}

/// In the child: a process group of its own, so that what it starts can be ended with it, and an
/// end when the laboratory ends.
[[noreturn]] void BeChild(const Job& job, RunProgress& progress) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    int code = kExitInternal;
    try {
        code = job.body(progress);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: {}\n", job.label, error.what());
    }
    std::fflush(nullptr);
    _exit(code);
}

int ExitCodeOf(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::size_t DefaultJobs() {
    return std::max(1u, std::thread::hardware_concurrency());
}

RunPool::RunPool(std::string title, std::size_t parallel, bool quiet)
    : m_title(std::move(title)),
      m_parallel(std::max<std::size_t>(parallel, 1)),
      m_quiet(quiet),
      m_terminal(isatty(STDERR_FILENO) != 0) {}

int RunPool::Interrupted() const {
    return g_signal;
}

void RunPool::Run(const std::vector<Job>& jobs,
                  const std::function<void(std::size_t, const JobResult&)>& finished) {
    std::signal(SIGINT, Remember);
    std::signal(SIGTERM, Remember);
    m_beganNs = NowNs();
    m_nextLineNs = m_beganNs + (m_terminal ? 0 : kLineIntervalNs);
    std::size_t next = 0;
    while (next < jobs.size() || !m_running.empty()) {
        if (g_signal != 0) return KillAll();
        while (next < jobs.size() && m_running.size() < m_parallel) Start(jobs, next++);
        if (!Reap(jobs, finished)) std::this_thread::sleep_for(kPollInterval);
        Draw(jobs);
    }
}

void RunPool::Start(const std::vector<Job>& jobs, std::size_t index) {
    RunProgress* progress = ShareProgress();
    std::fflush(nullptr);
    const pid_t pid = fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) BeChild(jobs[index], *progress);
    setpgid(pid, pid);
    m_running.push_back({index, pid, progress, NowNs(), UtcNow()});
}

bool RunPool::Poll(const Job& job, Running& running, JobResult& result) {
    int status = 0;
    result.wallSeconds = static_cast<double>(NowNs() - running.startedNs) / 1e9;
    result.started = running.started;
    if (waitpid(running.pid, &status, WNOHANG) == running.pid) {
        result.exitCode = ExitCodeOf(status);
        kill(-running.pid, SIGKILL);
        return true;
    }
    if (result.wallSeconds < ToSeconds(job.wallLimit)) return false;
    kill(-running.pid, SIGKILL);
    waitpid(running.pid, &status, 0);
    result.timedOut = true;
    result.exitCode = kExitTimeout;
    return true;
}

bool RunPool::Reap(const std::vector<Job>& jobs,
                   const std::function<void(std::size_t, const JobResult&)>& finished) {
    bool any = false;
    for (std::size_t i = 0; i < m_running.size();) {
        JobResult result;
        Running running = m_running[i];
        if (!Poll(jobs[running.job], running, result)) {
            ++i;
            continue;
        }
        munmap(running.progress, sizeof(RunProgress));
        m_running.erase(m_running.begin() + static_cast<std::ptrdiff_t>(i));
        ++m_done;
        if (result.exitCode != 0) ++m_failed;
        any = true;
        Announce(jobs[running.job], result);
        finished(running.job, result);
    }
    return any;
}

void RunPool::KillAll() {
    for (const Running& running : m_running) {
        kill(-running.pid, SIGKILL);
        waitpid(running.pid, nullptr, 0);
        munmap(running.progress, sizeof(RunProgress));
    }
    m_running.clear();
    if (m_terminal && !m_quiet) fmt::print(stderr, "\n");
}

/// Runs take about as long as those before them.
std::string RunPool::Remaining(std::size_t jobs) const {
    if (m_done == 0 || m_done == jobs) return "";
    const double elapsed = static_cast<double>(NowNs() - m_beganNs) / 1e9;
    const double left = elapsed / static_cast<double>(m_done) * static_cast<double>(jobs - m_done);
    if (left < 90) return fmt::format(", about {:.0f} s left", left);
    if (left < 5400) return fmt::format(", about {:.0f} min left", left / 60);
    return fmt::format(", about {:.1f} h left", left / 3600);
}

void RunPool::Draw(const std::vector<Job>& jobs) {
    if (m_quiet) return;
    const bool last = m_terminal && m_done == jobs.size();
    if (!last && NowNs() < m_nextLineNs) return;
    m_nextLineNs = NowNs() + (m_terminal ? kRedrawIntervalNs : kLineIntervalNs);
    std::string line = fmt::format("{}: {}/{} done", m_title, m_done, jobs.size());
    if (m_failed > 0) line += fmt::format(", {} failed", m_failed);
    line += Remaining(jobs.size());
    for (const Running& running : m_running) {
        const double elapsed = static_cast<double>(NowNs() - running.startedNs) / 1e9;
        const auto permille = running.progress->permille.load();
        line += fmt::format("  {}", jobs[running.job].label);
        if (permille > 0) line += fmt::format(" {:.0f} %", permille / 10.0);
        line += fmt::format(" {:.0f} s", elapsed);
    }
    if (m_terminal) {
        fmt::print(stderr, "\r\x1b[K{:.100}{}", line, m_done == jobs.size() ? "\n" : "");
    } else {
        fmt::print(stderr, "{}\n", line);
    }
    std::fflush(stderr);
}

void RunPool::Announce(const Job& job, const JobResult& result) {
    if (m_quiet || m_terminal) return;
    const auto how = result.timedOut        ? std::string("killed at its wall limit")
                     : result.exitCode == 0 ? std::string("done")
                                            : fmt::format("failed ({})", result.exitCode);
    fmt::print(stderr, "{}: {} {} in {:.1f} s\n", m_title, job.label, how, result.wallSeconds);
}

}  // namespace crsp::lab
