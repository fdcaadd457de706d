// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "apps/ns3/crsp-application.h"
#include "model/base/socket-address.h"
#include "model/connection/endpoint-config.h"
#include "model/trace/tracer.h"
#include "ns3/node.h"
#include "ns3/ptr.h"
#include "scenarios/lab/watched-role.h"

namespace crsp::lab {

/// A CRSP node that was installed: `role` belongs to `application`.
struct Ns3Node {
    ns3::Ptr<ns3::CrspApplication> application;
    WatchedRole* role = nullptr;

    /// Ends it as a program that is told to: connections are closed, the socket stays.
    void End();
    /// Refreshes the counters of its connections.
    void Sample();
};

/// What simulated nodes share, for CrspApplication's PreSharedKey. Any key will do: who knows it
/// does not change what a network does to the packets.
const std::string& SimulationKey();

/// Installs `role` on `node` at `port`, from the present instant on. `hook` is called after each
/// call of the role; `role` and `tracer` must outlive the simulation. `keyLog` may be empty.
Ns3Node InstallNs3Node(ns3::Ptr<ns3::Node> node, std::uint16_t port, Role& role, Tracer* tracer,
                       const TransportConfig& transport, std::function<void()> hook = {},
                       KeyLog keyLog = {});

SocketAddress AddressAt(ns3::Ptr<ns3::Node> node, std::uint16_t port);

}  // namespace crsp::lab
