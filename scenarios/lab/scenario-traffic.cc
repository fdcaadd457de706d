// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-tables.h"

#include <cmath>

namespace crsp::lab {
namespace {

constexpr std::uint64_t kMaxTrafficFlows = 100;
constexpr Duration kMinOnOff = milliseconds(1);
constexpr Duration kMinMessageInterval = milliseconds(1);
/// A message begins with its number.
constexpr std::uint64_t kMinMessage = 8;
constexpr std::uint64_t kMaxMessage = 64 * 1024;
constexpr std::int64_t kMaxMessages = 1'000'000;

ShortTransfers ReadTransfers(TomlTable& table, std::uint64_t flows) {
    ShortTransfers transfers;
    transfers.minSize = transfers.maxSize = table.Unit("size", ParseSize);
    if (transfers.minSize == 0) table.Refuse("size", "expected at least 1 B");
    if (table.Has("max-size")) transfers.maxSize = table.Unit("max-size", ParseSize);
    if (transfers.maxSize < transfers.minSize) table.Refuse("max-size", "expected at least size");
    transfers.idle = table.Unit("idle", ParseDuration);
    transfers.busy = table.Has("busy") ? table.Count("busy", 0, flows) : flows;
    return transfers;
}

void ReadTcp(TomlTable& table, TrafficSpec& traffic) {
    if (table.Has("flows")) traffic.flows = table.Count("flows", 1, kMaxTrafficFlows);
    if (table.Has("size")) traffic.transfers = ReadTransfers(table, traffic.flows);
}

void ReadUdp(TomlTable& table, TrafficSpec& traffic) {
    traffic.rate = table.Unit("rate", ParseRate);
    if (!table.Has("on") && !table.Has("off")) return;
    traffic.on = table.Unit("on", ParseDuration);
    traffic.off = table.Unit("off", ParseDuration);
    if (traffic.on < kMinOnOff) table.Refuse("on", "expected at least 1 ms");
    if (traffic.off < kMinOnOff) table.Refuse("off", "expected at least 1 ms");
}

void ReadMessages(TomlTable& table, Duration length, MessagesSpec& messages) {
    messages.size = table.Unit("size", ParseSize);
    if (messages.size < kMinMessage || messages.size > kMaxMessage) {
        table.Refuse("size", "expected 8 B to 64 KiB");
    }
    messages.every = table.Unit("every", ParseDuration);
    if (messages.every < kMinMessageInterval || length / messages.every > kMaxMessages) {
        table.Refuse("every", "expected at least 1 ms, and no more than 1000000 messages");
    }
    messages.patience = table.Unit("patience", ParseDuration);
    if (messages.patience <= Duration::zero()) {
        table.Refuse("patience", "expected a time above 0");
    }
    double repair = 0;
    ReadUnit(table, "repair", repair, ParseShare);
    messages.repair = static_cast<std::uint8_t>(std::lround(100 * repair));
}

/// Named so that nobody wonders: it is in ns-3, and of no use.
TrafficKind ReadKind(TomlTable& table) {
    const auto kind = table.Choice(
        "kind", {"tcp-newreno", "tcp-cubic", "udp", "handshakes", "messages", "tcp-bbr"});
    if (kind == 5) {
        table.Refuse("kind",
                     "expected \"tcp-cubic\" or \"tcp-newreno\": TcpBbr of ns-3 3.37 is "
                     "broken (1.5 % of the rate of a clean path), so it would compete with "
                     "nobody");
    }
    return static_cast<TrafficKind>(kind);
}

}  // namespace

TrafficSpec ReadTraffic(TomlTable table, const Scenario& scenario) {
    TrafficSpec traffic;
    traffic.kind = ReadKind(table);
    traffic.part = ReadPart(table, scenario);
    if (table.Has("direction")) traffic.down = table.Choice("direction", {"down", "up"}) == 0;
    ReadUnit(table, "start", traffic.start, ParseDuration);
    if (table.Has("stop")) traffic.stop = table.Unit("stop", ParseDuration);
    if (traffic.stop && *traffic.stop <= traffic.start) {
        table.Refuse("stop", "expected a time after start");
    }
    if (traffic.kind == TrafficKind::kHandshakes) {
        traffic.rate = table.Unit("rate", ParseRate);
    } else if (traffic.kind == TrafficKind::kMessages) {
        const Duration end = traffic.stop.value_or(scenario.stop);
        ReadMessages(table, end - traffic.start, traffic.messages);
    } else if (traffic.kind == TrafficKind::kUdp) {
        ReadUdp(table, traffic);
    } else {
        ReadTcp(table, traffic);
    }
    table.Finish();
    return traffic;
}

}  // namespace crsp::lab
