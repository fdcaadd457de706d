// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/server-series.h"

#include <map>

namespace crsp::lab {
namespace {

constexpr double kBitsPerMegabit = 1e6;

struct Latest {
    const ConnectionStats* stats = nullptr;
    std::uint64_t lost = 0;
};

void AddRow(const std::string& suffix, const Latest& latest, SeriesBook& book) {
    const ConnectionStats& stats = *latest.stats;
    const auto gauge = [&](const char* name, const char* unit, double value) {
        book.Add(name + suffix, unit, SeriesKind::kGauge, value);
    };
    gauge("rtt", "ms", ToMilliseconds(stats.latestRtt));
    gauge("rtt-smoothed", "ms", ToMilliseconds(stats.smoothedRtt));
    gauge("cwnd", "B", static_cast<double>(stats.congestionWindow));
    gauge("in-flight", "B", static_cast<double>(stats.bytesInFlight));
    gauge("pacing-rate", "Mbit/s", 8 * static_cast<double>(stats.pacingRate) / kBitsPerMegabit);
    book.Add("lost" + suffix, "packets/s", SeriesKind::kCounter, static_cast<double>(latest.lost));
}

}  // namespace

void ReadServer(const WatchedRole& server, const SeriesSuffix& suffixOf, SeriesBook& book) {
    std::map<std::string, Latest> rows;
    for (const auto& [connection, remote] : server.Remotes()) {
        const auto stats = server.Stats().find(connection);
        const auto suffix = suffixOf(remote);
        if (!suffix || stats == server.Stats().end()) continue;
        Latest& latest = rows[*suffix];
        latest.stats = &stats->second;
        latest.lost += stats->second.packetsLost;
    }
    for (const auto& [suffix, latest] : rows) AddRow(suffix, latest, book);
}

}  // namespace crsp::lab
