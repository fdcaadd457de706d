// SPDX-License-Identifier: BSD-3-Clause
// Whole datagrams into endpoints with a live connection, and packet headers for themselves.
#include <algorithm>
#include <array>
#include <variant>

#include "model/wire/packet-header.h"
#include "tests/fuzz/hostile-wire.h"

namespace crsp::fuzz {
namespace {

constexpr int kMaxSteps = 64;

std::size_t LengthOf(const PacketHeader& header) {
    constexpr std::array kLengths = {
        kInitialHeaderLength, kResponseHeaderLength, kDataHeaderLength,  kVersionNegotiationLength,
        kRetryLength,         kResetLength,          kFinishHeaderLength};
    static_assert(kLengths.size() == std::variant_size_v<PacketHeader>);
    return kLengths[header.index()];
}

/// What was read is written back as it was.
void CheckHeader(ConstByteSpan datagram) {
    const auto header = DecodePacketHeader(datagram);
    if (!header) return;
    std::array<std::byte, 32> encoded{};
    std::visit([&](const auto& h) { EncodePacketHeader(encoded, h); }, *header);
    const auto written = ConstByteSpan(encoded).first(LengthOf(*header));
    CRSP_ASSERT(std::equal(written.begin(), written.end(), datagram.begin()));
}

EndpointConfig ConfigOf(std::uint8_t which, std::uint8_t options) {
    EndpointConfig config;
    config.seed.fill(std::byte{which});
    config.suite = (options & 1) != 0 ? DefaultSuite() : CipherSuite::kChaCha20Poly1305Sha256;
    if ((options & 2) != 0) config.psk.emplace().fill(std::byte{7});
    if ((options & 4) != 0) config.transport.maxDatagramFrameSize = 1200;
    if ((options & 8) != 0) config.transport.FixStreamWindow(100);
    if ((options & 16) != 0) config.transport.maxRepairSymbol = 500;
    if ((options & 32) != 0) config.transport.maxDatagramSize = kMaxDatagramSize;
    return config;
}

void ReadAll(WireEnd& end) {
    for (const auto& [connection, stream] : std::exchange(end.readable, {})) {
        std::array<std::byte, 1024> buffer;
        for (;;) {
            const auto read = end.endpoint.Read(connection, stream, buffer);
            if (!read || read->bytes == 0) break;
        }
    }
}

/// Something that a program would do.
void Use(FuzzedData& data, HostileWire& wire) {
    WireEnd& end = data.Flag() ? wire.responder : wire.initiator;
    const auto connection = end.connected->connection;
    const std::vector<std::byte> bytes(data.Below(4096));
    switch (data.Below(6)) {
        case 0: {
            const auto direction =
                data.Flag() ? StreamDirection::kUnidirectional : StreamDirection::kBidirectional;
            const auto stream = end.endpoint.OpenStream(connection, direction);
            if (stream) (void)end.endpoint.Write(connection, *stream, bytes, data.Flag());
            break;
        }
        case 1:
            ReadAll(end);
            break;
        case 2:
            (void)end.endpoint.SendDatagram(connection, bytes);
            break;
        case 3:
            (void)end.endpoint.ResetStream(connection, data.Below(16), 1);
            break;
        case 4:
            (void)end.endpoint.StopSending(connection, data.Below(16), 1);
            break;
        default:
            (void)end.endpoint.Close(wire.now, connection, data.U8(), AsText(data.Chunk()));
            break;
    }
    wire.Settle();
}

void Run(FuzzedData data) {
    const auto options = data.U8();
    HostileWire wire(ConfigOf(1, options), ConfigOf(2, options));
    CRSP_ASSERT(wire.initiator.endpoint.Connect(wire.now, wire.responder.address));
    wire.RunHonestly(milliseconds(200));
    CRSP_ASSERT(wire.initiator.connected && wire.responder.connected);
    for (int i = 0; i < kMaxSteps && !data.Empty(); ++i) {
        if (data.Below(4) == 0) {
            Use(data, wire);
        } else {
            wire.Attack(data);
        }
    }
    wire.Advance(seconds(1));
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace crsp::fuzz;
    CheckHeader(FuzzedData(data, size).Rest());
    Run(FuzzedData(data, size));
    return 0;
}
