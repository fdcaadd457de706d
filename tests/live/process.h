// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/file-descriptor.h"

namespace crsp {

/// One of the project's programs, run by a test: its output is collected, every wait has a bound,
/// and nothing outlives the test.
class Process {
  public:
    static constexpr std::chrono::seconds kPatience{60};

    enum class Input { kNone, kTyped };

    /// Starts `program` of this build, with nothing on its standard input unless it is typed.
    Process(const std::string& program, const std::vector<std::string>& arguments,
            Input input = Input::kNone);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Reads stderr until it holds `count` times a line `listening on HOST:PORT`, and returns the
    /// last one's HOST:PORT; empty if the program ended or kPatience passed before.
    std::string WaitListening(std::size_t count = 1);
    /// Waits for the end and returns the exit code, 128 + signal if one killed it; nothing, and the
    /// process killed, if it outlives kPatience.
    std::optional<int> Wait();
    void Signal(int number);
    /// Puts `text` on its standard input.
    void Type(std::string_view text);
    /// Reads stderr until it holds `phrase`; false if the program ended or kPatience passed before.
    bool WaitSaid(std::string_view phrase);

    pid_t Pid() const { return m_pid; }
    const std::string& Out() const { return m_out; }
    const std::string& Err() const { return m_err; }

  private:
    using Deadline = std::chrono::steady_clock::time_point;

    /// Collects what the program says until there is more of it or it has ended. False after
    /// `deadline` or when both pipes have closed.
    bool Collect(Deadline deadline);
    void Take(FileDescriptor& from, std::string& to);

    pid_t m_pid = -1;
    FileDescriptor m_inPipe;
    FileDescriptor m_outPipe;
    FileDescriptor m_errPipe;
    std::string m_out;
    std::string m_err;
    std::optional<int> m_code;
};

/// Runs a program to its end.
struct Finished {
    int code = -1;
    std::string out;
    std::string err;
};
Finished RunToEnd(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace crsp
