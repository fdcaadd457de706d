// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace crsp {

/// While it lives, file modes bind this process and those that it starts, also if root runs it
/// (capabilities(7)).
class ObeyedFileModes {
  public:
    ObeyedFileModes() {
        if (::geteuid() != 0) return;
        m_bits = ::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
        m_obeyed = m_bits >= 0 && ::syscall(SYS_capget, &m_header, m_before.data()) == 0;
        if (!m_obeyed) return;
        auto without = m_before;
        for (const int capability : {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH}) {
            without[0].effective &= ~CAP_TO_MASK(capability);
        }
        // What is started as root would have them again.
        m_obeyed = ::prctl(PR_SET_SECUREBITS, m_bits | SECBIT_NOROOT, 0, 0, 0) == 0 &&
                   ::syscall(SYS_capset, &m_header, without.data()) == 0;
    }
    ~ObeyedFileModes() {
        if (::geteuid() != 0 || m_bits < 0) return;
        ::syscall(SYS_capset, &m_header, m_before.data());
        ::prctl(PR_SET_SECUREBITS, m_bits, 0, 0, 0);
    }
    ObeyedFileModes(const ObeyedFileModes&) = delete;
    ObeyedFileModes& operator=(const ObeyedFileModes&) = delete;

    /// False if the system does not let root be bound.
    explicit operator bool() const { return m_obeyed; }

  private:
    bool m_obeyed = true;
    int m_bits = -1;
    __user_cap_header_struct m_header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> m_before{};
};

}  // namespace crsp
