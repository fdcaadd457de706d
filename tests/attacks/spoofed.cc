// SPDX-License-Identifier: BSD-3-Clause
// A1 and A3: what a server gives for datagrams with a source that is not theirs.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tests/attacks/row.h"
#include "tests/attacks/spoofer.h"
#include "tests/cost/heap.h"

namespace crsp::attacks {
namespace {

constexpr std::uint32_t kFirstVictim = 0x0b000000;
constexpr std::uint32_t kVictims = 4096;
/// Ten thousand datagrams a second, so that the buckets of the gate fill again between them.
constexpr Duration kApart = microseconds(100);
constexpr std::uint64_t kWarmUp = 20'000;

struct Account {
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::uint64_t packetsIn = 0;
    std::uint64_t packetsOut = 0;
};

/// What each spoofed address was made to get, against what was sent in its name.
class Ledger {
  public:
    void In(std::uint32_t victim, std::size_t bytes) {
        ++m_accounts[victim].packetsIn;
        m_accounts[victim].bytesIn += bytes;
    }
    void Out(const SocketAddress& to, std::size_t bytes) {
        std::uint32_t address = 0;
        for (int i = 0; i < 4; ++i) address = address << 8 | to.bytes[static_cast<std::size_t>(i)];
        Account& account = m_accounts.at(address - kFirstVictim);
        ++account.packetsOut;
        account.bytesOut += bytes;
        ++m_answers;
        Raise(m_bytes, account.bytesOut, account.bytesIn);
        Raise(m_packets, account.packetsOut, account.packetsIn);
    }
    /// The largest ratio that any address ever had, at any time.
    double Bytes() const { return m_bytes; }
    double Packets() const { return m_packets; }
    std::uint64_t Answers() const { return m_answers; }

  private:
    static void Raise(double& largest, std::uint64_t out, std::uint64_t in) {
        if (in == 0) largest = 1e9;
        if (in > 0) largest = std::max(largest, static_cast<double>(out) / static_cast<double>(in));
    }

    std::vector<Account> m_accounts = std::vector<Account>(kVictims);
    double m_bytes = 0;
    double m_packets = 0;
    std::uint64_t m_answers = 0;
};

/// A server, and somebody who sends it datagrams in the name of others.
struct Attack {
    Attack(HandshakeMode mode, bool valid)
        : server(ConfigOf(mode, kServer)), spoofer(mode, valid, 4711), random(99) {}

    void Run(std::uint64_t datagrams, Ledger& ledger, cost::Heap* heap = nullptr) {
        for (std::uint64_t i = 0; i < datagrams; ++i) {
            const auto victim = static_cast<std::uint32_t>(random.Below(kVictims));
            const ByteSpan datagram = spoofer.Next();
            ledger.In(victim, datagram.size());
            std::optional<cost::Charge> charge;
            if (heap) charge.emplace(*heap);
            Give(server, now, SocketAddress::FromIpv4(kFirstVictim + victim, 4000), datagram);
            Serve(ledger);
        }
    }
    void Serve(Ledger& ledger) {
        now += kApart;
        if (server.NextTimeout() && *server.NextTimeout() <= now) server.HandleTimeout(now);
        PollAll(server, now,
                [&](const SocketAddress& to, ByteSpan bytes) { ledger.Out(to, bytes.size()); });
        while (server.PollEvent()) {
        }
    }

    Endpoint server;
    Spoofer spoofer;
    Random random;
    TimePoint now = TimePoint{} + seconds(1000);
};

}  // namespace

Rows Spoofed(const Scale& scale) {
    Rows rows;
    for (const HandshakeMode mode : kModes) {
        Attack attack(mode, true);
        Ledger ledger;
        const std::uint64_t count = scale.spoofed / std::size(kModes);
        attack.Run(count, ledger);
        rows.push_back({"A1",
                        fmt::format("{}: {} datagrams with {} spoofed sources, {} answered, {} "
                                    "handshakes begun",
                                    NameOf(mode), count, kVictims, ledger.Answers(),
                                    attack.server.Stats().handshakesStarted),
                        fmt::format("{:.3f} bytes, {:.3f} packets out for one in, at most",
                                    ledger.Bytes(), ledger.Packets()),
                        "1.0", ledger.Bytes() <= 1.0 && ledger.Packets() <= 1.0});
    }
    return rows;
}

Rows Memory(const Scale& scale) {
    Attack attack(HandshakeMode::kKeyed, false);
    Ledger ledger;
    attack.Run(kWarmUp, ledger);
    cost::Heap heap;
    attack.Run(scale.spoofed, ledger, &heap);
    return {{"A3",
             fmt::format("keyed: {} datagrams, none of a listed key; {} allocations", scale.spoofed,
                         heap.allocations),
             fmt::format("{} bytes of heap more, {} connections", heap.liveBytes,
                         attack.server.ConnectionCount()),
             "0", heap.liveBytes == 0 && attack.server.ConnectionCount() == 0}};
}

}  // namespace crsp::attacks
