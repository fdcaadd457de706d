// SPDX-License-Identifier: GPL-2.0-only
#include "apps/ns3/crsp-helper.h"

#include <memory>
#include <utility>

#include "apps/ns3/address-conversion.h"
#include "apps/ns3/crsp-application.h"
#include "model/base/random.h"
#include "model/media/memory-content-store.h"
#include "model/media/renderer-role.h"
#include "model/media/scripted-controller.h"
#include "model/media/server-role.h"
#include "ns3/fatal-error.h"
#include "ns3/uinteger.h"

namespace ns3 {
namespace {

/// Counts what is rendered.
class CountingSink : public crsp::Sink {
  public:
    crsp::Expected<void, crsp::MediaErrorCode> Begin(crsp::TimePoint, crsp::Generation,
                                                     const crsp::ContentInfo&) override {
        return {};
    }
    crsp::Expected<std::size_t, crsp::MediaErrorCode> Render(crsp::TimePoint, crsp::Generation,
                                                             std::uint64_t,
                                                             crsp::ConstByteSpan bytes) override {
        m_bytes += bytes.size();
        return bytes.size();
    }
    crsp::Expected<void, crsp::MediaErrorCode> End(crsp::TimePoint, crsp::Generation,
                                                   bool) override {
        return {};
    }

    std::uint64_t Bytes() const { return m_bytes; }

  private:
    std::uint64_t m_bytes = 0;
};

/// First base of a role that needs it, so that it is made before and destroyed after the role.
template <class T>
struct Holder {
    T held;
};

class OwningServer : private Holder<crsp::MemoryContentStore>, public crsp::ServerRole {
  public:
    explicit OwningServer(const std::vector<CrspEntry>& entries) : ServerRole({}, held) {
        for (const CrspEntry& entry : entries) {
            held.AddGenerated(entry.name, entry.size, crsp::StableHash(entry.name));
        }
    }
};

class OwningRenderer : private Holder<CountingSink>, public crsp::RendererRole {
  public:
    explicit OwningRenderer(crsp::RendererConfig config) : RendererRole(std::move(config), held) {}
    std::uint64_t Bytes() const { return held.Bytes(); }
};

ApplicationContainer Install(const ObjectFactory& factory, Ptr<Node> node, uint16_t port,
                             std::unique_ptr<crsp::Role> role) {
    const auto application = factory.Create<CrspApplication>();
    application->SetAttribute("Port", UintegerValue(port));
    application->SetRole(std::move(role));
    node->AddApplication(application);
    return ApplicationContainer(application);
}

/// The role of an installed application, or nothing if it is of another kind.
template <class T>
const T* RoleOf(const ApplicationContainer& applications) {
    if (applications.GetN() != 1) return nullptr;
    const auto application = DynamicCast<CrspApplication>(applications.Get(0));
    return application ? dynamic_cast<const T*>(application->GetRole()) : nullptr;
}

}  // namespace

CrspHelper::CrspHelper() {
    m_factory.SetTypeId(CrspApplication::GetTypeId());
}

void CrspHelper::SetAttribute(const std::string& name, const AttributeValue& value) {
    m_factory.Set(name, value);
}

ApplicationContainer CrspHelper::InstallServer(Ptr<Node> node,
                                               const std::vector<CrspEntry>& entries) const {
    return Install(m_factory, node, kServerPort, std::make_unique<OwningServer>(entries));
}

ApplicationContainer CrspHelper::InstallRenderer(Ptr<Node> node, const Address& server) const {
    crsp::RendererConfig config;
    config.servers = {{"server", {FromNs3Address(server)}}};
    return Install(m_factory, node, kRendererPort, std::make_unique<OwningRenderer>(config));
}

ApplicationContainer CrspHelper::InstallController(Ptr<Node> node, const Address& server,
                                                   const Address& renderer,
                                                   const std::string& script) const {
    crsp::ScriptedControllerConfig config;
    const auto parsed = crsp::ParseScript(script);
    if (!parsed) {
        NS_FATAL_ERROR("CrspHelper: line " << parsed.error().line << " of the controller's script: "
                                           << parsed.error().message);
    }
    config.script = *parsed;
    config.controller.server = crsp::PeerTarget{FromNs3Address(server)};
    config.controller.renderer = crsp::PeerTarget{FromNs3Address(renderer)};
    config.controller.instance = node->GetId();
    return Install(m_factory, node, kControllerPort,
                   std::make_unique<crsp::ScriptedController>(std::move(config)));
}

uint64_t CrspHelper::GetBytesRendered(const ApplicationContainer& renderer) {
    const auto* role = RoleOf<OwningRenderer>(renderer);
    return role ? role->Bytes() : 0;
}

bool CrspHelper::IsFinished(const ApplicationContainer& controller) {
    const auto* role = RoleOf<crsp::ScriptedController>(controller);
    return role && role->Finished();
}

}  // namespace ns3
