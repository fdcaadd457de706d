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
    /// Ends it as a power cut would.
    void Crash();
    /// Refreshes the counters of its connections.
    void Sample();
};

/// Which program in a row on its node and port this is. Each has chances of its own, and all have
/// what lasts on a machine: the secret that Resets are made with.
struct Incarnation {
    bool lasting = false;  ///< others come after it, or came before
    std::uint64_t number = 0;
};

/// What simulated nodes share, for CrspApplication's PreSharedKey. Any key will do: who knows it
/// does not change what a network does to the packets.
const std::string& SimulationKey();

/// Installs `role` on `node` at `port`, from the present instant on. `hook` is called after each
/// call of the role; `role` and `tracer` must outlive the simulation. `keyLog` may be empty.
Ns3Node InstallNs3Node(ns3::Ptr<ns3::Node> node, std::uint16_t port, Role& role, Tracer* tracer,
                       const TransportConfig& transport, std::function<void()> hook = {},
                       KeyLog keyLog = {}, const Incarnation& incarnation = {});

/// What all nodes of a simulation share.
PreSharedKey SimulationPreSharedKey();

SocketAddress AddressAt(ns3::Ptr<ns3::Node> node, std::uint16_t port);

}  // namespace crsp::lab
