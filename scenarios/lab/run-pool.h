// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/base/time.h"

namespace crsp::lab {

/// How far a run has come; lies in memory shared between the run's process and ours.
struct RunProgress {
    std::atomic<std::uint32_t> permille{0};  ///< 0: cannot be told
};

/// One run, isolated in a process of its own.
struct Job {
    std::string label;
    /// Runs in the child; its result is the child's exit code.
    std::function<int(RunProgress&)> body;
    Duration wallLimit = seconds(600);
};

/// How a job's process ended.
struct JobResult {
    int exitCode = 0;  ///< of the body; 128 + signal if it was killed
    bool timedOut = false;
    double wallSeconds = 0;
    std::string started;  ///< UTC, ISO 8601
};

/// Processes at a time that keep every core of this machine busy.
std::size_t DefaultJobs();

/// Runs jobs in child processes, a few at a time, and shows on stderr how far they are and for how
/// long they will go on: one line that is redrawn on a terminal; otherwise one for each finished
/// run, and one every half minute.
class RunPool {
  public:
    /// `title` leads the progress line.
    RunPool(std::string title, std::size_t parallel, bool quiet = false);

    /// Runs all jobs and calls `finished` in this process after each, in the order of finishing. On
    /// SIGINT or SIGTERM it kills what runs and returns early.
    void Run(const std::vector<Job>& jobs,
             const std::function<void(std::size_t, const JobResult&)>& finished);

    /// The signal that ended Run early, or 0.
    int Interrupted() const;

  private:
    struct Running {
        std::size_t job;
        pid_t pid;
        RunProgress* progress;
        std::int64_t startedNs;
        std::string started;
    };

    void Start(const std::vector<Job>& jobs, std::size_t index);
    bool Reap(const std::vector<Job>& jobs,
              const std::function<void(std::size_t, const JobResult&)>& finished);
    bool Poll(const Job& job, Running& running, JobResult& result);
    void KillAll();
    std::string Remaining(std::size_t jobs) const;
    void Draw(const std::vector<Job>& jobs);
    void Announce(const Job& job, const JobResult& result);

    std::string m_title;
    std::size_t m_parallel;
    bool m_quiet;
    bool m_terminal;
    std::size_t m_done = 0;
    std::size_t m_failed = 0;
    std::int64_t m_beganNs = 0;
    std::int64_t m_nextLineNs = 0;
    std::vector<Running> m_running;
};

}  // namespace crsp::lab
