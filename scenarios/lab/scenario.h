// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/base/time.h"
#include "model/connection/endpoint-config.h"
#include "model/media/script.h"
#include "scenarios/lab/units.h"

namespace crsp::lab {

/// A span of time in which nothing passes; with `every` it comes again after each such period.
struct Blackout {
    Duration at{};
    Duration length{};
    std::optional<Duration> every;
};

/// One direction of the shared hop. Shares are 0 to 1.
struct LinkSpec {
    double rate = 10e6;  ///< bit/s
    Duration delay = milliseconds(50);
    QueueLimit queue;
    double loss = 0;
    double lossBurst = 1;  ///< mean length of a loss burst, packets; 1 is independent loss
    Duration jitter{};     ///< delay varies uniformly, from minus to plus this
    bool reorder = false;  ///< whether jitter may change the order
    double duplicate = 0;
    double corrupt = 0;
    std::vector<Blackout> blackouts;
};

/// Both directions of the hop that everybody shares: `down` is from the server's side.
struct SharedLink {
    LinkSpec down;
    LinkSpec up;
};

/// The clean hops between the router and each node on the client side.
struct AccessSpec {
    double rate = 100e6;
    Duration delay = milliseconds(1);
};

enum class PathSide { kClient, kServer };

struct NodesSpec {
    /// Where the controller stands: on the client side it reaches the renderer without crossing
    /// the shared hop, on the server side every command crosses it.
    PathSide controller = PathSide::kClient;
};

enum class TcpVariant { kNewReno, kCubic };

/// One greedy TCP flow over the shared hop.
struct TrafficSpec {
    TcpVariant variant = TcpVariant::kCubic;
    bool down = true;  ///< from the server's side to the client's
    Duration start{};
    std::optional<Duration> stop;
};

/// One entry of the server's catalogue: a file that ships, or bytes made from the entry's name.
struct ContentSpec {
    std::string name;
    std::string file;  ///< empty for generated content
    std::uint64_t size = 0;
};

/// What must hold for a run to count as ok.
struct Expectation {
    std::string metric;
    std::optional<double> min;
    std::optional<double> max;
};

struct Scenario {
    std::string name;
    std::string description;
    std::string source;
    Duration stop{};       ///< simulated or real time after which a run has failed
    Duration wallLimit{};  ///< real time after which a run is killed
    SharedLink link;
    AccessSpec access;
    NodesSpec nodes;
    std::vector<TrafficSpec> traffic;
    std::vector<ContentSpec> content;
    TransportConfig transport;
    Script script;
    bool completes = true;  ///< whether the last playback is expected to reach its end
    std::vector<Expectation> expectations;

    std::string file;       ///< as given on the command line
    std::string canonical;  ///< the file after overrides, without comments, keys sorted
};

}  // namespace crsp::lab
