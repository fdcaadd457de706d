// SPDX-License-Identifier: GPL-2.0-only
#include "tests/ns3/recording.h"

#include <algorithm>

namespace crsp::test {

void Recording::OnInputDatagram(TimePoint now, const Datagram& datagram) {
    const auto& bytes = datagram.payload;
    m_inputs.push_back(
        {Kind::kDatagram, now, datagram.source, datagram.ecn, {bytes.begin(), bytes.end()}});
}

void Recording::OnInputAlarm(TimePoint now) {
    m_inputs.push_back({Kind::kAlarm, now, {}, Ecn::kNotEct, {}});
}

void Recording::OnInputPump(TimePoint now) {
    m_inputs.push_back({Kind::kPump, now, {}, Ecn::kNotEct, {}});
}

void Recording::OnOutput(TimePoint now, const Transmit& transmit, ConstByteSpan bytes) {
    m_outputs.push_back({now,
                         transmit.destination,
                         transmit.ecn,
                         transmit.segmentSize,
                         {bytes.begin(), bytes.end()}});
}

std::size_t Recording::CountOf(Kind kind) const {
    return static_cast<std::size_t>(
        std::count_if(m_inputs.begin(), m_inputs.end(),
                      [kind](const Input& input) { return input.kind == kind; }));
}

void Recording::Flip(std::size_t index) {
    for (Input& input : m_inputs) {
        if (input.kind != Kind::kDatagram || index-- > 0) continue;
        input.bytes.back() ^= std::byte{1};
        return;
    }
}

/// Start() and OnAlarm() pump by themselves: the pump recorded behind each is not a call of its
/// own.
std::vector<ReplayStep> StepsOf(const Recording& recording) {
    std::vector<ReplayStep> steps;
    bool pumpsItself = true;
    for (const Recording::Input& input : recording.Inputs()) {
        if (input.kind == Recording::Kind::kDatagram) {
            steps.push_back({input.at, [&input](Driver& driver) {
                                 auto bytes = input.bytes;
                                 driver.OnDatagram({input.source, input.ecn, bytes});
                             }});
        } else if (input.kind == Recording::Kind::kAlarm) {
            steps.push_back({input.at, [](Driver& driver) { driver.OnAlarm(); }});
            pumpsItself = true;
        } else if (steps.empty()) {
            steps.push_back({input.at, [](Driver& driver) { driver.Start(); }});
            pumpsItself = false;
        } else if (pumpsItself) {
            pumpsItself = false;
        } else {
            steps.push_back({input.at, [](Driver& driver) { driver.Pump(); }});
        }
    }
    return steps;
}

}  // namespace crsp::test
