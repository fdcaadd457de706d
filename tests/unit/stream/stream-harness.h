// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "model/stream/stream-set.h"
#include "model/wire/frame-codec.h"
#include "tests/support/pattern.h"

namespace crsp::test {

/// A sent packet: its frames on the wire, and the records of them.
struct Packet {
    std::vector<std::byte> payload;
    SentFrameList records;

    std::vector<Frame> Frames() const {
        std::vector<Frame> frames;
        for (ByteReader in(payload); !in.Empty();) frames.push_back(*DecodeFrame(in));
        return frames;
    }
    /// The first frame of a type, if there is one.
    template <class F>
    std::optional<F> Get() const {
        for (const auto& frame : Frames()) {
            if (const auto* found = std::get_if<F>(&frame)) return *found;
        }
        return std::nullopt;
    }
};

/// One packet of `from` if it has anything to say.
inline std::optional<Packet> NextPacket(StreamSet& from, std::size_t size = 1200) {
    Packet packet{std::vector<std::byte>(size), {}};
    PacketBuilder builder(packet.payload);
    from.WriteFrames(builder);
    if (builder.Empty()) return std::nullopt;
    packet.payload.resize(builder.Length());
    packet.records = builder.Frames();
    return packet;
}

/// The component's OnFrame for each frame of the packet; stops at the first that is not accepted.
inline FrameResult Deliver(StreamSet& to, const Packet& packet) {
    for (const auto& frame : packet.Frames()) {
        const auto result = std::visit(
            [&to](const auto& f) -> FrameResult {
                if constexpr (requires { to.OnFrame(f); }) {
                    return to.OnFrame(f);
                } else {
                    return FrameOutcome::kAccepted;
                }
            },
            frame);
        if (!result || *result == FrameOutcome::kRefused) return result;
    }
    return FrameOutcome::kAccepted;
}

inline void Acked(StreamSet& from, const Packet& packet) {
    for (const auto& sent : packet.records.View()) {
        std::visit(
            [&from](const auto& s) {
                if constexpr (requires { from.OnFrameAcked(s); }) from.OnFrameAcked(s);
            },
            sent);
    }
}

inline void Lost(StreamSet& from, const Packet& packet) {
    for (const auto& sent : packet.records.View()) {
        std::visit(
            [&from](const auto& s) {
                if constexpr (requires { from.OnFrameLost(s); }) from.OnFrameLost(s);
            },
            sent);
    }
}

inline StreamLimits SmallLimits() {
    return {.streamReceiveWindow = 4096,
            .connectionReceiveWindow = 8192,
            .maxPeerStreams = 4,
            .streamSendBuffer = 8192};
}

inline TransportParameters ParametersOf(const StreamLimits& limits) {
    TransportParameters parameters;
    parameters.initialMaxData = limits.connectionReceiveWindow;
    parameters.initialMaxStreamData = limits.streamReceiveWindow;
    parameters.initialMaxStreams = limits.maxPeerStreams;
    return parameters;
}

/// Two ends that grant each other `limits`, and a perfect link between them.
struct StreamPair {
    explicit StreamPair(StreamLimits limits = SmallLimits())
        : initiator(Side::kInitiator, limits), responder(Side::kResponder, limits) {
        initiator.OnPeerParameters(ParametersOf(limits));
        responder.OnPeerParameters(ParametersOf(limits));
    }

    /// Sends packets both ways, delivered and acknowledged at once, until both are silent.
    void Exchange() {
        while (Pass(initiator, responder) || Pass(responder, initiator)) {
        }
    }
    static bool Pass(StreamSet& from, StreamSet& to) {
        const auto packet = NextPacket(from);
        if (!packet) return false;
        if (Deliver(to, *packet).has_value()) Acked(from, *packet);
        return true;
    }

    StreamSet initiator;
    StreamSet responder;
};

/// Reads all there is, in pieces of `piece` bytes.
inline std::vector<std::byte> ReadAll(StreamSet& set, StreamId id, std::size_t piece = 1000) {
    std::vector<std::byte> all;
    std::vector<std::byte> buffer(piece);
    while (true) {
        const auto read = set.Read(id, buffer);
        if (!read) break;
        all.insert(all.end(), buffer.begin(),
                   buffer.begin() + static_cast<std::ptrdiff_t>(read->bytes));
        if (read->finished || read->bytes < piece) break;
    }
    return all;
}

inline std::vector<StreamEvent> Events(StreamSet& set) {
    std::vector<StreamEvent> events;
    while (const auto event = set.PollEvent()) events.push_back(*event);
    return events;
}

template <class Result>
TransportErrorCode CodeOf(const Result& result) {
    return result ? TransportErrorCode::kNoError : result.error().code;
}

}  // namespace crsp::test
