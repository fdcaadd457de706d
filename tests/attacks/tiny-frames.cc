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
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
        test::SealingPeer peer;
        peer.Establish();
        double cpu = 0;
        for (std::uint64_t i = 0; i < kPackets; ++i) {
            Bytes packet = peer.Seal(peer.nextNumber, fill(i));
            peer.now += microseconds(100);
            const double begin = CpuSeconds();
            Give(peer.endpoint, peer.now, test::kInitiatorAddress, packet);
            PollAll(peer.endpoint, peer.now, [](const SocketAddress&, ByteSpan) {});
            cpu += CpuSeconds() - begin;
            while (peer.endpoint.PollEvent()) {
            }
        }
        best = std::min(best, cpu * 1e9 / (static_cast<double>(kPackets) * kMinDatagramSize));
    }
    return best;
}

template <class F>
Bytes Full(const F& frame) {
    const Bytes one = test::Payload(frame);
    Bytes payload;
    while (payload.size() + one.size() <= kRoom) {
        payload.insert(payload.end(), one.begin(), one.end());
    }
    return payload;
}

Row Compare(const char* name, double cost, double normal) {
    return {"B18", fmt::format("packets full of {}", name),
            fmt::format("{:.1f} ns a byte, {:.1f} times normal", cost, cost / normal), "10 times",
            cost <= kMostTimesNormal * normal};
}

}  // namespace

Rows TinyFrames(const Scale&) {
    const Bytes data(1000);
    const double normal = NanosecondsPerByte([&](std::uint64_t i) {
        const std::uint64_t offset = i % 200 * data.size();
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
    return {Compare("PING", NanosecondsPerByte(same(pings)), normal),
            Compare("MAX_DATA", NanosecondsPerByte(same(credit)), normal),
            Compare("empty STREAM", NanosecondsPerByte(same(empty)), normal),
            Compare("IMMEDIATE_ACK", NanosecondsPerByte(same(immediate)), normal)};
}

}  // namespace crsp::attacks
