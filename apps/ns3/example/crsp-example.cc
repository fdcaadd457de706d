// SPDX-License-Identifier: GPL-2.0-only
// A server, a renderer and a controller on a point-to-point link with loss: the controller plays
// an entry, pauses it and resumes it. Prints what has been rendered.
//
//     ./ns3 run "crsp-example --loss=0.05 --size=500000"
#include <iostream>

#include "apps/ns3/crsp-application.h"
#include "apps/ns3/crsp-helper.h"
#include "ns3/command-line.h"
#include "ns3/double.h"
#include "ns3/error-model.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-interface-container.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

using namespace ns3;

namespace {

/// Loses packets that arrive at `device`.
void AddLoss(Ptr<NetDevice> device, double rate) {
    auto errors = CreateObject<RateErrorModel>();
    errors->SetAttribute("ErrorUnit", StringValue("ERROR_UNIT_PACKET"));
    errors->SetAttribute("ErrorRate", DoubleValue(rate));
    device->SetAttribute("ReceiveErrorModel", PointerValue(errors));
}

}  // namespace

int main(int argc, char* argv[]) {
    double loss = 0.05;
    uint64_t size = 500'000;
    CommandLine command(__FILE__);
    command.AddValue("loss", "Share of packets lost in each direction", loss);
    command.AddValue("size", "Bytes of the entry", size);
    command.Parse(argc, argv);

    NodeContainer nodes;
    nodes.Create(2);
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", StringValue("10Mbps"));
    link.SetChannelAttribute("Delay", StringValue("50ms"));
    const NetDeviceContainer devices = link.Install(nodes);
    AddLoss(devices.Get(0), loss);
    AddLoss(devices.Get(1), loss);
    InternetStackHelper().Install(nodes);
    Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
    const Ipv4InterfaceContainer interfaces = addresses.Assign(devices);

    const InetSocketAddress server(interfaces.GetAddress(0), CrspHelper::kServerPort);
    const InetSocketAddress player(interfaces.GetAddress(1), CrspHelper::kRendererPort);
    const CrspHelper crsp;
    crsp.InstallServer(nodes.Get(0), {{"song", size}});
    const auto renderer = crsp.InstallRenderer(nodes.Get(1), server);
    const auto controller =
        crsp.InstallController(nodes.Get(0), server, player, "1 play song\n2 pause\n4 resume\n");

    Simulator::Stop(Seconds(120));
    Simulator::Run();
    std::cout << "rendered " << CrspHelper::GetBytesRendered(renderer) << " of " << size
              << " bytes; controller " << (CrspHelper::IsFinished(controller) ? "" : "not ")
              << "finished\n";
    const bool ok = CrspHelper::GetBytesRendered(renderer) == size;
    Simulator::Destroy();
    return ok ? 0 : 1;
}
