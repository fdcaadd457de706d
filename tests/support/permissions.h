// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace crsp {

/// From now on file modes bind this process and those that it starts, also if root runs it; for
/// the process's life (capabilities(7)). False if the system refuses.
inline bool ObeyFileModes() {
    constexpr std::array kOverrides{CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH};
    if (::geteuid() != 0) return true;
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
    for (const int capability : kOverrides) {
        // What is started as root would have them again.
        if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return false;
        for (auto* set : {&sets[0].effective, &sets[0].permitted, &sets[0].inheritable}) {
            *set &= ~CAP_TO_MASK(capability);
        }
    }
    return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

}  // namespace crsp
