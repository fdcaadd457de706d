// SPDX-License-Identifier: BSD-3-Clause
// What the engine costs: CPU per packet with its AEAD, allocations, and memory of idle connections.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "model/crypto/aead.h"
#include "tests/cost/pair.h"

namespace crsp::cost {
namespace {

constexpr std::uint64_t kWarmUpBytes = 20'000'000;
constexpr std::uint64_t kMeasuredBytes = 400'000'000;
constexpr std::uint64_t kProfiledBytes = 40'000'000;
constexpr int kIdleConnections = 1000;
constexpr int kRepeats = 3;
constexpr std::size_t kPacketLength = 1200;
constexpr std::size_t kHeaderLength = 17;

EndpointConfig Config(std::uint8_t which) {
    EndpointConfig config;
    config.seed.fill(std::byte{which});
    config.psk.emplace();
    config.psk->fill(std::byte{7});
    config.maxConnections = kIdleConnections + 1;
    return config;
}

double Seconds(std::chrono::steady_clock::time_point since) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

/// Nanoseconds to seal and to open one packet, by the AEAD alone.
double AeadAlone(CipherSuite suite, AeadLibrary library) {
    constexpr int kPackets = 200'000;
    const auto aead = MakeAead(suite, SecretKey(), library);
    std::vector<std::byte> packet(kPacketLength);
    const auto header = ConstByteSpan(packet).first(kHeaderLength);
    const auto payload = ByteSpan(packet).subspan(kHeaderLength);
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < kPackets; ++i) {
        aead->Seal(i, header, payload);
        if (!aead->Open(i, header, payload)) std::abort();
    }
    return Seconds(begin) * 1e9 / kPackets;
}

struct Measured {
    double nsPerPacket = 1e9;
    double acksPerPacket = 0;
    double allocationsPerPacket = 0;
    std::uint64_t packets = 0;
};

Measured MeasureTransfer(const WireConfig& wire, CipherSuite suite, std::uint64_t bytes) {
    EndpointConfig sending = Config(1);
    sending.suite = suite;
    Pair pair(sending, Config(2), wire);
    const ConnectionHandle connection = pair.Connect();
    pair.Transfer(connection, kWarmUpBytes);
    const auto packets = pair.sender.packetsSent;
    const auto acks = pair.receiver.packetsSent;
    const auto allocations = pair.sender.heap.allocations + pair.receiver.heap.allocations;
    const auto begin = std::chrono::steady_clock::now();
    pair.Transfer(connection, bytes);
    const double elapsed = Seconds(begin);
    Measured measured;
    measured.packets = pair.sender.packetsSent - packets;
    const auto count = static_cast<double>(measured.packets);
    measured.nsPerPacket = elapsed * 1e9 / count;
    measured.acksPerPacket = static_cast<double>(pair.receiver.packetsSent - acks) / count;
    measured.allocationsPerPacket =
        static_cast<double>(pair.sender.heap.allocations + pair.receiver.heap.allocations -
                            allocations) /
        count;
    return measured;
}

void PrintTransfer(std::string_view name, const WireConfig& wire, CipherSuite suite,
                   AeadLibrary library) {
    double alone = 1e9;
    Measured best;
    for (int i = 0; i < kRepeats; ++i) {
        alone = std::min(alone, AeadAlone(suite, library));
        const Measured measured = MeasureTransfer(wire, suite, kMeasuredBytes);
        if (measured.nsPerPacket < best.nsPerPacket) best = measured;
    }
    fmt::print("{:<34} {:>9.0f} {:>9.0f} {:>7.2f} {:>9.3f} {:>12.4f}\n", name, best.nsPerPacket,
               alone, best.nsPerPacket / alone, best.acksPerPacket, best.allocationsPerPacket);
}

std::int64_t IdleBytes(const Heap& heap, std::int64_t before) {
    return (heap.liveBytes - before) / kIdleConnections;
}

void PrintIdle(std::uint64_t bytes) {
    Pair pair(Config(1), Config(2), WireConfig{});
    pair.Connect();
    pair.Rest(seconds(1));
    const auto sender = pair.sender.heap.liveBytes;
    const auto receiver = pair.receiver.heap.liveBytes;
    for (int i = 0; i < kIdleConnections; ++i) {
        const ConnectionHandle connection = pair.Connect();
        if (bytes > 0) pair.Transfer(connection, bytes);
    }
    pair.Rest(seconds(3));
    fmt::print("{:<34} {:>9} {:>9}\n", fmt::format("after {} bytes", bytes),
               IdleBytes(pair.sender.heap, sender), IdleBytes(pair.receiver.heap, receiver));
}

void PrintAll() {
    const auto suite = DefaultSuite();
    fmt::print(
        "Full packets of {} bytes; both ends and the acknowledgements; ns per data packet,\n"
        "best of {} transfers of {} MB\n\n",
        kPacketLength, kRepeats, kMeasuredBytes / 1'000'000);
    fmt::print("{:<34} {:>9} {:>9} {:>7} {:>9} {:>12}\n", "", "engine ns", "AEAD ns", "ratio",
               "ACKs/pkt", "allocs/pkt");
    PrintTransfer("AES-256-GCM, datagrams in batches", {}, suite, LibraryFor(suite));
    PrintTransfer("AES-256-GCM, one by one", {.coalescing = Duration::zero()}, suite,
                  LibraryFor(suite));
    PrintTransfer("ChaCha20-Poly1305, in batches", {}, CipherSuite::kChaCha20Poly1305Sha256,
                  AeadLibrary::kSodium);
    fmt::print("\n{:<34} {:>9} {:>9}\n", "idle connection, heap bytes", "sender", "receiver");
    PrintIdle(0);
    PrintIdle(1'000'000);
}

/// What to run under a profiler: a transfer and nothing else.
void Profile() {
    const Measured measured = MeasureTransfer({}, DefaultSuite(), kProfiledBytes);
    fmt::print("{}\n", measured.packets);
}

}  // namespace
}  // namespace crsp::cost

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--profile") {
        crsp::cost::Profile();
    } else {
        crsp::cost::PrintAll();
    }
}
