// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "apps/live/pcap-file.h"
#include "model/host/driver.h"

namespace crsp {

/// Captures what a node's own socket sends and receives, and nothing else: no rights are needed,
/// and nobody else is listened in on.
class CaptureObserver : public DriverObserver {
  public:
    /// `unixTimeAtZero` turns the engine's time into that of the capture.
    CaptureObserver(PcapWriter writer, Duration unixTimeAtZero)
        : m_writer(std::move(writer)), m_unixTimeAtZero(unixTimeAtZero) {}
    ~CaptureObserver() override;

    /// Where the socket is bound. Where that is a wildcard, captured packets have the address that
    /// the system would send from.
    void SetLocal(const SocketAddress& local) { m_local = local; }

    void OnInputDatagram(TimePoint now, const Datagram& datagram) override;
    void OnInputAlarm(TimePoint) override {}
    void OnInputPump(TimePoint) override {}
    void OnOutput(TimePoint now, const Transmit& transmit, ConstByteSpan bytes) override;

  private:
    SocketAddress LocalToward(const SocketAddress& remote);
    void Write(TimePoint now, const SocketAddress& from, const SocketAddress& to, Ecn ecn,
               ConstByteSpan payload);

    PcapWriter m_writer;
    Duration m_unixTimeAtZero;
    SocketAddress m_local;
    SocketAddress m_lastRemote;
    SocketAddress m_lastLocal;
};

}  // namespace crsp
