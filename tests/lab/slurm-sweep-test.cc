// SPDX-License-Identifier: GPL-2.0-only
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/lab/fake-slurm.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;
using testing::Not;

class SlurmSweep : public FakeSlurm {
  protected:
    /// Digest and metrics of each run, in an order of their own.
    std::string Results(const std::string& path) const {
        SQLite::Database database(path);
        return database
            .execAndGet(
                "SELECT group_concat(line, char(10)) FROM (SELECT format('%s %d %s %s %s',"
                " r.parameters, r.seed, r.digest, m.name, m.value) AS line FROM runs r JOIN"
                " metrics m ON m.run = r.id ORDER BY line)")
            .getString();
    }

    std::string Out(const std::string& name) const { return m_folder + "/out/" + name; }
};

TEST_F(SlurmSweep, StoresWhatTheLocalExecutorStores) {
    const std::string what = "--vary congestion=cubic,bbr_lda --seeds 2 ";
    const Ended here = LocalSweep(what + "--results " + m_folder + "/here.sqlite");
    ASSERT_EQ(here.code, 0) << here.errors;
    const Ended slurm = ClusterSweep(what);
    ASSERT_EQ(slurm.code, 0) << slurm.errors;
    EXPECT_EQ(slurm.output.substr(0, slurm.output.find("results:")),
              here.output.substr(0, here.output.find("results:")));
    const std::string results = Results(Out("results.sqlite"));
    EXPECT_GT(std::count(results.begin(), results.end(), '\n'), 40);
    EXPECT_EQ(results, Results(m_folder + "/here.sqlite"));
    // Nothing is left of an array that did all it was to do, nor of its runs.
    EXPECT_FALSE(std::filesystem::exists(Out("slurm/sweep-1")));
    EXPECT_FALSE(std::filesystem::exists(Out("ge-2pct-b3")));

    const Ended again = ClusterSweep(what);
    EXPECT_EQ(again.code, 0);
    EXPECT_EQ(again.output, slurm.output);
    const std::string asked = Asked();
    EXPECT_EQ(std::count(asked.begin(), asked.end(), '\n'), 1);
}

TEST_F(SlurmSweep, OnlyMissingRunsAreSubmitted) {
    ASSERT_EQ(LocalSweep("--vary congestion=cubic --seed 2 --seeds 1").code, 0);
    const Ended ended = ClusterSweep("--vary congestion=cubic,bbr_lda --seeds 2 --runs-per-task 2");
    EXPECT_EQ(ended.code, 0) << ended.errors;
    EXPECT_THAT(ended.errors, HasSubstr("2 variants, 4 runs, 1 stored, 3 to run"));
    EXPECT_THAT(ended.errors, HasSubstr("submitted job 17: 2 tasks, up to 2 runs each"));
    const auto plan = nlohmann::json::parse(Read(Slurm("plan.json")));
    EXPECT_EQ(plan["tasks"].dump(), "[[[0,1],[1,1]],[[1,2]]]");
    EXPECT_THAT(ended.errors, HasSubstr("3 runs merged"));
}

TEST_F(SlurmSweep, TracesAreWhereALocalSweepLeavesThem) {
    ASSERT_EQ(ClusterSweep("--seeds 1 --vary congestion=cubic --traces").code, 0);
    const std::string folder =
        FolderOf(Out("ge-2pct-b3/content.0.size=20kB,transport.congestion=cubic/ns3-1"));
    EXPECT_TRUE(std::filesystem::exists(folder + "/bottleneck.pcap"));
    SQLite::Database database(Out("results.sqlite"));
    EXPECT_EQ(database.execAndGet("SELECT folder FROM runs").getString(), folder);
}

TEST_F(SlurmSweep, SbatchIsToldWhatItNeeds) {
    ASSERT_EQ(ClusterSweep("--seeds 2 -p p1 --array-limit 1 --sbatch-option time=30 "
                           "--sbatch-option=--mem=1G --jobs 2 --shared " +
                           m_folder + "/100%")
                  .code,
              0);
    EXPECT_THAT(Asked(), testing::StartsWith("--partition=p1 --time=30 --mem=1G --parsable "
                                             "--array=1-2%1 --cpus-per-task=2 --chdir="));
    EXPECT_THAT(Asked(), HasSubstr("/100%%/sweep-1/%a.log "));
    EXPECT_THAT(Asked(), testing::EndsWith("/100%/sweep-1/array.sh\n"));
}

TEST_F(SlurmSweep, RefusalIsToldInTheWordsOfSbatch) {
    Tell("refuse",
         "sbatch: error: invalid partition specified: p1\n"
         "sbatch: error: Batch job submission failed: Invalid partition name specified\n");
    const Ended ended = ClusterSweep("--seeds 1 --partition p1");
    EXPECT_EQ(ended.code, 69);
    EXPECT_THAT(ended.errors,
                HasSubstr("crsp-lab: sbatch refused the array: sbatch: error: Batch job submission "
                          "failed: Invalid partition name specified\n"));
    EXPECT_FALSE(std::filesystem::exists(Out("slurm/sweep-1")));
}

TEST_F(SlurmSweep, WithoutSlurmThereIsASentence) {
    const Ended ended = Shell("PATH=" + m_folder + " " + SweepWords("--executor slurm --seeds 1"));
    EXPECT_EQ(ended.code, 78);
    EXPECT_THAT(ended.errors, HasSubstr("--executor slurm: there is no sbatch in PATH"));
}

TEST_F(SlurmSweep, SharedFolderThatCannotBeWrittenIsRefused) {
    std::ofstream(m_folder + "/file") << "x";
    const Ended ended = ClusterSweep("--seeds 1 --shared " + m_folder + "/file/folder");
    EXPECT_EQ(ended.code, 78);
    EXPECT_THAT(ended.errors, HasSubstr("--shared: cannot write '" + m_folder +
                                        "/file/folder': Not a directory\n"));
    EXPECT_EQ(Asked(), "");
}

TEST_F(SlurmSweep, RunsOfLostTasksAreMissingAndMadeByTheNextCall) {
    Tell("lost-2");
    Tell("garbage-3");
    const Ended ended = ClusterSweep("--seeds 3");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.output, HasSubstr("FAILED 2/3"));
    EXPECT_THAT(ended.errors, HasSubstr("crsp-lab: seed 2 failed: missing: task 2 of job 17 ended "
                                        "before it (NODE_FAIL)\n  repeat it with: "));
    EXPECT_THAT(ended.errors, HasSubstr("3.sqlite: expected a database of results"));
    EXPECT_THAT(ended.errors, HasSubstr("seed 3 failed: missing: task 3 of job 17 ended before it "
                                        "(FAILED)"));
    EXPECT_THAT(ended.errors, Not(HasSubstr("seed 1 failed")));
    EXPECT_TRUE(std::filesystem::exists(Out("slurm/sweep-1/1.log")));

    std::filesystem::remove(Slurm("lost-2"));
    std::filesystem::remove(Slurm("garbage-3"));
    const Ended rest = ClusterSweep("--seeds 3");
    EXPECT_EQ(rest.code, 0) << rest.errors;
    EXPECT_THAT(rest.errors, HasSubstr("1 stored, 2 to run"));
    EXPECT_THAT(rest.errors, Not(HasSubstr("taking up")));
    EXPECT_THAT(rest.errors, HasSubstr("2 runs merged"));
}

TEST_F(SlurmSweep, RunsThatFailAreToldAsLocalOnesAre) {
    const Ended killed = ClusterSweep("--seeds 1 --set content.0.size=200MiB --wall-limit 200ms");
    EXPECT_EQ(killed.code, 1);
    EXPECT_THAT(killed.errors, HasSubstr("seed 1 failed: killed at its wall limit after"));
    const Ended failed = ClusterSweep("--seeds 2 --set \"expect.completion-time={ max = 0.001 }\"");
    EXPECT_EQ(failed.code, 1);
    EXPECT_THAT(failed.output, HasSubstr("FAILED 2/2"));
    EXPECT_THAT(failed.errors, HasSubstr("seed 2 failed: completion-time is"));
    // The tasks did what they were to do.
    EXPECT_THAT(Read(Slurm("queue")), Not(HasSubstr("FAILED")));
}

TEST_F(SlurmSweep, StoppedSweepIsTakenUpBySayingItAgain) {
    Tell("running", "1|RUNNING|None\n2|PENDING|Resources\n");
    const std::string errors = m_folder + "/stopped";
    const pid_t lab = fork();
    if (lab == 0) {
        const auto line =
            WithSlurm() + "exec " + SweepWords("--seeds 2 --executor slurm 2>" + errors);
        execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        _exit(127);
    }
    while (Read(errors).find("ended\n") == std::string::npos) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    kill(lab, SIGINT);
    int status = 0;
    ASSERT_EQ(waitpid(lab, &status, 0), lab);
    EXPECT_EQ(WEXITSTATUS(status), 130);
    EXPECT_THAT(Read(errors), HasSubstr("job 17: 1 PENDING (Resources), 1 RUNNING, 0 of 2 ended"));
    EXPECT_THAT(Read(errors), HasSubstr("stopped; job 17 goes on: the same command takes it up"));
    EXPECT_THAT(ClusterSweep("--seeds 2 --dry-run").output, HasSubstr("0 stored, 2 to run"));

    std::filesystem::remove(Slurm("running"));
    Tell("forgotten");
    const Ended other = ClusterSweep("--seed 5 --seeds 1");
    EXPECT_THAT(other.errors, Not(HasSubstr("taking up")));
    const Ended rest = ClusterSweep("--seeds 3");
    EXPECT_EQ(rest.code, 0) << rest.errors;
    EXPECT_THAT(rest.errors, HasSubstr("taking up job 17"));
    EXPECT_THAT(rest.errors, HasSubstr("2 runs merged\nsweep: 1 variants, 3 runs, 2 stored, 1 to"));
    EXPECT_FALSE(std::filesystem::exists(Out("slurm/sweep-1")));
}

TEST_F(SlurmSweep, ATaskRefusesWhatIsNotWhatWasPlanned) {
    Tell("lost-1");
    ClusterSweep("--seeds 1");
    const std::string plan = Out("slurm/sweep-1/plan.json");
    const std::string text = Read(plan);
    const auto task = [&](const std::string& from, const std::string& to) {
        std::string other = text;
        const auto at = other.find(from);
        std::ofstream(plan) << other.replace(at, from.size(), to);
        return Lab("slurm-task " + plan + " 1");
    };
    const Ended changed = task("    \"content.0.size=20kB", "    \"content.0.size=21kB");
    EXPECT_EQ(changed.code, 65);
    EXPECT_THAT(changed.errors, HasSubstr("it or its content has changed since the sweep began"));
    const Ended build = task("\"engine\": \"", "\"engine\": \"0");
    EXPECT_EQ(build.code, 65);
    EXPECT_THAT(build.errors, HasSubstr("the plan is of another build of crsp-lab"));
    EXPECT_EQ(Lab("slurm-task " + plan + ".none 1").code, 66);
    std::ofstream(plan) << text;
    EXPECT_EQ(Lab("slurm-task " + plan + " 2").code, 64);
    EXPECT_EQ(Lab("slurm-task " + plan + " 1").code, 0);
    // Begun again, it finds what it had stored.
    EXPECT_THAT(Lab("slurm-task " + plan + " 1").errors, Not(HasSubstr("seed 1")));
}

TEST_F(SlurmSweep, OptionsNeedTheirExecutor) {
    for (const char* option : {"--partition p", "--array-limit 1", "--runs-per-task 1",
                               "--shared x", "--sbatch-option time=1"}) {
        const Ended ended = LocalSweep(option);
        EXPECT_EQ(ended.code, 64);
        EXPECT_THAT(ended.errors, HasSubstr("expected the executor slurm, got 'local'")) << option;
    }
    EXPECT_EQ(ClusterSweep("--live").code, 64);
    EXPECT_EQ(LocalSweep("--executor torque").code, 64);
}

}  // namespace
}  // namespace crsp::lab
