// SPDX-License-Identifier: BSD-3-Clause
#include "tests/attacks/flooder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>

namespace crsp::attacks {
namespace {

constexpr int kSources = 64;
constexpr std::size_t kBatch = 32;
constexpr std::chrono::microseconds kPause{50};

sockaddr_in Ipv4(std::uint32_t address, std::uint16_t port) {
    sockaddr_in all{};
    all.sin_family = AF_INET;
    all.sin_addr.s_addr = htonl(address);
    all.sin_port = htons(port);
    return all;
}

[[noreturn]] void Fail(const char* what) {
    throw std::system_error(errno, std::system_category(), what);
}

}  // namespace

Flooder::Flooder(const SocketAddress& target, std::vector<Bytes> datagrams, double perSecond)
    : m_datagrams(std::move(datagrams)), m_perSecond(perSecond) {
    OpenSockets(target);
    m_thread = std::thread([this] { Run(); });
}

Flooder::~Flooder() {
    m_stop = true;
    m_thread.join();
}

// Each of an address of 127.0.0.0/8 of its own.
void Flooder::OpenSockets(const SocketAddress& target) {
    constexpr std::uint32_t kFirst = 0x7f000101;
    const auto to = Ipv4(INADDR_LOOPBACK, target.port);
    for (std::uint32_t i = 0; i < kSources; ++i) {
        FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket.IsOpen()) Fail("socket");
        const auto from = Ipv4(kFirst + (i << 8), 0);
        if (::bind(socket.Get(), reinterpret_cast<const sockaddr*>(&from), sizeof(from)) != 0) {
            Fail("bind");
        }
        if (::connect(socket.Get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
            Fail("connect");
        }
        m_sockets.push_back(std::move(socket));
    }
}

void Flooder::Run() {
    const auto begin = std::chrono::steady_clock::now();
    while (!m_stop) {
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
        const auto owed = static_cast<std::uint64_t>(passed.count() * m_perSecond);
        if (owed <= m_sent) {
            std::this_thread::sleep_for(kPause);
            continue;
        }
        m_sent += SendBatch(owed - m_sent);
    }
}

std::uint64_t Flooder::SendBatch(std::uint64_t most) {
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> parts{};
    const auto count = static_cast<unsigned>(std::min<std::uint64_t>(most, kBatch));
    for (unsigned i = 0; i < count; ++i) {
        Bytes& datagram = m_datagrams[m_nextDatagram++ % m_datagrams.size()];
        parts[i] = {datagram.data(), datagram.size()};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int socket = m_sockets[m_nextSocket++ % m_sockets.size()].Get();
    const int sent = ::sendmmsg(socket, messages.data(), count, 0);
    return sent > 0 ? static_cast<std::uint64_t>(sent) : 0;
}

}  // namespace crsp::attacks
