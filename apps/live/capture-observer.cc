// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/capture-observer.h"

#include <sys/socket.h>

#include <algorithm>

#include "apps/cli/file-descriptor.h"
#include "apps/live/asio-address.h"
#include "apps/live/log.h"
#include "apps/live/udp-packet.h"

namespace crsp {
namespace {

/// The address that the system would send from to there; nothing is sent.
SocketAddress SourceToward(const SocketAddress& remote) {
    sockaddr_storage address{};
    const socklen_t length = ToSockaddr(remote, false, address);
    const FileDescriptor probe(::socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    SocketAddress unknown = remote;
    unknown.bytes = {};
    if (length == 0 || probe.Get() < 0) return unknown;
    if (::connect(probe.Get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
        return unknown;
    }
    socklen_t room = sizeof address;
    if (::getsockname(probe.Get(), reinterpret_cast<sockaddr*>(&address), &room) != 0) {
        return unknown;
    }
    return FromSockaddr(address);
}

}  // namespace

CaptureObserver::~CaptureObserver() {
    if (!m_writer.Finish()) LogWarning("the capture could not be written to its end");
}

SocketAddress CaptureObserver::LocalToward(const SocketAddress& remote) {
    if (!IsWildcard(m_local)) return m_local;
    if (remote != m_lastRemote) {
        m_lastRemote = remote;
        m_lastLocal = SourceToward(remote);
        m_lastLocal.port = m_local.port;
    }
    return m_lastLocal;
}

void CaptureObserver::OnInputDatagram(TimePoint now, const Datagram& datagram) {
    Write(now, datagram.source, LocalToward(datagram.source), datagram.ecn, datagram.payload);
}

void CaptureObserver::OnOutput(TimePoint now, const Transmit& transmit, ConstByteSpan bytes) {
    while (!bytes.empty()) {
        const auto size = std::min(std::max<std::size_t>(transmit.segmentSize, 1), bytes.size());
        Write(now, LocalToward(transmit.destination), transmit.destination, transmit.ecn,
              bytes.first(size));
        bytes = bytes.subspan(size);
    }
}

void CaptureObserver::Write(TimePoint now, const SocketAddress& from, const SocketAddress& to,
                            Ecn ecn, ConstByteSpan payload) {
    if (from.family != to.family) return;
    const auto packet = MakeUdpPacket(from, to, ecn, payload);
    m_writer.Write(now.time_since_epoch() + m_unixTimeAtZero, packet, packet.size());
}

}  // namespace crsp
