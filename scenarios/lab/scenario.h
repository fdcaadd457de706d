// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
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

/// From `at` on, what is given here is so until a later step says otherwise.
struct LinkStep {
    Duration at{};
    std::optional<double> rate;  ///< bit/s; 0: packets wait in the queue
    std::optional<Duration> delay;
    std::optional<Duration> jitter;
};

/// One direction of the shared hop. Shares are 0 to 1.
struct LinkSpec {
    double rate = 10e6;  ///< bit/s
    Duration delay = milliseconds(50);
    QueueLimit queue;
    double loss = 0;
    double lossBurst = 1;  ///< mean length of a loss burst, packets; 1 is independent loss
    std::uint32_t lossBurstLimit = 0;  ///< after so many losses in a row one passes; 0: no limit
    std::vector<std::uint64_t> drop;   ///< packets lost in any case, counted from 1
    Duration jitter{};                 ///< delay varies uniformly, from minus to plus this
    bool reorder = false;              ///< whether jitter may change the order
    double duplicate = 0;
    double corrupt = 0;
    std::uint32_t corruptBurstLimit = 0;  ///< as lossBurstLimit
    std::vector<Blackout> blackouts;
    std::vector<LinkStep> steps;         ///< in order of time
    std::optional<Duration> stepsEvery;  ///< the steps begin anew after each such period
};

/// Both directions of the hop that everybody shares: `down` is from the server's side.
struct SharedLink {
    LinkSpec down;
    LinkSpec up;
};

/// A NAT at the client side's end of the shared hop that forgets, as if it had been rebooted: what
/// comes through it afterwards has another port, or another address and port.
struct NatSpec {
    Duration first{};
    Duration every{};
    bool address = false;
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
    /// Controllers ask the server for its catalogue before they play, which takes them a round
    /// trip; else they have the ids of its entries already.
    bool catalogueAsked = true;
    /// How long controllers wait for an answer. Renderers wait for a server 2 s less.
    Duration patience = seconds(10);
};

/// A renderer must have given up before its controller does, to say so.
inline constexpr Duration kRendererAhead = seconds(2);

enum class TrafficKind { kNewReno, kCubic, kUdp };

/// Transfers with pauses in between, in place of one that does not end.
struct ShortTransfers {
    std::uint64_t minSize = 0;  ///< sizes are uniform, bytes
    std::uint64_t maxSize = 0;
    Duration idle{};         ///< pauses are exponential with this mean
    std::uint64_t busy = 0;  ///< so many flows begin with a transfer, the others with a pause
};

/// Competitors over the shared hop: greedy TCP, short TCP transfers, or UDP at a rate.
struct TrafficSpec {
    TrafficKind kind = TrafficKind::kCubic;
    bool down = true;  ///< from the server's side to the client's
    Duration start{};
    std::optional<Duration> stop;
    std::uint64_t flows = 1;
    std::optional<ShortTransfers> transfers;  ///< of TCP
    double rate = 0;                          ///< of UDP, bit/s with IP headers
};

/// One entry of the server's catalogue: a file that ships, or bytes made from the entry's name.
struct ContentSpec {
    std::string name;
    std::string file;  ///< empty for generated content
    std::uint64_t size = 0;
};

/// One renderer, what it pulls from a server, and the controller that tells it to.
struct FlowSpec {
    std::string name = "renderer";
    bool down = true;  ///< the server stands on the server's side; else flow and nodes are reversed
    std::optional<Duration> accessDelay;  ///< of its own clean hop, in place of AccessSpec's
    double renderRate = 0;                ///< bit/s that it renders at most; 0: no limit
    std::uint64_t sessions = 1;           ///< so often in turn, each with new connections
    Script script;                        ///< each session's, from its begin
};

/// A span of the run over which rates, delays and fairness are measured.
struct WindowSpec {
    std::string name;
    Duration from{};
    Duration to{};
};

/// What must hold for a run to count as ok.
struct Expectation {
    std::string metric;
    std::optional<double> min;
    std::optional<double> max;
};

/// What `crsp-lab sweep` tries of a scenario; the command line may say otherwise.
struct SweepSpec {
    std::uint64_t seeds = 0;  ///< 0: not said
    /// Dotted keys and the values that each takes, sorted by key.
    std::vector<std::pair<std::string, std::vector<std::string>>> vary;
};

struct Scenario {
    std::string name;
    std::string description;
    std::string source;
    Duration stop{};       ///< simulated or real time after which a run has failed
    Duration wallLimit{};  ///< real time after which a run is killed
    SharedLink link;
    std::optional<NatSpec> nat;
    AccessSpec access;
    NodesSpec nodes;
    std::vector<TrafficSpec> traffic;
    std::vector<ContentSpec> content;
    TransportConfig transport;
    std::vector<FlowSpec> flows{1};  ///< at least one
    std::vector<WindowSpec> windows;
    bool completes = true;  ///< whether every flow's last playback is expected to reach its end
    std::vector<Expectation> expectations;  ///< in the order of the file

    SweepSpec sweep;

    std::string file;       ///< as given on the command line
    std::string canonical;  ///< the file after overrides, without comments and [sweep], keys sorted
    std::string base;       ///< the same before overrides
    std::map<std::string, std::string> parameters;  ///< overrides, the last of each key
};

}  // namespace crsp::lab
