// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/slurm-wait.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <thread>

#include "scenarios/lab/exit-code.h"

namespace crsp::lab {
namespace {

using std::chrono::milliseconds;

/// Between two questions to the controller, which also has others to answer.
constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{15'000};
/// How soon a signal is noticed.
constexpr milliseconds kSlice{50};
/// A controller that restarts is back before so many in a row.
constexpr int kMostFailures = 40;

volatile std::sig_atomic_t g_signal = 0;

void Remember(int signal) {
    g_signal = signal;
}

/// Whether no signal came.
bool Pause(milliseconds pause) {
    for (; pause > milliseconds::zero() && g_signal == 0; pause -= kSlice) {
        std::this_thread::sleep_for(kSlice);
    }
    return g_signal == 0;
}

/// As `3 PENDING (Resources), 2 RUNNING`, with how many have ended last.
std::string StatesText(const TaskStates& states, std::size_t tasks) {
    std::map<std::string, std::size_t> counts;
    std::size_t open = 0;
    for (const auto& [task, state] : states) {
        if (state.Ended()) continue;
        ++open;
        const bool waits = state.state == "PENDING" && state.reason != "None";
        ++counts[waits ? fmt::format("PENDING ({})", state.reason) : state.state];
    }
    std::string text;
    for (const auto& [state, count] : counts) text += fmt::format("{} {}, ", count, state);
    return text + fmt::format("{} of {} ended", tasks - std::min(open, tasks), tasks);
}

int SayStopped(const SlurmArray& array) {
    const std::string job = JobNumber(array.job);
    fmt::print(stderr,
               "sweep: stopped; job {0} goes on: the same command takes it up again, and 'scancel "
               "{0}' ends it\n",
               job);
    return kExitSignal + g_signal;
}

int SayFailed(const SlurmArray& array, const std::string& words) {
    fmt::print(stderr,
               "crsp-lab: squeue: {}; job {} may go on: the same command takes it up again\n",
               words, JobNumber(array.job));
    return kExitUnavailable;
}

bool AllEnded(const TaskStates& states) {
    return std::all_of(states.begin(), states.end(),
                       [](const auto& task) { return task.second.Ended(); });
}

}  // namespace

void WatchSignals() {
    std::signal(SIGINT, Remember);
    std::signal(SIGTERM, Remember);
}

int AwaitArray(const SlurmQueue& queue, const SlurmArray& array, TaskStates& states) {
    std::string said;
    int failures = 0;
    for (auto pause = kFirstPause; Pause(pause); pause = std::min(pause * 3 / 2, kLongestPause)) {
        const auto answer = queue.AskFor(array.job, array.folder);
        if (g_signal != 0) break;
        if (!answer && ++failures >= kMostFailures) return SayFailed(array, answer.error());
        if (!answer) continue;
        failures = 0;
        for (const auto& [task, state] : *answer) states[task] = state;
        const std::string text = StatesText(*answer, array.plan.tasks.size());
        if (text != said) fmt::print(stderr, "sweep: job {}: {}\n", JobNumber(array.job), text);
        said = text;
        if (AllEnded(*answer)) return kExitOk;
    }
    return SayStopped(array);
}

}  // namespace crsp::lab
