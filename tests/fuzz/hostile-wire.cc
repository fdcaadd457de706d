// SPDX-License-Identifier: BSD-3-Clause
#include "tests/fuzz/hostile-wire.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/base/overloaded.h"
#include "model/connection/initial-macs.h"

namespace crsp::fuzz {
namespace {

constexpr std::size_t kMaxWaiting = 64;
constexpr std::size_t kMaxKept = 64;
/// Timers that may be due one after the other at one instant.
constexpr int kMaxTimersAtOnce = 1000;
/// No connection lives as long without a word of its peer: one that has seen round trips of minutes
/// waits for several of them.
constexpr Duration kForever = std::chrono::hours(1);
constexpr std::array kTypes = {PacketType::kData,     PacketType::kDataOddPhase,
                               PacketType::kInitial,  PacketType::kResponse,
                               PacketType::kFinish,   PacketType::kVersionNegotiation,
                               PacketType::kRetry,    PacketType::kReset};
constexpr std::size_t kTypeAndId = 9;
/// Longer than most headers, shorter than what is padded.
constexpr std::size_t kEmptyPacket = 48;

std::size_t LengthOf(PacketType type) {
    switch (type) {
        case PacketType::kVersionNegotiation:
            return kVersionNegotiationLength;
        case PacketType::kRetry:
            return kRetryLength;
        case PacketType::kReset:
            return kResetLength;
        default:
            return kEmptyPacket;
    }
}

/// Of `type`, to the connection that `sent` went to, and with nothing in it.
Bytes EmptyPacket(PacketType type, Bytes sent) {
    sent.resize(kTypeAndId);
    sent.resize(LengthOf(type));
    sent[0] = std::byte(type);
    return sent;
}

/// Whether `datagram` says all that `sent` does. The mac2 of an Initial is read only by a responder
/// that asks for cookies (CRSP §4.8), so that a change of it may well go unnoticed.
bool SaysTheSame(ConstByteSpan datagram, ConstByteSpan sent) {
    if (datagram.size() != sent.size()) return false;
    const bool initial = !sent.empty() && sent[0] == std::byte(PacketType::kInitial);
    const std::size_t unread = initial ? std::min(kMacLength, sent.size()) : 0;
    return std::equal(datagram.begin(), datagram.end() - static_cast<std::ptrdiff_t>(unread),
                      sent.begin());
}

const SocketAddress kInitiatorAddress = SocketAddress::FromIpv4(0x0a000001, 40001);
const SocketAddress kResponderAddress = SocketAddress::FromIpv4(0x0a000002, 59001);

EndpointConfig Traced(EndpointConfig config, CheckedTrace& trace) {
    config.tracer = trace.Get();
    return config;
}

}  // namespace

WireEnd::WireEnd(EndpointConfig config, SocketAddress from)
    : endpoint(Traced(std::move(config), trace)), address(from) {}

HostileWire::HostileWire(EndpointConfig initiating, EndpointConfig responding)
    : initiator(std::move(initiating), kInitiatorAddress),
      responder(std::move(responding), kResponderAddress) {
    // Whom we connect to ourselves needs no proof.
    initiator.accounts[kResponderAddress].validated = true;
}

void HostileWire::RunHonestly(Duration duration) {
    const TimePoint end = now + duration;
    Settle();
    while (now < end) {
        while (!initiator.waiting.empty() || !responder.waiting.empty()) {
            DeliverOldest(responder);
            DeliverOldest(initiator);
        }
        const auto next = NextTimeout();
        Advance(next && *next < end ? std::max(*next - now, Duration{1}) : end - now);
    }
}

void HostileWire::DeliverOldest(WireEnd& to) {
    auto& waiting = PeerOf(to).waiting;
    if (waiting.empty()) return;
    Bytes datagram = std::move(waiting.front());
    waiting.pop_front();
    if (m_shadow) {
        Deliver(to, EmptyPacket(*m_shadow, datagram), PeerOf(to).address);
    }
    Deliver(to, std::move(datagram), PeerOf(to).address);
}

void HostileWire::Attack(FuzzedData& data) {
    const auto action = data.Below(8);
    WireEnd& to = Pick(data);
    WireEnd& from = PeerOf(to);
    switch (action) {
        case 0:
            return Deliver(to, data.ChunkCopy(), PickSource(data, to));
        case 1:
        case 2:
            return DeliverOldest(to);
        case 3: {  // another one in its place
            if (from.waiting.empty()) return;
            Bytes datagram = std::move(from.waiting.front());
            from.waiting.pop_front();
            Mutate(data, datagram);
            return Deliver(to, std::move(datagram), PickSource(data, to));
        }
        case 4: {  // a copy of an earlier one, of either end, changed or not
            const auto& kept = data.Flag() ? to.sent : from.sent;
            if (kept.empty()) return;
            Bytes datagram = kept[data.Below(kept.size())];
            if (data.Flag()) Mutate(data, datagram);
            return Deliver(to, std::move(datagram), PickSource(data, to));
        }
        case 5:
            if (!from.waiting.empty()) from.waiting.pop_front();
            return;
        case 6:
            return Advance(milliseconds(1 + data.U8()));
        default:
            return Advance(milliseconds(100 * (1 + data.Below(64))));
    }
}

void HostileWire::Shadow(FuzzedData& data) {
    m_shadow = kTypes[data.Below(kTypes.size())];
}

void HostileWire::Outlive() {
    Advance(kForever);
    for (WireEnd* to : {&initiator, &responder}) {
        CRSP_ASSERT(to->endpoint.ConnectionCount() == 0);
        std::set<Bytes> ids = {Bytes(kTypeAndId)};
        for (const Bytes& sent : PeerOf(*to).sent) {
            ids.emplace(sent.begin(), sent.begin() + std::min(kTypeAndId, sent.size()));
        }
        for (const Bytes& id : ids) {
            for (const PacketType type : kTypes) {
                Deliver(*to, EmptyPacket(type, id), PeerOf(*to).address);
            }
        }
    }
}

SocketAddress HostileWire::PickSource(FuzzedData& data, WireEnd& to) {
    const auto choice = data.Below(8);
    if (choice < 4) return PeerOf(to).address;
    return SocketAddress::FromIpv4(0x0a000001u + static_cast<std::uint32_t>(choice & 1),
                                   static_cast<std::uint16_t>(2000 + choice));
}

void HostileWire::Deliver(WireEnd& to, Bytes datagram, const SocketAddress& source) {
    if (datagram.size() > kMaxDatagramSize) datagram.resize(kMaxDatagramSize);
    auto& account = to.accounts[source];
    account.bytesIn += datagram.size();
    ++account.packetsIn;
    const auto& sent = PeerOf(to).sent;
    to.genuineReceived += std::any_of(sent.begin(), sent.end(),
                                      [&](const Bytes& one) { return SaysTheSame(datagram, one); });
    to.endpoint.HandleDatagram(now, {.source = source, .ecn = Ecn::kNotEct, .payload = datagram});
    Settle();
}

void HostileWire::Advance(Duration duration) {
    const TimePoint end = now + duration;
    for (;;) {
        const auto next = NextTimeout();
        if (!next || *next > end) break;
        now = std::max(now, *next);
        TimersAt(initiator);
        TimersAt(responder);
    }
    now = end;
    Settle();
}

/// Also a check that an endpoint comes to rest.
void HostileWire::TimersAt(WireEnd& end) {
    for (int i = 0; i < kMaxTimersAtOnce; ++i) {
        const auto due = end.endpoint.NextTimeout();
        if (!due || *due > now) return;
        end.endpoint.HandleTimeout(now);
        Settle(end);
    }
    CRSP_ASSERT(!"an endpoint does not come to rest");
}

std::optional<TimePoint> HostileWire::NextTimeout() const {
    const auto a = initiator.endpoint.NextTimeout();
    const auto b = responder.endpoint.NextTimeout();
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

void HostileWire::Settle() {
    Settle(initiator);
    Settle(responder);
}

void HostileWire::Settle(WireEnd& end) {
    while (const auto event = end.endpoint.PollEvent()) Note(end, *event);
    while (const auto transmit = end.endpoint.PollTransmit(now, m_buffer)) {
        CRSP_ASSERT(transmit->size > 0 && transmit->segmentSize > 0);
        for (std::size_t at = 0; at < transmit->size; at += transmit->segmentSize) {
            const auto length = std::min(transmit->segmentSize, transmit->size - at);
            const auto begin = m_buffer.begin() + static_cast<std::ptrdiff_t>(at);
            Bytes datagram(begin, begin + static_cast<std::ptrdiff_t>(length));
            auto& account = end.accounts[transmit->destination];
            account.bytesOut += length;
            ++account.packetsOut;
            if (end.waiting.size() < kMaxWaiting) end.waiting.push_back(datagram);
            if (end.sent.size() < kMaxKept) end.sent.push_back(std::move(datagram));
        }
    }
    while (const auto event = end.endpoint.PollEvent()) Note(end, *event);
    CheckAccounts(end);
}

void HostileWire::Note(WireEnd& end, const Event& event) {
    std::visit([&](const auto& e) { CRSP_ASSERT(!end.closed[e.connection]); }, event);
    std::visit(Overloaded{
                   [&](const ConnectedEvent& e) {
                       end.accounts[e.remote].validated = true;
                       if (!end.connected) end.connected = e;
                   },
                   [&](const PathChangedEvent& e) { end.accounts[e.remote].validated = true; },
                   [&](const ClosedEvent& e) { end.closed[e.connection] = true; },
                   [&](const StreamReadableEvent& e) {
                       end.readable.emplace_back(e.connection, e.stream);
                   },
                   [](const auto&) {},
               },
               event);
}

void HostileWire::CheckAccounts(const WireEnd& end) {
    for (const auto& [address, account] : end.accounts) {
        if (account.validated) continue;
        CRSP_ASSERT(account.bytesOut <= account.bytesIn);
        CRSP_ASSERT(account.packetsOut <= account.packetsIn);
    }
}

void Mutate(FuzzedData& data, Bytes& datagram) {
    switch (data.Below(4)) {
        case 0:
            datagram.resize(data.Below(datagram.size() + 1));
            break;
        case 1: {
            const auto more = data.Chunk();
            datagram.insert(datagram.end(), more.begin(), more.end());
            break;
        }
        default:
            break;
    }
    const auto changes = data.Below(8);
    for (std::size_t i = 0; i < changes && !datagram.empty(); ++i) {
        // The header is where most decisions are.
        const auto at = data.Flag() ? data.Below(std::min<std::size_t>(datagram.size(), 32))
                                    : data.U16() % datagram.size();
        datagram[at] ^= std::byte{data.U8()};
    }
}

}  // namespace crsp::fuzz
