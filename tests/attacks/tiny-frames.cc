// SPDX-License-Identifier: BSD-3-Clause
// B18: packets full of frames that do nothing.
#include <fmt/format.h>

#include <algorithm>

#include "tests/attacks/party.h"
#include "tests/attacks/row.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::attacks {
namespace {

constexpr int kPackets = 2'000;
constexpr int kRepeats = 3;
constexpr std::size_t kRoom = kMinDatagramSize - kDataHeaderLength - kAeadTagLength;
constexpr double kMostTimesNormal = 10;

/// Nanoseconds for each byte of packets that `fill` writes, answers included.
template <class Fill>
double NanosecondsPerByte(Fill fill) {
    double best = 1e9;
    Bytes read(kRoom);
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
        test::SealingPeer peer;
        peer.Establish();
        double cpu = 0;
        for (std::uint64_t i = 0; i < kPackets; ++i) {
            Bytes packet = peer.Seal(peer.nextNumber, fill(i));
            peer.now += microseconds(100);
            const double begin = CpuSeconds();
            Give(peer.endpoint, peer.now, test::kInitiatorAddress, packet);
            (void)peer.endpoint.Read(peer.handle, kControlStream, read);
            PollAll(peer.endpoint, peer.now, [](const SocketAddress&, ByteSpan) {});
            cpu += CpuSeconds() - begin;
            while (peer.endpoint.PollEvent()) {
            }
        }
        // A connection that has ended costs little, and would tell nothing.
        if (peer.endpoint.StatsOf(peer.handle).value_or(ConnectionStats{}).packetsReceived <
            kPackets) {
            return 1e9;
        }
        best = std::min(best, cpu * 1e9 / (static_cast<double>(kPackets) * kMinDatagramSize));
    }
    return best;
}

/// As many of `frame` as a packet may have, and PADDING up to its end.
template <class F>
Bytes Full(const F& frame) {
    const Bytes one = test::Payload(frame);
    Bytes payload;
    for (std::size_t i = 0; i + 1 < kMaxFramesReceived; ++i) {
        payload.insert(payload.end(), one.begin(), one.end());
    }
    payload.resize(kRoom);
    return payload;
}

/// A packet with nothing but PINGs ends the connection.
Row Crowded() {
    test::SealingPeer peer;
    peer.Establish();
    const bool closed = peer.CloseCodeAfter(Bytes(kRoom, std::byte{1})).has_value();
    return {"B18", fmt::format("a packet of {} PINGs", kRoom),
            closed ? "closes the connection" : "is taken", "closes", closed};
}

Row Compare(const char* name, double cost, double normal) {
    return {"B18", fmt::format("packets of {} {} and PADDING", kMaxFramesReceived - 1, name),
            fmt::format("{:.1f} ns a byte, {:.1f} times normal", cost, cost / normal), "10 times",
            cost <= kMostTimesNormal * normal};
}

}  // namespace

Rows TinyFrames(const Scale&) {
    const Bytes data(1000);
    const double normal = NanosecondsPerByte([&](std::uint64_t i) {
        const std::uint64_t offset = i * data.size();
        Bytes payload(kRoom);
        ByteWriter out(payload);
        EncodeFrame(out, StreamFrame{0, offset, data, false});
        payload.resize(out.Position());
        return payload;
    });
    const auto same = [](const Bytes& payload) {
        return [&payload](std::uint64_t) { return payload; };
    };
    const Bytes pings = Full(PingFrame{});
    const Bytes credit = Full(MaxDataFrame{1});
    const Bytes empty = Full(StreamFrame{0, 0, {}, false});
    const Bytes immediate = Full(ImmediateAckFrame{});
    return {Crowded(), Compare("PING", NanosecondsPerByte(same(pings)), normal),
            Compare("MAX_DATA", NanosecondsPerByte(same(credit)), normal),
            Compare("empty STREAM", NanosecondsPerByte(same(empty)), normal),
            Compare("IMMEDIATE_ACK", NanosecondsPerByte(same(immediate)), normal)};
}

}  // namespace crsp::attacks
