// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/extra-traces.h"

namespace crsp::lab {
namespace {

constexpr const char* kKeyLog = "--keylog";
constexpr const char* kNetAnim = "--netanim";
constexpr const char* kAscii = "--ascii";
constexpr const char* kFlowMonitor = "--flow-monitor";

}  // namespace

void DeclareExtraTraces(CLI::App& command, ExtraTraces& traces) {
    command.add_flag(kKeyLog, traces.keyLog,
                     "Keep the keys of all connections, and whole packets, to decrypt them");
    command.add_flag(kNetAnim, traces.netAnim, "Write netanim.xml, for NetAnim");
    command.add_flag(kAscii, traces.ascii, "Write ascii.tr, ns-3's trace of every link");
    command.add_flag(kFlowMonitor, traces.flowMonitor,
                     "Write flow-monitor.xml, ns-3's statistics of every flow");
}

std::string OptionsText(const ExtraTraces& traces) {
    std::string text;
    const auto add = [&](bool asked, const char* option) {
        if (asked) text += std::string(" ") + option;
    };
    add(traces.keyLog, kKeyLog);
    add(traces.netAnim, kNetAnim);
    add(traces.ascii, kAscii);
    add(traces.flowMonitor, kFlowMonitor);
    return text;
}

}  // namespace crsp::lab
