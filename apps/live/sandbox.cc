// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>

#include "apps/live/file-descriptor.h"

namespace crsp {
namespace {

/// Everything that the first Landlock knows: bits 0 to 12.
constexpr std::uint64_t kAll = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
/// Since the third, which Debian's header does not name yet.
constexpr std::uint64_t kTruncate = 1u << 14;
constexpr long kTruncateSince = 3;
constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

long LandlockVersion() {
    return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool AllowReading(int rules, const std::string& folder) {
    const FileDescriptor fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd.IsOpen()) return errno == ENOENT;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = kRead;
    rule.parent_fd = fd.Get();
    return ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

bool BuildWall(const std::vector<std::string>& folders, long version) {
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = version >= kTruncateSince ? kAll | kTruncate : kAll;
    const FileDescriptor rules(static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0)));
    if (!rules.IsOpen()) return false;
    for (const auto& folder : folders) {
        if (!AllowReading(rules.Get(), folder)) return false;
    }
    return ::syscall(SYS_landlock_restrict_self, rules.Get(), 0) == 0;
}

}  // namespace

Expected<Sandbox, NodeError> EnterSandbox(const std::vector<std::string>& folders) {
    const auto refuse = [] {
        return Fail(NodeError{ExitCode::kFailed,
                              fmt::format("cannot enter the sandbox: {}; --no-sandbox goes without",
                                          std::strerror(errno))});
    };
    ::tzset();  // reads a file
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refuse();
    const long version = LandlockVersion();
    if (version < 1) return Sandbox::kNoLandlock;
    if (!BuildWall(folders, version)) return refuse();
    return Sandbox::kOn;
}

}  // namespace crsp
