// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "model/base/time.h"

namespace crsp::lab {

/// A program that we started: its stdout and stderr go to files. Ends with us.
class ChildProcess {
  public:
    /// `arguments` begin with the program's path. Throws std::system_error if it cannot be started.
    ChildProcess(std::string name, const std::vector<std::string>& arguments,
                 const std::string& folder);
    /// Kills it if it still runs.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// The exit code, 128 + signal, or nothing while it runs.
    std::optional<int> Poll();
    /// The rest of the line behind `prefix` on its stderr, once that has appeared. Nothing if it
    /// ends or `limit` passes first.
    std::optional<std::string> AwaitLine(const std::string& prefix, Duration limit);
    /// Waits for its end; nothing if `limit` passes first.
    std::optional<int> Wait(Duration limit);
    /// Asks it to end with SIGTERM, and makes it after `limit`. The exit code as from Poll.
    int End(Duration limit);

    const std::string& Name() const { return m_name; }
    std::string OutputPath() const { return m_folder + "/" + m_name + ".stdout"; }
    std::string LogPath() const { return m_folder + "/" + m_name + ".stderr"; }
    /// The last line on its stderr, for messages.
    std::string LastWords() const;

  private:
    std::string m_name;
    std::string m_folder;
    pid_t m_pid = -1;
    std::optional<int> m_exitCode;
};

}  // namespace crsp::lab
