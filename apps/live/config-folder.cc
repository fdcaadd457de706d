// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/config-folder.h"

#include <cstdlib>
#include <string_view>

namespace crsp {
namespace {

/// A variable that holds a relative path is as good as unset (XDG Base Directory Specification).
std::string AbsolutePath(const char* variable) {
    const char* value = std::getenv(variable);
    return value && *value == '/' ? value : "";
}

std::string InConfigFolder(std::string_view name) {
    auto base = AbsolutePath("XDG_CONFIG_HOME");
    if (base.empty()) {
        base = AbsolutePath("HOME");
        if (base.empty()) return {};
        base += "/.config";
    }
    return base + "/crsp/" + std::string(name);
}

}  // namespace

std::string DefaultIdentityPath() {
    return InConfigFolder("identity.key");
}

std::string DefaultPeersPath() {
    return InConfigFolder("peers");
}

}  // namespace crsp
