// SPDX-License-Identifier: BSD-3-Clause
#include "apps/cli/standard-output.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace crsp {
namespace {

constexpr int kExitFailed = 1;

/// Why stdout failed first; 0 if it has not. A later flush finds nothing left and succeeds.
int g_failure = 0;

void Remember(bool written) {
    if (!written && g_failure == 0) g_failure = errno;
}

}  // namespace

void WriteOutput(std::string_view text) {
    Remember(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
    Remember(std::fflush(stdout) == 0);
}

int FinishOutput(std::string_view program, int code) {
    Remember(std::fflush(stdout) == 0);
    if (g_failure == 0 && std::ferror(stdout) != 0) g_failure = EIO;
    if (g_failure == 0) return code;
    fmt::print(stderr, "{}: cannot write to standard output: {}\n", program,
               std::strerror(g_failure));
    return code == 0 ? kExitFailed : code;
}

}  // namespace crsp
