// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/recovery/congestion-algorithm.h"

namespace crsp::lab {
namespace {

/// What a scenario's links take of IPv6 and UDP. Longer datagrams ns-3 would cut into fragments.
constexpr std::size_t kLinkDatagramSize = 1452;

/// One portion of contents: the least that a renderer without a buffer takes at once.
constexpr std::uint64_t kMinWindow = 1024;

std::size_t ReadBytes(TomlTable& table, std::string_view key, std::uint64_t min) {
    const std::uint64_t bytes = table.Unit(key, ParseSize);
    if (bytes < min) table.Refuse(key, fmt::format("expected at least {} B", min));
    return bytes;
}

void ReadCongestion(TomlTable& table, TransportConfig& config) {
    if (table.Has("congestion")) {
        const auto names = CongestionAlgorithmNames();
        config.congestion = static_cast<CongestionAlgorithm>(
            table.Choice("congestion", {names.begin(), names.end()}));
    }
    if (table.Has("ecn")) config.ecn = table.Flag("ecn");
    const bool fixed = config.congestion == CongestionAlgorithm::kFixedRate;
    if (table.Has("fixed-rate") && !fixed) {
        table.Refuse("fixed-rate", "expected congestion = \"fixed_rate\" beside it");
    }
    if (!fixed) return;
    const double rate = table.Unit("fixed-rate", ParseRate);
    if (rate > kMaxFixedRate) table.Refuse("fixed-rate", "expected at most 1000 Gbit/s");
    config.fixedRate = static_cast<std::uint64_t>(rate);
}

/// A size that is fixed if it is given; with `max-` in front of its key it grows up to that.
template <class Size>
void ReadWindow(TomlTable& table, const std::string& key, Size& size, Size& maximum) {
    const std::string maxKey = "max-" + key;
    if (table.Has(key)) size = maximum = ReadBytes(table, key, kMinWindow);
    if (!table.Has(maxKey)) return;
    maximum = ReadBytes(table, maxKey, kMinWindow);
    if (table.Has(key) && maximum < size) {
        table.Refuse(maxKey, fmt::format("expected at least {}", key));
    }
    size = std::min(size, maximum);
}

}  // namespace

void ReadTransport(TomlTable table, TransportConfig& config) {
    if (table.Has("max-datagram-size")) {
        config.maxDatagramSize = ReadBytes(table, "max-datagram-size", kMinDatagramSize);
        if (config.maxDatagramSize > kLinkDatagramSize) {
            table.Refuse("max-datagram-size",
                         fmt::format("expected at most {} B", kLinkDatagramSize));
        }
    }
    ReadWindow(table, "stream-receive-window", config.streamReceiveWindow,
               config.maxStreamReceiveWindow);
    ReadWindow(table, "connection-receive-window", config.connectionReceiveWindow,
               config.maxConnectionReceiveWindow);
    ReadWindow(table, "stream-send-buffer", config.streamSendBuffer, config.maxStreamSendBuffer);
    ReadUnit(table, "idle-timeout", config.idleTimeout, ParseDuration);
    ReadUnit(table, "keep-alive", config.keepAlive, ParseDuration);
    ReadUnit(table, "handshake-timeout", config.handshakeTimeout, ParseDuration);
    ReadUnit(table, "max-ack-delay", config.maxAckDelay, ParseDuration);
    ReadCongestion(table, config);
    table.Finish();
}

}  // namespace crsp::lab
