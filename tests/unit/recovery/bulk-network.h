// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "model/base/random.h"
#include "model/recovery/congestion-controller.h"
#include "model/recovery/loss-detection.h"
#include "model/recovery/pacer.h"

namespace crsp {

/// What the packets of a test meet; it may change while they are under way.
struct BulkPath {
    std::uint64_t rate = 1'250'000;  ///< bytes per second of the bottleneck
    std::uint64_t queue = 125'000;   ///< bytes that fit in front of it
    Duration roundTrip = milliseconds(100);
    double loss = 0;
    /// ACKs leave only at multiples of this: the aggregation of a radio link. Zero: for each packet
    /// at once.
    Duration ackSlot{};
    /// A token bucket of `rate` and so many bytes that drops what exceeds it; zero: none.
    std::uint64_t policerBurst = 0;
    std::uint64_t policerRate = 0;
    /// The queue drops by chance, as PIE makes it of its delay (RFC 8033 §4.2, without what its §5
    /// adds), to keep that at 15 ms.
    bool managed = false;
};

/// A sender of loss detection, pacer and controller alone, without a connection around them, so
/// that a test sees into the controller; and the receiver that acknowledges what it sends.
class BulkFlow {
  public:
    static constexpr std::uint32_t kBytes = 1200;

    explicit BulkFlow(std::unique_ptr<CongestionController> controller)
        : m_controller(std::move(controller)), m_pacer(kBytes) {}

    CongestionController& Controller() { return *m_controller; }
    const LossDetection& Detection() const { return m_detection; }
    std::uint64_t InFlight() const { return m_detection.BytesInFlight(); }
    std::uint64_t PacingRate() const { return m_controller->PacingRate(m_detection.Rtt()); }
    std::uint64_t Received() const { return m_receivedBytes; }  ///< unique bytes at the receiver
    std::uint64_t Sent() const { return m_sent; }               ///< packets
    std::uint64_t Dropped() const { return m_dropped; }         ///< packets, for whatever reason
    std::uint64_t SpuriousEvents() const { return m_spuriousEvents; }
    std::uint64_t Probes() const { return m_probes; }

    /// Bytes per second that the application writes, a packet at a time; unset: no limit; zero: it
    /// has stopped.
    void SetApplicationRate(std::optional<std::uint64_t> rate) { m_applicationRate = rate; }

  private:
    friend class BulkNetwork;

    std::unique_ptr<CongestionController> m_controller;
    LossDetection m_detection;
    Pacer m_pacer;
    std::optional<std::uint64_t> m_applicationRate;
    TimePoint m_nextWrite{};
    bool m_appLimited = true;
    std::optional<TimePoint> m_wakeAt;
    std::optional<TimePoint> m_timerAt;

    RangeSet m_received;
    bool m_ackPending = false;

    std::uint64_t m_receivedBytes = 0;
    std::uint64_t m_sent = 0;
    std::uint64_t m_dropped = 0;
    std::uint64_t m_spuriousEvents = 0;
    std::uint64_t m_probes = 0;
};

/// Flows over one bottleneck in virtual time.
class BulkNetwork {
  public:
    /// What a test decides about one packet beside the path.
    struct Fate {
        bool dropped = false;
        Duration heldBack{};
    };
    using Filter = std::function<Fate(PacketNumber)>;

    /// The clock starts at an instant that is not its origin.
    explicit BulkNetwork(const BulkPath& path) : m_path(path), m_tokens(path.policerBurst) {}

    /// Starts to send at once.
    BulkFlow& Add(std::unique_ptr<CongestionController> controller);

    TimePoint Now() const { return m_now; }
    const BulkPath& Path() const { return m_path; }
    void SetRate(std::uint64_t bytesPerSecond);
    void SetQueue(std::uint64_t bytes) { m_path.queue = bytes; }
    void SetLoss(double loss) { m_path.loss = loss; }
    void SetAckSlot(Duration slot) { m_path.ackSlot = slot; }
    void SetRoundTrip(Duration roundTrip) { m_path.roundTrip = roundTrip; }
    void SetPolicer(std::uint64_t rate, std::uint64_t burst);
    void SetFilter(Filter filter) { m_filter = std::move(filter); }
    /// Lets `flow` send by its new application rate.
    void Wake(BulkFlow& flow) { Pump(flow); }

    void RunFor(Duration duration);
    /// Runs until `done`, asked after each event; false if that takes longer than `limit`.
    bool RunUntil(const std::function<bool()>& done, Duration limit);

    /// How long each packet since ForgetDelays waited at the bottleneck, at the `percent`th place.
    Duration QueueDelay(int percent) const;
    void ForgetDelays() { m_delays.clear(); }

  private:
    using Action = std::function<void()>;

    void At(TimePoint time, Action action);
    bool Step(TimePoint end);
    void Pump(BulkFlow& flow);
    bool HasData(BulkFlow& flow);
    void SendPacket(BulkFlow& flow);
    static void NoteLimit(BulkFlow& flow);
    void Transfer(BulkFlow& flow, PacketNumber number);
    std::optional<TimePoint> PassBottleneck();
    bool PassPolicer();
    bool PassManager(Duration wait);
    void OnArrival(BulkFlow& flow, PacketNumber number);
    void SendAck(BulkFlow& flow);
    void OnAck(BulkFlow& flow, const std::vector<Range>& ranges);
    void OnTimer(BulkFlow& flow);
    void ArmTimer(BulkFlow& flow);
    void WakeAt(BulkFlow& flow, TimePoint time);

    BulkPath m_path;
    TimePoint m_now = TimePoint{} + seconds(100);
    std::map<std::pair<TimePoint, std::uint64_t>, Action> m_events;
    std::uint64_t m_sequence = 0;
    std::vector<std::unique_ptr<BulkFlow>> m_flows;
    TimePoint m_busyUntil{};
    Random m_random{7};
    Filter m_filter;
    std::uint64_t m_tokens;
    TimePoint m_tokensAt{};
    TimePoint m_managedAt{};
    Duration m_managedDelay{};
    double m_dropChance = 0;
    std::vector<Duration> m_delays;
};

}  // namespace crsp
