// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "ns3/net-device-container.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-channel.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/traced-callback.h"

namespace crsp {
struct Delivery;
struct ImpairmentConfig;
struct JitterConfig;
struct LinkCounters;
}  // namespace crsp

namespace ns3 {

/// A point-to-point channel that treats packets as CRSP's simulator and relay do.
///
/// Rate, queue and ECN stay with the ns-3 devices, so leave those of the configuration unset: a
/// packet is offered to the emulator when its last bit has left the device, and the channel's own
/// Delay is added to the emulator's. Direction 0 is what the device attached first sends.
///
/// Sizes are those of the UDP payload. Damage to a whole UDP datagram changes its payload only and
/// passes ns-3, which computes no checksums, so that the receiver's integrity tag has to catch it.
/// Any other damaged packet (TCP, fragments) is dropped, as its checksum would see to.
///
/// PointToPointChannel's trace source TxRxPointToPoint (used by NetAnim) does not fire.
class CrspImpairedChannel : public PointToPointChannel {
  public:
    static TypeId GetTypeId();
    CrspImpairedChannel();
    ~CrspImpairedChannel() override;

    /// Puts a new channel between the two devices of a link that PointToPointHelper installed, with
    /// the delay of the old one; before the simulation starts. `link` order gives the directions.
    static Ptr<CrspImpairedChannel> Replace(const NetDeviceContainer& link);

    /// Impairs `direction` (0 or 1) from now on; times in `config` count from simulation time 0.
    /// `seed` and `name` select the random streams, as for crsp::LinkEmulator: the same as in
    /// another host give the same decisions. Ends the program if `config` is invalid.
    void SetImpairments(uint32_t direction, const crsp::ImpairmentConfig& config, uint64_t seed,
                        const std::string& name);

    /// Another delay and jitter of `direction` for the packets that follow; all else goes on.
    void ChangeDelay(uint32_t direction, Time delay, const crsp::JitterConfig& jitter);
    /// What is transmitted before `until` leaves as if its transmission had begun only then: a link
    /// at rate zero. The device has to be kept from sending more meanwhile.
    void HoldUntil(uint32_t direction, Time until);

    /// What happened to the packets of `direction`, since SetImpairments.
    const crsp::LinkCounters& GetCounters(uint32_t direction) const;
    /// Deliveries of `direction` that were dropped for damage that a checksum would have found. The
    /// counters have them among the delivered.
    uint64_t GetChecksumDrops(uint32_t direction) const;

    bool TransmitStart(Ptr<const Packet> packet, Ptr<PointToPointNetDevice> source,
                       Time txTime) override;

    /// A packet that does not arrive, and why: loss, queue, blackout or checksum.
    typedef void (*DropCallback)(Ptr<const Packet> packet, const std::string& reason);

  protected:
    void DoDispose() override;

  private:
    class Direction;

    Direction& At(uint32_t direction) const;
    void Deliver(Direction& direction, Ptr<const Packet> packet, Ptr<PointToPointNetDevice> to,
                 const crsp::Delivery& delivery);

    std::array<std::unique_ptr<Direction>, 2> m_directions;
    TracedCallback<Ptr<const Packet>, const std::string&> m_dropTrace;
};

}  // namespace ns3
