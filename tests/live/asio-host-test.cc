// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/asio-host.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "apps/live/asio-address.h"
#include "tests/live/loopback.h"

namespace crsp {
namespace {

/// A role that does nothing but count and name deadlines.
class IdleRole final : public Role {
  public:
    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint, const Event&, Endpoint&) override {}
    void OnTimeout(TimePoint now, Endpoint&) override {
        if (!deadline || now < *deadline) return;
        firedAt = now;
        deadline.reset();
    }
    std::optional<TimePoint> NextTimeout() const override { return deadline; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    std::optional<TimePoint> deadline;
    std::optional<TimePoint> firedAt;
};

struct HostRig {
    explicit HostRig(AsioHost::NowFunction now = SteadyNow)
        : host(loop.Io(), std::move(now)), endpoint(loop.Config()), driver(host, endpoint, role) {}

    Loopback loop;
    IdleRole role;
    AsioHost host;
    Endpoint endpoint;
    Driver driver;
};

std::array<std::byte, 100> kPayload{};

TEST(AsioHost, AlarmsComeNotBeforeTheirTime) {
    HostRig rig;
    const auto deadline = SteadyNow() + milliseconds(20);
    rig.role.deadline = deadline;
    rig.host.Start(rig.driver);
    ASSERT_TRUE(rig.loop.RunUntil([&] { return rig.role.firedAt.has_value(); }));
    EXPECT_GE(*rig.role.firedAt, deadline);
}

TEST(AsioHost, AnAlarmMovesBothWays) {
    HostRig rig;
    rig.role.deadline = SteadyNow() + milliseconds(10);
    rig.host.Start(rig.driver);
    const auto later = SteadyNow() + milliseconds(40);
    rig.role.deadline = later;
    rig.host.Pump();
    ASSERT_TRUE(rig.loop.RunUntil([&] { return rig.role.firedAt.has_value(); }));
    EXPECT_GE(*rig.role.firedAt, later);

    rig.role.firedAt.reset();
    rig.role.deadline = SteadyNow() + std::chrono::hours(1);
    rig.host.Pump();
    rig.role.deadline = SteadyNow() + milliseconds(5);
    rig.host.Pump();
    EXPECT_TRUE(rig.loop.RunUntil([&] { return rig.role.firedAt.has_value(); }));
}

TEST(AsioHost, DatagramsThatCanNeverLeaveAreCountedAndSentIsSaid) {
    HostRig rig;
    ASSERT_FALSE(rig.host.Open(kAnyLoopbackPort));
    rig.host.Start(rig.driver);
    std::vector<std::byte> tooLong(70'000);
    const Transmit transmit{.destination = rig.host.LocalAddress(),
                            .ecn = Ecn::kNotEct,
                            .size = tooLong.size(),
                            .segmentSize = tooLong.size()};
    EXPECT_TRUE(rig.host.Send(transmit, tooLong));
    EXPECT_EQ(rig.host.Stats().sendsFailed, 1u);
    EXPECT_EQ(rig.host.Stats().lastSendError, std::errc::message_size);
}

TEST(AsioHost, ATrainLeavesAsItsSegments) {
    HostRig rig;
    ASSERT_FALSE(rig.host.Open(kAnyLoopbackPort));
    rig.host.Start(rig.driver);
    UdpSocket peer(rig.loop.Io());
    ASSERT_FALSE(peer.Open(kAnyLoopbackPort));
    const std::vector<std::byte> train(250);
    EXPECT_TRUE(rig.host.Send({.destination = peer.LocalAddress(),
                               .ecn = Ecn::kEct0,
                               .size = train.size(),
                               .segmentSize = 100},
                              train));
    std::vector<std::byte> buffer(2000);
    for (const std::size_t expected : {100u, 100u, 50u}) {
        const auto received = peer.Receive(buffer);
        ASSERT_TRUE(received);
        EXPECT_EQ(received->size, expected);
        EXPECT_EQ(received->source, rig.host.LocalAddress());
        EXPECT_EQ(received->ecn, Ecn::kEct0);
    }
    EXPECT_FALSE(peer.Receive(buffer));
}

/// Sizes and marks of what a driver is given.
class Listener final : public DriverObserver {
  public:
    void OnInputDatagram(TimePoint, const Datagram& datagram) override {
        heard.emplace_back(datagram.payload.size(), datagram.ecn);
        first.push_back(datagram.payload.empty() ? std::byte{} : datagram.payload.front());
    }
    void OnInputAlarm(TimePoint) override {}
    void OnInputPump(TimePoint) override {}
    void OnOutput(TimePoint, const Transmit&, ConstByteSpan) override {}

    std::vector<std::pair<std::size_t, Ecn>> heard;
    std::vector<std::byte> first;
};

TEST(AsioHost, ATrainArrivesAsItsSegments) {
    HostRig rig;
    ASSERT_FALSE(rig.host.Open(kAnyLoopbackPort));
    rig.host.Start(rig.driver);
    Listener listener;
    HostRig other;
    Driver driver(other.host, other.endpoint, other.role, &listener);
    ASSERT_FALSE(other.host.Open(kAnyLoopbackPort));
    other.host.Start(driver);
    // More than one call takes, and the last datagram is shorter.
    constexpr std::size_t kSize = 1'200;
    constexpr std::size_t kCount = 100;
    std::vector<std::byte> train(kCount * kSize - 500);
    for (std::size_t i = 0; i < kCount; ++i) train[i * kSize] = static_cast<std::byte>(i);
    EXPECT_TRUE(rig.host.Send({.destination = other.host.LocalAddress(),
                               .ecn = Ecn::kEct0,
                               .size = train.size(),
                               .segmentSize = kSize},
                              train));
    EXPECT_EQ(rig.host.Stats().datagramsSent, kCount);
    ASSERT_TRUE(other.loop.RunUntil([&] { return listener.heard.size() >= kCount; }));
    ASSERT_EQ(listener.heard.size(), kCount);
    EXPECT_EQ(other.host.Stats().datagramsReceived, kCount);
    for (std::size_t i = 0; i < kCount; ++i) {
        const std::size_t size = i + 1 < kCount ? kSize : kSize - 500;
        EXPECT_EQ(listener.heard[i], std::make_pair(size, Ecn::kEct0)) << i;
        EXPECT_EQ(listener.first[i], static_cast<std::byte>(i));
    }
}

/// Whether the UDP socket of this process at `address` sums what it sends: trains need that.
void SetChecksum(const SocketAddress& address, bool summed) {
    constexpr int kMostDescriptors = 256;
    for (int fd = 0; fd < kMostDescriptors; ++fd) {
        sockaddr_storage storage{};
        socklen_t length = sizeof(storage);
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) continue;
        if (storage.ss_family != AF_INET || FromSockaddr(storage) != address) continue;
        const int off = summed ? 0 : 1;
        ASSERT_EQ(::setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &off, sizeof(off)), 0);
        return;
    }
    FAIL() << "no socket has this address";
}

TEST(AsioHost, ATrainThatTheSystemRefusesLeavesInPiecesAndTheNextIsTriedWhole) {
    HostRig rig;
    ASSERT_FALSE(rig.host.Open(kAnyLoopbackPort));
    rig.host.Start(rig.driver);
    UdpSocket peer(rig.loop.Io());
    ASSERT_FALSE(peer.Open(kAnyLoopbackPort));
    peer.ReceiveTrains();
    const std::vector<std::byte> train(250);
    const Transmit transmit{.destination = peer.LocalAddress(),
                            .ecn = Ecn::kNotEct,
                            .size = train.size(),
                            .segmentSize = 100};
    std::vector<std::byte> buffer(kMaxUdpPayload);
    SetChecksum(rig.host.LocalAddress(), false);
    EXPECT_TRUE(rig.host.Send(transmit, train));
    for (const std::size_t expected : {100u, 100u, 50u}) {
        const auto received = peer.Receive(buffer);
        ASSERT_TRUE(received);
        EXPECT_EQ(received->size, expected);
    }
    SetChecksum(rig.host.LocalAddress(), true);
    EXPECT_TRUE(rig.host.Send(transmit, train));
    const auto whole = peer.Receive(buffer);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->size, train.size());
    EXPECT_EQ(whole->segmentSize, transmit.segmentSize);
    EXPECT_EQ(rig.host.Stats().sendsFailed, 0u);
    EXPECT_EQ(rig.host.Stats().datagramsSent, 6u);
}

TEST(AsioHost, A10_EveryDatagramCountsInATurnsBudget) {
    HostRig rig;
    ASSERT_FALSE(rig.host.Open(kAnyLoopbackPort));
    UdpSocket peer(rig.loop.Io());
    ASSERT_FALSE(peer.Open(kAnyLoopbackPort));
    // Empty ones on purpose: a flood of them must not hold a turn open.
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(peer.Send(rig.host.LocalAddress(), Ecn::kNotEct, {}),
                  UdpSocket::SendResult::kSent);
    }
    std::uint64_t most = 0;
    std::uint64_t before = 0;
    rig.host.SetAfterTurn([&] {
        most = std::max(most, rig.host.Stats().datagramsReceived - before);
        before = rig.host.Stats().datagramsReceived;
    });
    rig.host.Start(rig.driver);
    EXPECT_TRUE(rig.loop.RunUntil([&] { return rig.host.Stats().datagramsReceived == 200; }));
    EXPECT_EQ(most, 64u);
    EXPECT_EQ(rig.endpoint.Stats().Dropped(), 200u);
}

TEST(AsioHost, WithoutASocketItReplaysOnAnyClock) {
    TimePoint clock{seconds(5)};
    HostRig rig([&] { return clock; });
    rig.host.Start(rig.driver);
    EXPECT_EQ(rig.host.Now(), clock);
    clock += seconds(1);
    EXPECT_EQ(rig.host.Now(), clock);
    EXPECT_TRUE(rig.host.Send({.destination = SocketAddress::FromIpv4(0x0a000001, 1),
                               .ecn = Ecn::kNotEct,
                               .size = kPayload.size(),
                               .segmentSize = kPayload.size()},
                              kPayload));
    EXPECT_EQ(rig.host.Stats().datagramsSent, 0u);
}

TEST(UdpSocket, AnIpv6WildcardTalksToIpv4) {
    boost::asio::io_context io;
    UdpSocket both(io);
    SocketAddress any;
    any.family = SocketAddress::Family::kIpv6;
    if (both.Open(any)) GTEST_SKIP() << "no IPv6 here";
    UdpSocket ipv4(io);
    ASSERT_FALSE(ipv4.Open(kAnyLoopbackPort));
    ASSERT_EQ(both.Send(ipv4.LocalAddress(), Ecn::kNotEct, kPayload), UdpSocket::SendResult::kSent);
    std::vector<std::byte> buffer(2000);
    const auto there = ipv4.Receive(buffer);
    ASSERT_TRUE(there);
    EXPECT_EQ(there->source.family, SocketAddress::Family::kIpv4);
    ASSERT_EQ(ipv4.Send(there->source, Ecn::kNotEct, kPayload), UdpSocket::SendResult::kSent);
    const auto back = both.Receive(buffer);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->source, ipv4.LocalAddress());
}

TEST(UdpSocket, CodepointsArriveOverBothFamilies) {
    SocketAddress v6;
    v6.family = SocketAddress::Family::kIpv6;
    v6.bytes[15] = 1;
    for (const SocketAddress& local : {kAnyLoopbackPort, v6}) {
        Loopback loop;
        UdpSocket from(loop.Io());
        UdpSocket to(loop.Io());
        if (from.Open(local)) GTEST_SKIP() << "no such family here";
        ASSERT_FALSE(to.Open(local));
        std::vector<std::byte> buffer(2000);
        for (const Ecn ecn : {Ecn::kEct0, Ecn::kNotEct, Ecn::kEct1, Ecn::kCe}) {
            ASSERT_EQ(from.Send(to.LocalAddress(), ecn, kPayload), UdpSocket::SendResult::kSent);
            bool waits = false;
            to.AsyncWaitReadable([&](const auto&) { waits = true; });
            ASSERT_TRUE(loop.RunUntil([&] { return waits; }));
            EXPECT_EQ(to.Receive(buffer).value().ecn, ecn);
        }
    }
}

}  // namespace
}  // namespace crsp
