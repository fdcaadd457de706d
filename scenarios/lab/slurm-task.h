// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>

namespace crsp::lab {

/// `crsp-lab slurm-task`, as given on the command line.
struct TaskCommand {
    std::string plan;
    std::uint64_t task = 0;
};

/// Declares the command.
void DeclareTaskCommand(CLI::App& app, TaskCommand& command);

/// Runs what is missing of one task of a plan, and stores it in a database beside the plan that is
/// this task's alone. Returns the exit code: kExitOk also if runs are not as they should be, which
/// the database says.
int RunTaskCommand(const TaskCommand& command);

}  // namespace crsp::lab
