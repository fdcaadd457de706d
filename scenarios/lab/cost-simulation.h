// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/base/time.h"

namespace crsp::lab {

/// Whose packets are simulated: ns-3's own applications, or a play of one content.
enum class CostSubject { kUdpOnOff, kUdpClient, kTcp, kCrsp };

inline constexpr std::array kCostSubjects{CostSubject::kUdpOnOff, CostSubject::kUdpClient,
                                          CostSubject::kTcp, CostSubject::kCrsp};

std::string_view CostName(CostSubject subject);

/// Two nodes and their link; or a dumbbell, whose routers every packet passes.
enum class CostTopology { kLink, kDumbbell };

/// The same for all subjects.
struct CostLoad {
    CostTopology topology = CostTopology::kLink;
    std::uint64_t rate = 100'000'000;   ///< of the link, or that between the routers, bit/s
    Duration delay = milliseconds(10);  ///< one way
    std::uint64_t bytes = 50'000'000;   ///< of payload
};

/// Payload bytes of one packet: what a full one of ours carries.
inline constexpr std::uint32_t kCostPayload = 1411;

/// What simulating it took.
struct CostRun {
    double cpuSeconds = 0;           ///< of this process, between the first event and the last
    std::uint64_t packetsThere = 0;  ///< that the sender put on its link
    std::uint64_t packetsBack = 0;
    std::uint64_t events = 0;
    std::uint64_t bytesArrived = 0;  ///< of payload, at the receiving application
};

/// Carries the load once between two nodes over links that lose nothing, in ns-3. Uses the
/// process's one simulator, and leaves it destroyed.
CostRun SimulateForCost(CostSubject subject, const CostLoad& load);

}  // namespace crsp::lab
