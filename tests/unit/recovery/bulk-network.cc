// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/recovery/bulk-network.h"

#include <algorithm>
#include <array>
#include <variant>

#include "model/base/assert.h"
#include "model/recovery/rate.h"
#include "model/wire/frame-codec.h"

namespace crsp {
namespace {

constexpr std::size_t kAckRanges = 32;

}  // namespace

BulkFlow& BulkNetwork::Add(std::unique_ptr<CongestionController> controller) {
    m_flows.push_back(std::make_unique<BulkFlow>(std::move(controller)));
    BulkFlow& flow = *m_flows.back();
    flow.m_nextWrite = m_now;
    flow.m_detection.SeedRtt(m_now, m_path.roundTrip);
    flow.m_pacer.SetRate(m_now, flow.PacingRate());
    At(m_now, [this, &flow] { Pump(flow); });
    return flow;
}

void BulkNetwork::SetRate(std::uint64_t bytesPerSecond) {
    if (m_busyUntil > m_now) {
        const std::uint64_t waiting = BytesIn(m_path.rate, m_busyUntil - m_now);
        m_busyUntil = m_now + TimeFor(waiting, bytesPerSecond);
    }
    m_path.rate = bytesPerSecond;
}

void BulkNetwork::SetPolicer(std::uint64_t rate, std::uint64_t burst) {
    m_path.policerRate = rate;
    m_path.policerBurst = m_tokens = burst;
    m_tokensAt = m_now;
}

void BulkNetwork::At(TimePoint time, Action action) {
    m_events.emplace(std::pair{std::max(time, m_now), m_sequence++}, std::move(action));
}

bool BulkNetwork::Step(TimePoint end) {
    if (m_events.empty() || m_events.begin()->first.first > end) return false;
    const auto event = m_events.extract(m_events.begin());
    m_now = event.key().first;
    event.mapped()();
    return true;
}

void BulkNetwork::RunFor(Duration duration) {
    const TimePoint end = m_now + duration;
    while (Step(end)) {
    }
    m_now = end;
}

bool BulkNetwork::RunUntil(const std::function<bool()>& done, Duration limit) {
    const TimePoint end = m_now + limit;
    while (!done()) {
        if (!Step(end)) return false;
    }
    return true;
}

Duration BulkNetwork::QueueDelay(int percent) const {
    if (m_delays.empty()) return {};
    auto sorted = m_delays;
    std::sort(sorted.begin(), sorted.end());
    return sorted[(sorted.size() - 1) * static_cast<std::size_t>(percent) / 100];
}

bool BulkNetwork::HasData(BulkFlow& flow) {
    if (!flow.m_applicationRate) return true;
    if (*flow.m_applicationRate == 0) return false;
    if (flow.m_nextWrite <= m_now) return true;
    WakeAt(flow, flow.m_nextWrite);
    return false;
}

void BulkNetwork::Pump(BulkFlow& flow) {
    while (HasData(flow)) {
        flow.m_appLimited = false;
        if (flow.m_detection.Packets().Full()) break;
        if (flow.InFlight() + BulkFlow::kBytes > flow.m_controller->CongestionWindow()) break;
        if (!flow.m_pacer.CanSend(m_now, BulkFlow::kBytes)) {
            WakeAt(flow, flow.m_pacer.NextSendTime(BulkFlow::kBytes));
            break;
        }
        SendPacket(flow);
    }
    if (!HasData(flow)) NoteLimit(flow);
    ArmTimer(flow);
}

void BulkNetwork::WakeAt(BulkFlow& flow, TimePoint time) {
    if (flow.m_wakeAt && *flow.m_wakeAt <= time && *flow.m_wakeAt > m_now) return;
    flow.m_wakeAt = time;
    At(time, [this, &flow] { Pump(flow); });
}

void BulkNetwork::SendPacket(BulkFlow& flow) {
    SentPacket packet;
    packet.number = flow.m_detection.NextPacketNumber();
    packet.sentAt = m_now;
    packet.bytes = BulkFlow::kBytes;
    packet.ackEliciting = packet.inFlight = true;
    flow.m_detection.OnPacketSent(packet);
    flow.m_controller->OnPacketSent(m_now, packet.bytes, flow.InFlight());
    flow.m_pacer.OnSent(m_now, packet.bytes);
    ++flow.m_sent;
    if (flow.m_applicationRate && *flow.m_applicationRate > 0) {
        const TimePoint since = std::max(flow.m_nextWrite, m_now - milliseconds(100));
        flow.m_nextWrite = since + TimeFor(packet.bytes, *flow.m_applicationRate);
    }
    if (!HasData(flow)) NoteLimit(flow);
    Transfer(flow, packet.number);
}

void BulkNetwork::NoteLimit(BulkFlow& flow) {
    flow.m_appLimited = true;
    flow.m_detection.OnAppLimited();
}

void BulkNetwork::Transfer(BulkFlow& flow, PacketNumber number) {
    const Fate fate = m_filter ? m_filter(number) : Fate{};
    const bool lost = m_random.Chance(m_path.loss);
    if (!PassPolicer()) return void(++flow.m_dropped);
    const auto departure = PassBottleneck();
    if (!departure || lost || fate.dropped) return void(++flow.m_dropped);
    const TimePoint arrival = *departure + m_path.roundTrip / 2 + fate.heldBack;
    At(arrival, [this, &flow, number] { OnArrival(flow, number); });
}

bool BulkNetwork::PassPolicer() {
    if (m_path.policerBurst == 0) return true;
    m_tokens =
        std::min(m_path.policerBurst, m_tokens + BytesIn(m_path.policerRate, m_now - m_tokensAt));
    m_tokensAt = m_now;
    if (m_tokens < BulkFlow::kBytes) return false;
    m_tokens -= BulkFlow::kBytes;
    return true;
}

bool BulkNetwork::PassManager(Duration wait) {
    constexpr Duration kPeriod = milliseconds(15);
    const auto inSeconds = [](Duration time) { return static_cast<double>(time.count()) / 1e9; };
    while (m_managedAt + kPeriod <= m_now) {
        m_managedAt = std::max(m_managedAt + kPeriod, m_now - kPeriod);
        m_dropChance +=
            0.125 * inSeconds(wait - milliseconds(15)) + 1.25 * inSeconds(wait - m_managedDelay);
        m_dropChance = std::clamp(m_dropChance, 0.0, 1.0);
        m_managedDelay = wait;
    }
    return !m_random.Chance(m_dropChance);
}

std::optional<TimePoint> BulkNetwork::PassBottleneck() {
    const Duration wait = std::max(m_busyUntil - m_now, Duration{});
    if (BytesIn(m_path.rate, wait) > m_path.queue) return std::nullopt;
    if (m_path.managed && !PassManager(wait)) return std::nullopt;
    m_delays.push_back(wait);
    m_busyUntil = m_now + wait + TimeFor(BulkFlow::kBytes, m_path.rate);
    return m_busyUntil;
}

void BulkNetwork::OnArrival(BulkFlow& flow, PacketNumber number) {
    if (!flow.m_received.Contains(number)) flow.m_receivedBytes += BulkFlow::kBytes;
    flow.m_received.Add({number, number + 1});
    while (flow.m_received.Count() > kAckRanges) flow.m_received.PopFront();
    if (m_path.ackSlot == Duration{}) return SendAck(flow);
    if (flow.m_ackPending) return;
    flow.m_ackPending = true;
    const Duration sinceSlot = m_now.time_since_epoch() % m_path.ackSlot;
    At(m_now + m_path.ackSlot - sinceSlot, [this, &flow] { SendAck(flow); });
}

void BulkNetwork::SendAck(BulkFlow& flow) {
    flow.m_ackPending = false;
    const auto ranges = flow.m_received.Ranges();
    At(m_now + m_path.roundTrip / 2,
       [this, &flow, copy = std::vector<Range>(ranges.begin(), ranges.end())] {
           OnAck(flow, copy);
       });
}

void BulkNetwork::OnAck(BulkFlow& flow, const std::vector<Range>& ranges) {
    std::array<std::byte, 1024> bytes{};
    ByteWriter out(bytes);
    EncodeAck(out, ranges, Duration{});
    ByteReader in(out.Written());
    const auto frame = std::get<AckFrame>(DecodeFrame(in).value());
    const auto outcome = flow.m_detection.OnAckReceived(m_now, frame, flow.m_appLimited);
    CRSP_ASSERT(outcome.has_value());
    if (outcome->spuriousLoss) {
        ++flow.m_spuriousEvents;
        flow.m_controller->OnSpuriousLoss(*outcome->spuriousLoss);
    }
    if (outcome->loss) flow.m_controller->OnLost(*outcome->loss);
    if (outcome->ack) flow.m_controller->OnAck(*outcome->ack);
    flow.m_pacer.SetRate(m_now, flow.PacingRate());
    Pump(flow);
}

void BulkNetwork::ArmTimer(BulkFlow& flow) {
    const auto next = flow.m_detection.NextTimeout();
    if (!next || (flow.m_timerAt && *flow.m_timerAt <= *next)) return;
    flow.m_timerAt = next;
    At(*next, [this, &flow] { OnTimer(flow); });
}

void BulkNetwork::OnTimer(BulkFlow& flow) {
    flow.m_timerAt.reset();
    const TimeoutOutcome outcome = flow.m_detection.OnTimeout(m_now);
    if (outcome.loss) flow.m_controller->OnLost(*outcome.loss);
    flow.m_pacer.SetRate(m_now, flow.PacingRate());
    if (outcome.kind == TimeoutOutcome::Kind::kProbe) {
        flow.m_probes += kProbePackets;
        for (std::size_t i = 0; i < kProbePackets; ++i) SendPacket(flow);
    }
    Pump(flow);
}

}  // namespace crsp
