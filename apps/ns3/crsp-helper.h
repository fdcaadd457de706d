// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ns3/address.h"
#include "ns3/application-container.h"
#include "ns3/attribute.h"
#include "ns3/node.h"
#include "ns3/object-factory.h"
#include "ns3/ptr.h"

namespace ns3 {

/// One entry of a simulated server's catalogue; its bytes are made from its name.
struct CrspEntry {
    std::string name;
    uint64_t size;  ///< bytes
};

/// Installs the three CRSP roles. Each Install makes one CrspApplication that starts at time 0
/// unless told otherwise.
///
/// Ports are those of the original CRSP: server 59001, renderer 59002; the controller's is 59003.
class CrspHelper {
  public:
    static constexpr uint16_t kServerPort = 59001;
    static constexpr uint16_t kRendererPort = 59002;
    static constexpr uint16_t kControllerPort = 59003;

    CrspHelper();
    /// An attribute of every application installed from now on; see ns3::CrspApplication.
    void SetAttribute(const std::string& name, const AttributeValue& value);

    ApplicationContainer InstallServer(Ptr<Node> node, const std::vector<CrspEntry>& entries) const;
    /// A renderer that pulls from `server`, an InetSocketAddress or Inet6SocketAddress.
    ApplicationContainer InstallRenderer(Ptr<Node> node, const Address& server) const;
    /// A controller that does what `script` says: lines of `SECONDS VERB [ENTRY]` with the verbs
    /// list, play, pause, resume, restart, stop, status. Ends the program if the script is wrong.
    ApplicationContainer InstallController(Ptr<Node> node, const Address& server,
                                           const Address& renderer,
                                           const std::string& script) const;

    /// Bytes that the renderer installed by InstallRenderer has rendered, over all generations.
    static uint64_t GetBytesRendered(const ApplicationContainer& renderer);
    /// Whether every command of the controller has been answered, and what it began has ended.
    static bool IsFinished(const ApplicationContainer& controller);

  private:
    ObjectFactory m_factory;
};

}  // namespace ns3
