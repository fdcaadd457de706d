// SPDX-License-Identifier: BSD-3-Clause
#include "apps/version/version.h"

#include <fmt/format.h>
#include <sodium.h>

namespace crsp {
namespace {

#ifdef __clang__
constexpr std::string_view kCompiler = __VERSION__;
#else
constexpr std::string_view kCompiler = "GCC " __VERSION__;
#endif

}  // namespace

std::string VersionText(std::string_view program, std::string_view ns3Version) {
    std::string text = fmt::format(
        "{} {}\n"
        "commit    {}\n"
        "compiler  {}\n"
        "engine    {}\n"
        "crypto    libsodium {}",
        program, CRSP_VERSION, GitCommit(), kCompiler, EngineHash(), sodium_version_string());
    if (!ns3Version.empty()) {
        text += fmt::format("\nns-3      {}", ns3Version);
    }
    return text;
}

}  // namespace crsp
