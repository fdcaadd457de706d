// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "model/base/result.h"
#include "scenarios/lab/slurm-options.h"

namespace crsp::lab {

/// The state of one task as squeue spells it, and why it is not further.
struct TaskState {
    std::string state;
    std::string reason;

    /// Whether it will do nothing any more.
    bool Ended() const;
};
using TaskStates = std::map<std::size_t, TaskState>;  ///< by the number of the task

/// Slurm's own programs, as found in PATH. Errors are one sentence, with Slurm's words in it.
class SlurmQueue {
  public:
    /// The error says what is not installed.
    static Expected<SlurmQueue, std::string> Find();

    /// Submits `script` as an array of tasks 1 to `tasks`, each with `cpus` processors, that run in
    /// the present folder and log to NUMBER.log in `folder`. The result is the job, for AskFor. A
    /// signal that arrives meanwhile is held back until the answer is there.
    Expected<std::string, std::string> Submit(const std::string& folder, const std::string& script,
                                              std::size_t tasks, std::uint64_t cpus,
                                              const SlurmOptions& options) const;

    /// What Slurm knows of the job's tasks; none once it has forgotten them, which it does some
    /// minutes after their end. `folder` is for what squeue says.
    Expected<TaskStates, std::string> AskFor(const std::string& job,
                                             const std::string& folder) const;

  private:
    SlurmQueue(std::string sbatch, std::string squeue);

    std::string m_sbatch;
    std::string m_squeue;
};

/// The number of a job, without the name of its cluster.
std::string JobNumber(const std::string& job);

}  // namespace crsp::lab
