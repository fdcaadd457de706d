// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "ns3/point-to-point-net-device.h"
#include "ns3/ptr.h"
#include "ns3/queue-disc.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Puts `link.discipline`, which is not drop-tail, in front of a device that has an address, with a
/// limit of `bytes` in packets of 1500 B, and leaves the device's own queue one packet.
ns3::Ptr<ns3::QueueDisc> InstallQueueDiscipline(const LinkSpec& link, std::uint64_t bytes,
                                                ns3::Ptr<ns3::PointToPointNetDevice> device);

}  // namespace crsp::lab
