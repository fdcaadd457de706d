// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-lte.h"

#include "model/base/assert.h"

#if CRSP_NS3_HAS_LTE

#include <cmath>

#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv4.h"
#include "ns3/jakes-propagation-loss-model.h"
#include "ns3/lte-enb-rrc.h"
#include "ns3/lte-helper.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/point-to-point-epc-helper.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/simulator.h"
#include "ns3/spectrum-channel.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/ns3-access.h"
#include "scenarios/lab/ns3-walk.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

/// Random streams of the cells, whatever else was simulated before in the same process.
constexpr std::int64_t kLteStreams = 1'000'000;
/// 3GPP TR 25.814 table A.2.1.1-3, of 10 MHz: power of a base station, its antenna, power of a
/// station; dBm, dBi, dBm.
constexpr double kBaseStationPower = 46;
constexpr double kBaseStationGain = 14;
constexpr double kStationPower = 23;
/// Its tables A.2.1.1-1 and -2: 128.1 + 37.6 log10(km) + 20 for walls, in dB at 1 m and by decade.
constexpr double kUrbanLossAtOneMetre = 128.1 - 37.6 * 3 + 20;
constexpr double kUrbanExponent = 3.76;
/// Of the downlink, Hz, as ns-3 has it unless told otherwise: EARFCN 100. Fading of both ways is as
/// fast as at this one.
constexpr double kFrequency = 2.12e9;
constexpr double kLightSpeed = 299'792'458;
/// Stations send reference signals in turn, so many in a round; more do not fit a cell.
constexpr std::size_t kUsualRound = 40;
constexpr std::uint64_t kLongRound = 80;
/// Of a ring of cells.
constexpr double kRing = 6;

/// The cells of one simulation while they are built.
class LteBuilder {
  public:
    LteBuilder(const LteSpec& spec, std::vector<Ptr<ns3::Node>> stations)
        : m_spec(spec),
          m_stations(std::move(stations)),
          m_core(ns3::CreateObject<ns3::PointToPointEpcHelper>()),
          m_helper(ns3::CreateObject<ns3::LteHelper>()) {
        m_helper->SetEpcHelper(m_core);
    }

    Ptr<ns3::PointToPointEpcHelper> Core() const { return m_core; }

    void Build() {
        SetDefaults();
        SetRadio();
        BuildBaseStations();
        BuildStations();
        if (m_spec.fading) AddFading();
        AssignStreams();
        for (std::uint32_t i = 0; i < m_stationDevices.GetN(); ++i) {
            m_helper->Attach(m_stationDevices.Get(i), m_baseDevices.Get(CellOf(i)));
        }
        // With the last reference to them they would take the nodes of the core with them.
        ns3::Simulator::ScheduleDestroy([core = m_core, helper = m_helper] {});
    }

  private:
    std::uint32_t CellOf(std::size_t station) const {
        return static_cast<std::uint32_t>(station % m_spec.cells);
    }

    ns3::Vector MiddleOf(std::size_t cell) const {
        if (cell == 0) return {0, 0, 0};
        const double angle = 2 * M_PI * static_cast<double>(cell - 1) / kRing;
        return {m_spec.cellDistance * std::cos(angle), m_spec.cellDistance * std::sin(angle), 0};
    }

    /// Of objects that ns-3 makes itself, some of them only under way. All that one simulation sets
    /// is set by each.
    void SetDefaults() const {
        const auto set = [](const char* name, const ns3::AttributeValue& value) {
            ns3::Config::SetDefault(name, value);
        };
        set("ns3::LteEnbPhy::TxPower", ns3::DoubleValue(kBaseStationPower));
        set("ns3::LteUePhy::TxPower", ns3::DoubleValue(kStationPower));
        set("ns3::LteRlcUm::MaxTxBufferSize", ns3::UintegerValue(m_spec.buffer));
        set("ns3::LteRlcAm::MaxTxBufferSize", ns3::UintegerValue(m_spec.buffer));
        set("ns3::LteEnbRrc::EpsBearerToRlcMapping",
            ns3::EnumValue(m_spec.acknowledged ? ns3::LteEnbRrc::RLC_AM_ALWAYS
                                               : ns3::LteEnbRrc::RLC_UM_ALWAYS));
        set("ns3::JakesProcess::DopplerFrequencyHz",
            ns3::DoubleValue(m_spec.walk.speed * kFrequency / kLightSpeed));
        const bool many = m_stations.size() > kUsualRound;
        set("ns3::LteEnbRrc::SrsPeriodicity", ns3::UintegerValue(many ? kLongRound : kUsualRound));
    }

    void SetRadio() const {
        const ns3::UintegerValue blocks(m_spec.resourceBlocks);
        m_helper->SetEnbDeviceAttribute("DlBandwidth", blocks);
        m_helper->SetEnbDeviceAttribute("UlBandwidth", blocks);
        m_helper->SetEnbAntennaModelAttribute("Gain", ns3::DoubleValue(kBaseStationGain));
        if (m_spec.pathLoss == PathLoss::kUrbanMacro) {
            m_helper->SetPathlossModelType(ns3::LogDistancePropagationLossModel::GetTypeId());
            m_helper->SetPathlossModelAttribute("ReferenceLoss",
                                                ns3::DoubleValue(kUrbanLossAtOneMetre));
            m_helper->SetPathlossModelAttribute("Exponent", ns3::DoubleValue(kUrbanExponent));
        }
        if (m_spec.cells > 1) m_helper->SetHandoverAlgorithmType("ns3::A3RsrpHandoverAlgorithm");
    }

    void BuildBaseStations() {
        m_bases.Create(static_cast<std::uint32_t>(m_spec.cells));
        for (std::uint32_t i = 0; i < m_bases.GetN(); ++i) Stand(m_bases.Get(i), MiddleOf(i));
        m_baseDevices = m_helper->InstallEnbDevice(m_bases);
        if (m_spec.cells > 1) m_helper->AddX2Interface(m_bases);
    }

    void BuildStations() {
        for (std::size_t i = 0; i < m_stations.size(); ++i) {
            Walk(m_spec.walk, MiddleOf(CellOf(i)), m_stations[i], i, m_stations.size());
            m_stationDevices.Add(m_helper->InstallUeDevice(m_stations[i]));
        }
        m_core->AssignUeIpv4Address(m_stationDevices);
        for (const auto& station : m_stations) {
            ns3::Ipv4StaticRoutingHelper()
                .GetStaticRouting(station->GetObject<ns3::Ipv4>())
                ->SetDefaultRoute(m_core->GetUeDefaultGatewayAddress(), 1);
        }
    }

    void AddFading() {
        for (const auto& channel :
             {m_helper->GetUplinkSpectrumChannel(), m_helper->GetDownlinkSpectrumChannel()}) {
            m_fading.push_back(ns3::CreateObject<ns3::JakesPropagationLossModel>());
            channel->AddPropagationLossModel(m_fading.back());
            // It and its processes hold each other, and through them stations that were.
            ns3::Simulator::ScheduleDestroy(&ns3::Object::Dispose, m_fading.back());
        }
    }

    void AssignStreams() {
        std::int64_t next = kLteStreams;
        next += m_helper->AssignStreams(m_baseDevices, next);
        next += m_helper->AssignStreams(m_stationDevices, next);
        next += ns3::InternetStackHelper().AssignStreams(m_bases, next);
        for (const auto& fading : m_fading) next += fading->AssignStreams(next);
    }

    const LteSpec m_spec;
    const std::vector<Ptr<ns3::Node>> m_stations;
    Ptr<ns3::PointToPointEpcHelper> m_core;
    Ptr<ns3::LteHelper> m_helper;
    ns3::NodeContainer m_bases;
    ns3::NetDeviceContainer m_baseDevices;
    ns3::NetDeviceContainer m_stationDevices;
    std::vector<Ptr<ns3::JakesPropagationLossModel>> m_fading;
};

/// A node's end of its newest link.
struct LinkEnd {
    Ptr<ns3::Ipv4StaticRouting> routing;
    std::uint32_t interface = 0;
    ns3::Ipv4Address address;
};

LinkEnd NewestOf(Ptr<ns3::Node> node) {
    const auto ip = node->GetObject<ns3::Ipv4>();
    const std::uint32_t interface = ip->GetNInterfaces() - 1;
    return {ns3::Ipv4StaticRoutingHelper().GetStaticRouting(ip), interface,
            ip->GetAddress(interface, 0).GetLocal()};
}

}  // namespace

bool HasLte() {
    return true;
}

void BuildLteCells(const AccessSpec& access, Ptr<ns3::Node> router,
                   const std::vector<Ptr<ns3::Node>>& stations, Addresses& addresses) {
    LteBuilder builder(access.lte, stations);
    const auto gateway = builder.Core()->GetPgwNode();
    BuildCleanHop(access.rate, access.delay, router, gateway, addresses);
    const LinkEnd inner = NewestOf(gateway);
    const LinkEnd outer = NewestOf(router);
    inner.routing->SetDefaultRoute(outer.address, inner.interface);
    // The network that ns-3 gives all stations of a packet core.
    outer.routing->AddNetworkRouteTo("7.0.0.0", "255.0.0.0", inner.address, outer.interface);
    builder.Build();
}

}  // namespace crsp::lab

#else

namespace crsp::lab {

bool HasLte() {
    return false;
}

void BuildLteCells(const AccessSpec&, ns3::Ptr<ns3::Node>, const std::vector<ns3::Ptr<ns3::Node>>&,
                   Addresses&) {
    CRSP_ASSERT(HasLte());
}

}  // namespace crsp::lab

#endif
