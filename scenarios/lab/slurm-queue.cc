// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/slurm-queue.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "scenarios/lab/child-process.h"
#include "scenarios/lab/slurm-files.h"

namespace crsp::lab {
namespace {

/// Of one call of sbatch or squeue. Slurm's own programs give up on a controller before that.
constexpr Duration kPatience = seconds(180);

/// All others are those of tasks that run, wait, or can come back.
constexpr std::array<const char*, 10> kEndStates{
    "COMPLETED", "FAILED",    "CANCELLED", "TIMEOUT", "NODE_FAIL",
    "PREEMPTED", "BOOT_FAIL", "DEADLINE",  "REVOKED", "OUT_OF_MEMORY"};

/// Signals that end us wait, also for the child, while this lives.
class HeldSignals {
  public:
    HeldSignals() {
        sigset_t held;
        sigemptyset(&held);
        sigaddset(&held, SIGINT);
        sigaddset(&held, SIGTERM);
        sigprocmask(SIG_BLOCK, &held, &m_before);
    }
    ~HeldSignals() { sigprocmask(SIG_SETMASK, &m_before, nullptr); }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

  private:
    sigset_t m_before;
};

struct Answer {
    bool ok = false;
    std::string output;  ///< path of it
    std::string words;   ///< the last line on stderr
};

Answer Ask(const std::string& name, const std::vector<std::string>& arguments,
           const std::string& folder) {
    ChildProcess child(name, arguments, folder);
    const auto code = child.Wait(kPatience);
    std::string words = child.LastWords();
    if (!code) words = fmt::format("no answer for {:.0f} s", ToSeconds(kPatience));
    if (words.empty()) words = fmt::format("exit code {}", code.value_or(0));
    return {code == 0, child.OutputPath(), words};
}

/// sbatch reads `%a` and the like in the name of a log.
std::string Escaped(const std::string& path) {
    std::string escaped;
    for (const char c : path) escaped += c == '%' ? std::string("%%") : std::string(1, c);
    return escaped;
}

std::string ArrayText(std::size_t tasks, std::uint64_t limit) {
    const std::string most = limit > 0 ? fmt::format("%{}", limit) : std::string();
    return fmt::format("--array=1-{}{}", tasks, most);
}

std::string WithDashes(const std::string& option) {
    return option.starts_with('-') ? option : "--" + option;
}

/// `NUMBER|STATE|REASON`
void ReadTask(const std::string& line, TaskStates& states) {
    const auto bar = line.find('|');
    const auto second = line.find('|', bar + 1);
    std::size_t task = 0;
    const auto [end, error] =
        std::from_chars(line.data(), line.data() + std::min(bar, line.size()), task);
    if (error != std::errc() || second == std::string::npos) return;
    states[task] = {line.substr(bar + 1, second - bar - 1), line.substr(second + 1)};
}

}  // namespace

bool TaskState::Ended() const {
    return std::find(kEndStates.begin(), kEndStates.end(), state) != kEndStates.end();
}

SlurmQueue::SlurmQueue(std::string sbatch, std::string squeue)
    : m_sbatch(std::move(sbatch)), m_squeue(std::move(squeue)) {}

Expected<SlurmQueue, std::string> SlurmQueue::Find() {
    const auto sbatch = FindProgram("sbatch");
    const auto squeue = FindProgram("squeue");
    if (sbatch && squeue) return SlurmQueue(*sbatch, *squeue);
    return Fail(fmt::format("--executor slurm: there is no {} in PATH: expected Slurm's programs",
                            sbatch ? "squeue" : "sbatch"));
}

Expected<std::string, std::string> SlurmQueue::Submit(const std::string& folder,
                                                      const std::string& script, std::size_t tasks,
                                                      std::uint64_t cpus,
                                                      const SlurmOptions& options) const {
    std::vector<std::string> arguments{m_sbatch};
    if (!options.partition.empty()) arguments.push_back("--partition=" + options.partition);
    for (const std::string& option : options.more) arguments.push_back(WithDashes(option));
    // The last word on each of these is ours.
    arguments.insert(arguments.end(), {"--parsable", ArrayText(tasks, options.arrayLimit),
                                       fmt::format("--cpus-per-task={}", cpus),
                                       "--chdir=" + std::filesystem::current_path().string(),
                                       "--output=" + Escaped(folder) + "/%a.log", script});
    const HeldSignals held;
    const Answer answer = Ask("sbatch", arguments, folder);
    if (!answer.ok) return Fail(answer.words);
    const std::string job = FirstLine(answer.output).value_or("");
    const std::string number = JobNumber(job);
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos) {
        return Fail(fmt::format("expected the number of a job, got '{}'", job));
    }
    return job;
}

Expected<TaskStates, std::string> SlurmQueue::AskFor(const std::string& job,
                                                     const std::string& folder) const {
    std::vector<std::string> arguments{m_squeue, "--noheader", "--array", "--states=all",
                                       "--format=%K|%T|%r"};
    const std::string number = JobNumber(job);
    if (number != job) arguments.push_back("--clusters=" + job.substr(number.size() + 1));
    arguments.push_back("--jobs=" + number);
    const Answer answer = Ask("squeue", arguments, folder);
    TaskStates states;
    if (!answer.ok) {
        if (answer.words.find("Invalid job id") != std::string::npos) return states;
        return Fail(answer.words);
    }
    std::ifstream lines(answer.output);
    for (std::string line; std::getline(lines, line);) ReadTask(line, states);
    return states;
}

std::string JobNumber(const std::string& job) {
    return job.substr(0, job.find(';'));
}

}  // namespace crsp::lab
