// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace crsp::lab {

/// What a run leaves behind beyond the usual, if asked for.
struct ExtraTraces {
    /// Keys of all connections in `keys.log`, and captures of whole packets, so that they can be
    /// decrypted.
    bool keyLog = false;
    // Of ns-3 only.
    bool netAnim = false;      ///< `netanim.xml`
    bool ascii = false;        ///< `ascii.tr`
    bool flowMonitor = false;  ///< `flow-monitor.xml`

    bool NeedsNs3() const { return netAnim || ascii || flowMonitor; }
};

void DeclareExtraTraces(CLI::App& command, ExtraTraces& traces);

/// The options that ask for them, with a space before each.
std::string OptionsText(const ExtraTraces& traces);

}  // namespace crsp::lab
