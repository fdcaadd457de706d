// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/udp-socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "apps/live/asio-address.h"

namespace crsp {
namespace {

/// Space for the ECN mark, the segment size and the drop counter of one call.
constexpr std::size_t kControlBytes = 128;
constexpr unsigned kEcnMask = 3;
/// What one call may hold: the largest datagram of IPv4, without its headers.
constexpr std::size_t kMaxTrainBytes = 65'507;

std::error_code LastError() {
    return {errno, std::generic_category()};
}

bool SetOption(int fd, int level, int name, int value) {
    return ::setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/// The FORCE variants pass the system's limit if the process may; the plain ones take what it
/// gives.
void EnlargeBuffers(int fd) {
    if (!SetOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, kSocketBufferBytes)) {
        SetOption(fd, SOL_SOCKET, SO_RCVBUF, kSocketBufferBytes);
    }
    if (!SetOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, kSocketBufferBytes)) {
        SetOption(fd, SOL_SOCKET, SO_SNDBUF, kSocketBufferBytes);
    }
}

bool IsBlocked(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

template <class T>
T ControlValue(const cmsghdr* header) {
    T value{};
    std::memcpy(&value, CMSG_DATA(header), sizeof(value));
    return value;
}

void ReadControl(msghdr& message, UdpSocket::Received& received, std::uint32_t& kernelDrops) {
    Ecn& ecn = received.ecn;
    for (auto* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
            ecn = static_cast<Ecn>(ControlValue<std::uint8_t>(c) & kEcnMask);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
            ecn = static_cast<Ecn>(static_cast<unsigned>(ControlValue<int>(c)) & kEcnMask);
        } else if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
            received.segmentSize = static_cast<std::size_t>(ControlValue<int>(c));
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
            kernelDrops = ControlValue<std::uint32_t>(c);
        }
    }
}

/// What goes with a datagram to be sent.
class ControlWriter {
  public:
    explicit ControlWriter(msghdr& message) : m_message(message) {}

    template <class T>
    void Add(int level, int type, T value) {
        m_message.msg_control = m_bytes.data();
        auto* c = reinterpret_cast<cmsghdr*>(m_bytes.data() + m_used);
        c->cmsg_level = level;
        c->cmsg_type = type;
        c->cmsg_len = CMSG_LEN(sizeof(value));
        std::memcpy(CMSG_DATA(c), &value, sizeof(value));
        m_used += CMSG_SPACE(sizeof(value));
        m_message.msg_controllen = m_used;
    }

  private:
    msghdr& m_message;
    std::size_t m_used = 0;
    alignas(cmsghdr) std::array<std::byte, kControlBytes> m_bytes{};
};

/// Errors that mean that this system, or the device on the way to this destination, cuts no trains.
bool MeansUncut(int error) {
    return error == EINVAL || error == EIO || error == EOPNOTSUPP || error == EMSGSIZE;
}

}  // namespace

std::error_code UdpSocket::Open(const SocketAddress& local) {
    m_ipv6 = local.family == SocketAddress::Family::kIpv6;
    const int family = m_ipv6 ? AF_INET6 : AF_INET;
    boost::system::error_code error;
    m_socket.open(m_ipv6 ? boost::asio::ip::udp::v6() : boost::asio::ip::udp::v4(), error);
    if (!error) m_socket.non_blocking(true, error);
    if (error) return {error.value(), std::generic_category()};
    if (const auto failed = Configure(family, IsWildcard(local))) return failed;
    sockaddr_storage storage{};
    const auto length = ToSockaddr(local, false, storage);
    const auto* address = reinterpret_cast<const sockaddr*>(&storage);
    return ::bind(m_socket.native_handle(), address, length) == 0 ? std::error_code() : LastError();
}

std::error_code UdpSocket::Configure(int family, bool wildcard) {
    const int fd = m_socket.native_handle();
    EnlargeBuffers(fd);
    SetOption(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    // Never fragment, and do not believe ICMP about the size of the path (RFC 8899).
    SetOption(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    SetOption(fd, IPPROTO_IP, IP_RECVTOS, 1);
    if (family == AF_INET) return {};
    SetOption(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
    SetOption(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    return SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, wildcard ? 0 : 1) ? std::error_code()
                                                                      : LastError();
}

void UdpSocket::Close() {
    boost::system::error_code ignored;
    m_socket.close(ignored);
}

SocketAddress UdpSocket::LocalAddress() const {
    sockaddr_storage storage{};
    socklen_t length = sizeof(storage);
    const int fd = const_cast<boost::asio::ip::udp::socket&>(m_socket).native_handle();
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
    return FromSockaddr(storage);
}

int UdpSocket::ReceiveBufferBytes() const {
    boost::asio::socket_base::receive_buffer_size size;
    boost::system::error_code ignored;
    m_socket.get_option(size, ignored);
    return size.value();
}

Expected<UdpSocket::Received, std::error_code> UdpSocket::Receive(ByteSpan buffer) {
    sockaddr_storage source{};
    alignas(cmsghdr) std::array<std::byte, kControlBytes> control;
    iovec vector{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &source;
    message.msg_namelen = sizeof(source);
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto size = ::recvmsg(m_socket.native_handle(), &message, 0);
    if (size < 0) return Fail(LastError());
    Received result{FromSockaddr(source), Ecn::kNotEct, static_cast<std::size_t>(size),
                    static_cast<std::size_t>(size)};
    ReadControl(message, result, m_kernelDrops);
    return result;
}

void UdpSocket::ReceiveTrains() {
    SetOption(m_socket.native_handle(), SOL_UDP, UDP_GRO, 1);
}

std::size_t UdpSocket::TrainBytes(std::size_t segmentSize) {
    return segmentSize * std::clamp<std::size_t>(kMaxTrainBytes / segmentSize, 1, kMaxSegments);
}

UdpSocket::SendResult UdpSocket::SendTrain(const SocketAddress& destination, Ecn ecn,
                                           ConstByteSpan payload, std::size_t segmentSize) {
    sockaddr_storage storage;
    iovec vector{const_cast<std::byte*>(payload.data()), payload.size()};
    msghdr message{};
    message.msg_name = &storage;
    message.msg_namelen = ToSockaddr(destination, m_ipv6, storage);
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    ControlWriter control(message);
    if (ecn != Ecn::kNotEct) {
        const bool ipv4 = destination.family == SocketAddress::Family::kIpv4;
        control.Add(ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_TOS : IPV6_TCLASS,
                    static_cast<int>(ecn));
    }
    const bool train = payload.size() > segmentSize;
    if (train) control.Add(SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segmentSize));
    ssize_t sent;
    do {
        sent = ::sendmsg(m_socket.native_handle(), &message, 0);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) return SendResult::kSent;
    if (IsBlocked(errno)) return SendResult::kBlocked;
    if (train && MeansUncut(errno)) return SendResult::kUncut;
    m_lastSendError = LastError();
    return SendResult::kFailed;
}

}  // namespace crsp
