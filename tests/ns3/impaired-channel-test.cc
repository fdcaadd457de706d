// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <memory>
#include <vector>

#include "apps/ns3/crsp-impaired-channel.h"
#include "model/impair/link-emulator.h"
#include "ns3/bulk-send-helper.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv6-address-helper.h"
#include "ns3/node-container.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/packet-sink.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/simulator.h"
#include "ns3/socket.h"
#include "ns3/string.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

namespace crsp {
namespace {

using namespace std::chrono_literals;
using namespace ns3;

constexpr uint32_t kPayload = 970;  // 1000 bytes with the headers: 0.8 ms at 10 Mbit/s
constexpr uint32_t kPackets = 20'000;
constexpr uint64_t kSeed = 7;
constexpr int64_t kIntervalMs = 1;
constexpr uint16_t kPort = 9;

struct Arrival {
    uint32_t index;  ///< of the packet, as its sender counted
    double milliseconds;
    std::vector<uint8_t> bytes;
};

/// Two nodes on a 10 Mbit/s link of no delay of its own; the first sends UDP datagrams that carry
/// their index in each four bytes, one a millisecond.
class ImpairedChannel : public ::testing::Test {
  protected:
    ImpairedChannel() {
        m_nodes.Create(2);
        PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", StringValue("10Mbps"));
        const auto devices = link.Install(m_nodes);
        m_channel = CrspImpairedChannel::Replace(devices);
        InternetStackHelper stack;
        stack.SetIpv6StackInstall(false);
        stack.Install(m_nodes);
        Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
        m_to = InetSocketAddress(addresses.Assign(devices).GetAddress(1), kPort);
        m_receiver = Socket::CreateSocket(m_nodes.Get(1), UdpSocketFactory::GetTypeId());
        m_receiver->Bind(InetSocketAddress(Ipv4Address::GetAny(), kPort));
        m_receiver->SetRecvCallback(MakeCallback(&ImpairedChannel::OnReadable, this));
        m_sender = Socket::CreateSocket(m_nodes.Get(0), UdpSocketFactory::GetTypeId());
        m_sender->Connect(m_to);
    }

    ~ImpairedChannel() override { Simulator::Destroy(); }

    void Impair(const ImpairmentConfig& config) {
        m_channel->SetImpairments(0, config, kSeed, "forward");
    }

    const LinkCounters& Flow(uint32_t packets = kPackets) {
        Simulator::Schedule(Seconds(0), &ImpairedChannel::Send, this, 0U, packets);
        Simulator::Stop(MilliSeconds(kIntervalMs * packets) + Seconds(10));
        Simulator::Run();
        return m_channel->GetCounters(0);
    }

    using Drops = std::map<std::string, uint64_t>;

    void CountDrops() {
        const auto count = [this](Ptr<const Packet>, const std::string& reason) {
            ++m_drops[reason];
        };
        m_channel->TraceConnectWithoutContext(
            "Drop", Callback<void, Ptr<const Packet>, const std::string&>(count));
    }

    void SendOne(uint32_t size) {
        Simulator::Schedule(Seconds(0), [=, this] { m_sender->Send(Create<Packet>(size)); });
    }

    static std::vector<uint8_t> Payload(uint32_t index) {
        std::vector<uint8_t> bytes(kPayload);
        for (uint32_t i = 0; i < kPayload; ++i) {
            bytes[i] = static_cast<uint8_t>(index >> 8 * (i % 4));
        }
        return bytes;
    }

    static double SentMs(uint32_t index) { return 1.0 * kIntervalMs * index; }

    std::vector<bool> Arrived() const {
        std::vector<bool> arrived(kPackets);
        for (const auto& arrival : m_arrivals) arrived.at(arrival.index) = true;
        return arrived;
    }

    NodeContainer m_nodes;
    Ptr<CrspImpairedChannel> m_channel;
    Address m_to;
    std::vector<Arrival> m_arrivals;
    Drops m_drops;

  private:
    void Send(uint32_t index, uint32_t packets) {
        const auto bytes = Payload(index);
        m_sender->Send(Create<Packet>(bytes.data(), kPayload));
        if (index + 1 == packets) return;
        Simulator::Schedule(MilliSeconds(kIntervalMs), &ImpairedChannel::Send, this, index + 1,
                            packets);
    }

    void OnReadable(Ptr<Socket> socket) {
        while (const auto packet = socket->Recv()) {
            Arrival arrival{0, Simulator::Now().GetSeconds() * 1e3, {}};
            arrival.bytes.resize(packet->GetSize());
            packet->CopyData(arrival.bytes.data(), packet->GetSize());
            arrival.index = MajorityIndex(arrival.bytes);
            m_arrivals.push_back(std::move(arrival));
        }
    }

    /// The index that most of the datagram says, since some bits may be wrong.
    static uint32_t MajorityIndex(const std::vector<uint8_t>& bytes) {
        std::map<uint32_t, int> votes;
        for (std::size_t i = 0; i + 4 <= std::min<std::size_t>(bytes.size(), 20); i += 4) {
            const auto* b = bytes.data() + i;
            ++votes[b[0] | b[1] << 8 | b[2] << 16 | static_cast<uint32_t>(b[3]) << 24];
        }
        const auto most = std::max_element(votes.begin(), votes.end(),
                                           [](auto& a, auto& b) { return a.second < b.second; });
        return most == votes.end() ? 0 : most->first;
    }

    Ptr<Socket> m_sender;
    Ptr<Socket> m_receiver;
};

constexpr double kSerialisationMs = 0.8;

double Tolerance(double n, double p) {
    return 4 * std::sqrt(n * p * (1 - p));
}

TEST_F(ImpairedChannel, WithoutImpairmentsIsAPlainLink) {
    m_channel->SetAttribute("Delay", StringValue("5ms"));
    Flow(100);
    ASSERT_EQ(m_arrivals.size(), 100U);
    for (uint32_t i = 0; i < 100; ++i) {
        EXPECT_EQ(m_arrivals[i].index, i);
        EXPECT_NEAR(m_arrivals[i].milliseconds, SentMs(i) + kSerialisationMs + 5, 1e-6);
        EXPECT_EQ(m_arrivals[i].bytes, Payload(i));
    }
}

TEST_F(ImpairedChannel, LossAndDelayAreAsConfigured) {
    ImpairmentConfig config;
    config.loss.process = BernoulliLoss{0.05, 0};
    config.delay = 50ms;
    Impair(config);
    CountDrops();
    const auto& counters = Flow();
    EXPECT_EQ(counters.offered, kPackets);
    EXPECT_EQ(m_drops, (Drops{{"loss", counters.Dropped(DropReason::kLoss)}}));
    EXPECT_EQ(counters.delivered, m_arrivals.size());
    EXPECT_EQ(counters.bytesOffered, uint64_t{kPackets} * kPayload);
    const double lost = kPackets - static_cast<double>(m_arrivals.size());
    EXPECT_NEAR(lost, 0.05 * kPackets, Tolerance(kPackets, 0.05));
    for (const auto& arrival : m_arrivals) {
        ASSERT_NEAR(arrival.milliseconds, SentMs(arrival.index) + kSerialisationMs + 50, 1e-6);
    }
}

TEST_F(ImpairedChannel, DecidesAsTheEmulatorAloneDoes) {
    ImpairmentConfig config;
    config.loss.process = *GilbertFromMean(0.1, 4);
    Impair(config);
    Flow();
    const auto arrived = Arrived();
    LinkEmulator alone(config, kSeed, "forward");
    for (uint32_t i = 0; i < kPackets; ++i) {
        const auto verdict = alone.Offer(TimePoint{i * 1ms}, kPayload);
        ASSERT_EQ(verdict.Dropped(), !arrived[i]) << i;
    }
}

TEST_F(ImpairedChannel, TheOtherDirectionStaysWhole) {
    ImpairmentConfig config;
    config.loss.process = BernoulliLoss{1, 0};
    m_channel->SetImpairments(1, config, kSeed, "backward");
    Flow(100);
    EXPECT_EQ(m_arrivals.size(), 100U);
}

TEST_F(ImpairedChannel, JitterWithoutReorderingKeepsTheOrder) {
    ImpairmentConfig config;
    config.delay = 20ms;
    config.jitter = {JitterConfig::Kind::kTruncatedNormal, 5ms, false};
    Impair(config);
    Flow();
    ASSERT_EQ(m_arrivals.size(), kPackets);
    for (uint32_t i = 0; i < kPackets; ++i) {
        ASSERT_EQ(m_arrivals[i].index, i);
        const double jitter = m_arrivals[i].milliseconds - SentMs(i) - kSerialisationMs - 20;
        ASSERT_GE(jitter, -1e-6);
        ASSERT_LE(jitter, 15 + 1e-6);
    }
}

TEST_F(ImpairedChannel, JitterReordersWhenItMay) {
    ImpairmentConfig config;
    config.jitter = {JitterConfig::Kind::kTruncatedNormal, 5ms, true};
    Impair(config);
    const auto& counters = Flow(1000);
    EXPECT_EQ(m_arrivals.size(), 1000U);
    EXPECT_FALSE(std::is_sorted(m_arrivals.begin(), m_arrivals.end(),
                                [](auto& a, auto& b) { return a.index < b.index; }));
    EXPECT_GT(counters.reordered, 100U);
}

TEST_F(ImpairedChannel, CopiesArrive) {
    ImpairmentConfig config;
    config.duplicate = {0.1, 2};
    Impair(config);
    const auto& counters = Flow();
    EXPECT_EQ(m_arrivals.size(), kPackets + counters.duplicated);
    EXPECT_NEAR(static_cast<double>(counters.duplicated) / 2, 0.1 * kPackets,
                Tolerance(kPackets, 0.1));
}

TEST_F(ImpairedChannel, ADamagedDatagramArrivesWithThatManyWrongBitsInItsPayload) {
    ImpairmentConfig config;
    config.corrupt = {0.1, 3, 0};
    Impair(config);
    const auto& counters = Flow(5000);
    ASSERT_EQ(m_arrivals.size(), 5000U);
    uint64_t damaged = 0;
    for (uint32_t i = 0; i < 5000; ++i) {
        const auto sent = Payload(i);
        ASSERT_EQ(m_arrivals[i].bytes.size(), sent.size());
        int flips = 0;
        for (std::size_t b = 0; b < sent.size(); ++b) {
            flips += std::popcount(static_cast<unsigned>(sent[b] ^ m_arrivals[i].bytes[b]));
        }
        ASSERT_TRUE(flips == 0 || flips == 3) << i;
        damaged += flips == 3;
    }
    EXPECT_EQ(damaged, counters.corrupted);
    EXPECT_NEAR(static_cast<double>(damaged), 500, Tolerance(5000, 0.1));
    EXPECT_EQ(m_channel->GetChecksumDrops(0), 0U);
}

TEST_F(ImpairedChannel, ACutDatagramArrivesShorter) {
    ImpairmentConfig config;
    config.truncate.probability = 1;
    Impair(config);
    Flow(100);
    ASSERT_GE(m_arrivals.size(), 95U);  // a datagram cut to nothing may not show
    for (const auto& arrival : m_arrivals) {
        const auto sent = Payload(arrival.bytes.size() < 4 ? 0 : arrival.index);
        ASSERT_LT(arrival.bytes.size(), sent.size());
        if (arrival.bytes.size() < 4) continue;
        EXPECT_TRUE(std::equal(arrival.bytes.begin(), arrival.bytes.end(), sent.begin()));
    }
}

TEST_F(ImpairedChannel, ABlackoutDropsWhatLeavesTheDeviceInIt) {
    ImpairmentConfig config;
    // The last bit of packet i leaves at i + 0.8 ms.
    config.blackout.intervals = {{10800us, 20800us}};
    Impair(config);
    Flow(100);
    const auto arrived = Arrived();
    for (uint32_t i = 0; i < 100; ++i) EXPECT_EQ(arrived[i], i < 10 || i >= 20) << i;
}

TEST_F(ImpairedChannel, TcpNeverSeesDamage) {
    ImpairmentConfig config;
    config.corrupt.probability = 0.02;
    Impair(config);
    CountDrops();
    BulkSendHelper bulk("ns3::TcpSocketFactory", m_to);
    bulk.SetAttribute("MaxBytes", UintegerValue(1'000'000));
    bulk.Install(m_nodes.Get(0));
    const auto sinks = PacketSinkHelper("ns3::TcpSocketFactory", m_to).Install(m_nodes.Get(1));
    Simulator::Stop(Seconds(100));
    Simulator::Run();
    EXPECT_EQ(DynamicCast<PacketSink>(sinks.Get(0))->GetTotalRx(), 1'000'000U);
    const auto& counters = m_channel->GetCounters(0);
    EXPECT_GT(counters.corrupted, 10U);
    EXPECT_EQ(m_channel->GetChecksumDrops(0), counters.corrupted);
    EXPECT_EQ(m_drops, (Drops{{"checksum", counters.corrupted}}));
}

TEST_F(ImpairedChannel, DamagedFragmentsAreDropped) {
    ImpairmentConfig config;
    config.corrupt.probability = 1;
    Impair(config);
    SendOne(4000);
    Simulator::Run();
    EXPECT_TRUE(m_arrivals.empty());
    EXPECT_EQ(m_channel->GetChecksumDrops(0), 3U);
}

int OnesIn(Ptr<Packet> packet) {
    std::vector<uint8_t> bytes(packet->GetSize());
    packet->CopyData(bytes.data(), packet->GetSize());
    int ones = 0;
    for (const uint8_t byte : bytes) ones += std::popcount(byte);
    return ones;
}

TEST(ImpairedChannelIpv6, DamageIsInThePayload) {
    NodeContainer nodes(2);
    const auto devices = PointToPointHelper().Install(nodes);
    ImpairmentConfig config;
    config.corrupt.probability = 1;
    CrspImpairedChannel::Replace(devices)->SetImpairments(0, config, kSeed, "forward");
    InternetStackHelper().Install(nodes);
    const auto interfaces = Ipv6AddressHelper("2001:db8::", 64).Assign(devices);
    const auto receiver = Socket::CreateSocket(nodes.Get(1), UdpSocketFactory::GetTypeId());
    receiver->Bind(Inet6SocketAddress(Ipv6Address::GetAny(), kPort));
    const auto sender = Socket::CreateSocket(nodes.Get(0), UdpSocketFactory::GetTypeId());
    sender->Bind6();
    sender->Connect(Inet6SocketAddress(interfaces.GetAddress(1, 1), kPort));
    // After duplicate address detection; four bytes, so that a wrong offset hits a header.
    for (int i = 0; i < 20; ++i) {
        Simulator::Schedule(Seconds(5 + i), [=] { sender->Send(Create<Packet>(4)); });
    }
    Simulator::Stop(Seconds(30));
    Simulator::Run();
    int arrived = 0;
    for (auto packet = receiver->Recv(); packet; packet = receiver->Recv(), ++arrived) {
        EXPECT_EQ(packet->GetSize(), 4U);
        EXPECT_EQ(OnesIn(packet), 1);
    }
    EXPECT_EQ(arrived, 20);
    Simulator::Destroy();
}

TEST_F(ImpairedChannel, KeepsTheDelayOfTheLinkThatItReplaces) {
    NodeContainer nodes(2);
    PointToPointHelper link;
    link.SetChannelAttribute("Delay", StringValue("5ms"));
    const auto channel = CrspImpairedChannel::Replace(link.Install(nodes));
    TimeValue delay;
    channel->GetAttribute("Delay", delay);
    EXPECT_EQ(delay.Get(), MilliSeconds(5));
}

}  // namespace
}  // namespace crsp
