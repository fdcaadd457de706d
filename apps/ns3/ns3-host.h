// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "apps/ns3/address-conversion.h"
#include "model/host/driver.h"
#include "model/host/host.h"
#include "ns3/address.h"
#include "ns3/event-id.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"
#include "ns3/socket.h"

namespace ns3 {

/// The engine on an ns-3 socket: simulated time, one receive callback, one event, no protocol.
class Ns3Host final : public crsp::Host {
  public:
    using PacketHook = std::function<void(Ptr<const Packet>, const Address&)>;

    /// Without a socket what is sent vanishes, which is what a replay wants.
    explicit Ns3Host(Ptr<Socket> socket = nullptr) : m_socket(socket) {}
    ~Ns3Host() override { Stop(); }
    Ns3Host(const Ns3Host&) = delete;
    Ns3Host& operator=(const Ns3Host&) = delete;

    /// See every datagram that leaves or arrives.
    void SetHooks(PacketHook sent, PacketHook received);
    /// Starts `driver` and feeds it from the socket and the alarm from now on. Before this, alarms
    /// are ignored, so that a replay can bring its own.
    void Start(crsp::Driver& driver);
    /// Closes the socket and cancels the alarm; the driver is not touched again.
    void Stop();

    crsp::TimePoint Now() const override;
    bool Send(const crsp::Transmit& transmit, crsp::ConstByteSpan bytes) override;
    void SetAlarm(std::optional<crsp::TimePoint> deadline) override;

  private:
    /// An event on its way, and when it is due.
    struct Pending {
        crsp::TimePoint at;
        EventId event;
    };

    void SendSegment(crsp::ConstByteSpan segment, const Address& to, crsp::Ecn ecn);
    void OnReadable(Ptr<Socket> socket);
    void ReadAll();
    void Receive(Ptr<Packet> packet, const Address& from);
    void Arm();
    void OnEvent();

    Ptr<Socket> m_socket;
    crsp::Driver* m_driver = nullptr;
    PacketHook m_sent;
    PacketHook m_received;
    AddressMemo m_addresses;
    std::vector<std::uint8_t> m_buffer;
    std::optional<crsp::TimePoint> m_alarm;
    std::vector<Pending> m_events;  ///< the earliest last
    EventId m_reading;
    bool m_sending = false;
};

}  // namespace ns3
