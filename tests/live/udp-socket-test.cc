// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/udp-socket.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "apps/cli/file-descriptor.h"

namespace crsp {
namespace {

constexpr int kNoNamespace = 99;
constexpr std::uint16_t kForgedMtu = 68;
const SocketAddress kHere = SocketAddress::FromIpv4(0x7f000001, 0);

/// Gives the loopback interface of this network `mtu` and switches it on.
bool SetLoopback(int mtu) {
    const FileDescriptor any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_mtu = mtu;
    if (::ioctl(any.Get(), SIOCSIFMTU, &request) != 0) return false;
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    return ::ioctl(any.Get(), SIOCSIFFLAGS, &request) == 0;
}

/// Runs `check` in a network of its own, so that what it does reaches nobody else on this machine;
/// what it returns, which is 0 if all is well.
int InOwnNetwork(int mtu, int (*check)()) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        const bool own = ::unshare(CLONE_NEWNET) == 0 && SetLoopback(mtu);
        ::_exit(own ? check() : kNoNamespace);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::uint16_t Checksum(const std::vector<std::uint8_t>& bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
    }
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return htons(static_cast<std::uint16_t>(~sum));
}

/// "Fragmentation needed, the next hop carries 68 bytes", about a datagram between two ports of
/// 127.0.0.1.
bool ForgeFragmentationNeeded(std::uint16_t from, std::uint16_t to) {
    iphdr ip{};
    ip.ihl = 5;
    ip.version = 4;
    ip.tot_len = htons(1228);
    ip.ttl = 64;
    ip.protocol = IPPROTO_UDP;
    ip.saddr = ip.daddr = htonl(INADDR_LOOPBACK);
    udphdr udp{};
    udp.source = htons(from);
    udp.dest = htons(to);
    udp.len = htons(1208);
    icmphdr icmp{};
    icmp.type = ICMP_DEST_UNREACH;
    icmp.code = ICMP_FRAG_NEEDED;
    icmp.un.frag.mtu = htons(kForgedMtu);
    std::vector<std::uint8_t> packet(sizeof(icmp) + sizeof(ip) + sizeof(udp));
    const auto fill = [&] {
        std::memcpy(packet.data(), &icmp, sizeof(icmp));
        std::memcpy(packet.data() + sizeof(icmp), &ip, sizeof(ip));
        std::memcpy(packet.data() + sizeof(icmp) + sizeof(ip), &udp, sizeof(udp));
    };
    fill();
    icmp.checksum = Checksum(packet);
    fill();
    const FileDescriptor raw(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto sent = ::sendto(raw.Get(), packet.data(), packet.size(), 0,
                               reinterpret_cast<const sockaddr*>(&target), sizeof(target));
    return sent == static_cast<ssize_t>(packet.size());
}

/// Whether a socket that believes ICMP would be stopped by now: else the forgery proves nothing.
bool ForgeryIsBelieved(std::uint16_t to) {
    const FileDescriptor gullible(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int always = IP_PMTUDISC_DO;
    ::setsockopt(gullible.Get(), IPPROTO_IP, IP_MTU_DISCOVER, &always, sizeof(always));
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(to);
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::vector<char> payload(1200);
    return ::sendto(gullible.Get(), payload.data(), payload.size(), 0,
                    reinterpret_cast<const sockaddr*>(&target), sizeof(target)) < 0 &&
           errno == EMSGSIZE;
}

/// Whether a datagram of `size` bytes arrives whole.
bool Carries(UdpSocket& from, UdpSocket& to, std::size_t size) {
    std::vector<std::byte> buffer(kMaxUdpPayload);
    const std::vector<std::byte> payload(size);
    if (from.Send(to.LocalAddress(), Ecn::kNotEct, payload) != UdpSocket::SendResult::kSent) {
        return false;
    }
    const auto received = to.Receive(buffer);
    return received && received->size == size;
}

int SendDespiteForgeries() {
    boost::asio::io_context io;
    UdpSocket from(io);
    UdpSocket to(io);
    if (from.Open(kHere) || to.Open(kHere)) return 1;
    const auto port = to.LocalAddress().port;
    for (const std::size_t size : {1200u, 8952u}) {
        if (!ForgeFragmentationNeeded(from.LocalAddress().port, port)) return 2;
        if (!Carries(from, to, size)) return 3;
    }
    return ForgeryIsBelieved(port) ? 0 : 4;
}

int SendTooMuchForThePath() {
    SocketAddress v6;
    v6.family = SocketAddress::Family::kIpv6;
    v6.bytes[15] = 1;
    for (const auto& local : {kHere, v6}) {
        boost::asio::io_context io;
        UdpSocket from(io);
        UdpSocket to(io);
        if (from.Open(local) || to.Open(local)) continue;
        if (!Carries(from, to, 1200)) return 1;
        if (Carries(from, to, 1500)) return 2;
        if (from.LastSendError() != std::errc::message_size) return 3;
        if (!Carries(from, to, 1200)) return 4;
    }
    return 0;
}

TEST(UdpSocket, B16_WhatIcmpSaysOfTheSizeOfThePathIsNotBelieved) {
    const int failed = InOwnNetwork(65'536, SendDespiteForgeries);
    if (failed == kNoNamespace) GTEST_SKIP() << "only root makes networks";
    EXPECT_EQ(failed, 0);
}

TEST(UdpSocket, B16_WhatIsTooLongForThePathIsNotSentInFragments) {
    const int failed = InOwnNetwork(1500, SendTooMuchForThePath);
    if (failed == kNoNamespace) GTEST_SKIP() << "only root makes networks";
    EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace crsp
