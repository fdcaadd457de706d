// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-tables.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kMaxTrafficFlows = 100;

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

}  // namespace

TrafficSpec ReadTraffic(TomlTable table) {
    TrafficSpec traffic;
    traffic.kind =
        static_cast<TrafficKind>(table.Choice("kind", {"tcp-newreno", "tcp-cubic", "udp"}));
    if (table.Has("direction")) traffic.down = table.Choice("direction", {"down", "up"}) == 0;
    ReadUnit(table, "start", traffic.start, ParseDuration);
    if (table.Has("stop")) traffic.stop = table.Unit("stop", ParseDuration);
    if (traffic.stop && *traffic.stop <= traffic.start) {
        table.Refuse("stop", "expected a time after start");
    }
    if (traffic.kind == TrafficKind::kUdp) {
        traffic.rate = table.Unit("rate", ParseRate);
    } else {
        ReadTcp(table, traffic);
    }
    table.Finish();
    return traffic;
}

}  // namespace crsp::lab
