// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>

#include "tests/lab/lab-program.h"

namespace crsp::lab {

/// crsp-lab beside programs that are called sbatch and squeue. This sbatch keeps the plan and its
/// own arguments, and runs the tasks itself, at once and in turn, each as it is told to.
class FakeSlurm : public LabProgram {
  protected:
    void SetUp() override {
        std::filesystem::create_directory(Slurm(""));
        Program("sbatch", R"(
echo "$@" >> "$here/asked"
if [ -e "$here/refuse" ]; then cat "$here/refuse" >&2; exit 1; fi
for word; do
    case $word in
        --array=1-*) tasks=${word#--array=1-}; tasks=${tasks%\%*} ;;
        --output=*) folder=$(echo "${word#--output=}" | sed 's:/[^/]*$::; s/%%/%/g') ;;
    esac
done
cp "$folder/plan.json" "$here"
: > "$here/queue"
for task in $(seq "$tasks"); do
    state=COMPLETED
    if [ -e "$here/lost-$task" ]; then
        state=NODE_FAIL
    elif [ -e "$here/garbage-$task" ]; then
        state=FAILED
        echo garbage that is no database > "$folder/$task.sqlite"
    else
        SLURM_ARRAY_TASK_ID=$task sh "$word" > "$folder/$task.log" 2>&1 || state=FAILED
    fi
    echo "$task|$state|None" >> "$here/queue"
done
echo 17
)");
        Program("squeue", R"(
if [ -e "$here/forgotten" ]; then
    echo 'slurm_load_jobs error: Invalid job id specified' >&2
    exit 1
fi
if [ -e "$here/running" ]; then cat "$here/running"; else cat "$here/queue"; fi
)");
    }

    /// Where the two are, and what they read and write.
    std::string Slurm(const std::string& name) const { return m_folder + "/slurm/" + name; }

    void Tell(const std::string& name, const std::string& text = "") const {
        std::ofstream(Slurm(name)) << text;
    }

    /// The words of each call of sbatch, one a line.
    std::string Asked() const { return Read(Slurm("asked")); }

    /// With a small scenario, and OUT below the test's folder.
    std::string SweepWords(const std::string& arguments) const {
        return CRSP_BIN_DIR "/crsp-lab sweep " CRSP_SOURCE_DIR "/scenarios/ge-2pct-b3.toml --out " +
               m_folder + "/out --set content.0.size=20kB " + arguments;
    }

    /// The environment to give them.
    std::string WithSlurm() const { return "PATH=" + Slurm("") + ":$PATH "; }

    Ended LocalSweep(const std::string& arguments) const { return Shell(SweepWords(arguments)); }

    Ended ClusterSweep(const std::string& arguments) const {
        return Shell(WithSlurm() + SweepWords("--executor slurm " + arguments));
    }

  private:
    void Program(const std::string& name, const std::string& body) const {
        std::ofstream(Slurm(name)) << "#!/bin/sh\nhere=" << Slurm("") << body;
        std::filesystem::permissions(Slurm(name), std::filesystem::perms::owner_all);
    }
};

}  // namespace crsp::lab
