// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "apps/live/exit-code.h"
#include "model/base/result.h"
#include "model/base/sanitized.h"

namespace crsp {

/// Which walls stand. The kernel, or whoever set it up, may offer one and not the other; no new
/// privileges are gained all the same.
struct Sandbox {
    bool files = false;  ///< Landlock
    bool calls = false;  ///< seccomp
};

/// The second wall of a program that opens files for others: for the rest of its life the calling
/// thread gains no privileges (PR_SET_NO_NEW_PRIVS), opens no file but to read it in one of
/// `folders` or below, and makes, replaces and removes none (Landlock); it starts no program and no
/// process, opens no socket, connects none, looks into no other process and sends it no signal, and
/// changes nothing about files, limits and priorities (seccomp: EPERM). Threads may be started.
/// What it holds open stays open. To call before anything comes from the network, and before other
/// threads begin. Folders that do not exist are left out; kFailed if a wall cannot be built
/// although the kernel has it.
Expected<Sandbox, NodeError> EnterSandbox(const std::vector<std::string>& folders);

}  // namespace crsp
