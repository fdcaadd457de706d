// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/run-pool.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <stdexcept>

namespace crsp::lab {
namespace {

std::map<std::size_t, JobResult> RunAll(const std::vector<Job>& jobs) {
    std::map<std::size_t, JobResult> results;
    RunPool("test", 2, true).Run(jobs, [&](std::size_t index, const JobResult& result) {
        results[index] = result;
    });
    return results;
}

Job Exits(int code) {
    return {"job", [code](RunProgress&) { return code; }, seconds(60)};
}

TEST(RunPool, EveryJobEndsOnceWithItsCode) {
    const auto results = RunAll({Exits(0), Exits(1), Exits(0), Exits(7)});
    ASSERT_EQ(results.size(), 4u);
    EXPECT_EQ(results.at(0).exitCode, 0);
    EXPECT_EQ(results.at(1).exitCode, 1);
    EXPECT_EQ(results.at(3).exitCode, 7);
    EXPECT_EQ(results.at(0).started.size(), std::string("2026-01-01T00:00:00Z").size());
}

TEST(RunPool, JobsShareNoMemory) {
    static int counter = 0;
    const Job job{"job", [](RunProgress&) { return ++counter; }, seconds(60)};
    const auto results = RunAll({job, job, job});
    for (const auto& [index, result] : results) EXPECT_EQ(result.exitCode, 1);
    EXPECT_EQ(counter, 0);
}

TEST(RunPool, ThrowingJobFails) {
    const Job job{"job", [](RunProgress&) -> int { throw std::runtime_error("thrown in a job"); },
                  seconds(60)};
    EXPECT_EQ(RunAll({job}).at(0).exitCode, 70);
}

TEST(RunPool, CrashingJobIsTold) {
    const Job job{"job", [](RunProgress&) { return raise(SIGKILL); }, seconds(60)};
    EXPECT_EQ(RunAll({job}).at(0).exitCode, 128 + SIGKILL);
}

TEST(RunPool, JobBeyondItsLimitIsKilledWithWhatItStarted) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const Job job{"job",
                  [&](RunProgress&) {
                      if (fork() == 0) close(ends[0]);
                      for (;;) pause();
                      return 0;
                  },
                  milliseconds(300)};
    const auto results = RunAll({job});
    EXPECT_TRUE(results.at(0).timedOut);
    EXPECT_EQ(results.at(0).exitCode, 75);
    // The end of the pipe that the grandchild held is closed once it is gone.
    close(ends[1]);
    char byte = 0;
    EXPECT_EQ(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

}  // namespace
}  // namespace crsp::lab
