// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/base/time.h"
#include "model/connection/endpoint-config.h"
#include "model/impair/impairment-config.h"
#include "model/media/script.h"
#include "scenarios/lab/delivery-trace.h"
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

/// What decides which packets of the queue are dropped or marked, and which goes next: nothing but
/// its limit, or a queue discipline of ns-3.
enum class QueueKind { kDropTail, kCoDel, kFqCoDel, kPie, kRed };

/// A token bucket that drops what does not conform. It stands behind the link.
struct PolicerSpec {
    double rate = 0;          ///< bit/s, of packets with their IP headers
    std::uint64_t burst = 0;  ///< bytes that it holds when full
};

/// One direction of a hop. Shares are 0 to 1.
struct LinkSpec {
    double rate = 10e6;  ///< bit/s; of a trace its mean
    /// The link delivers at these instants, in place of a rate.
    std::shared_ptr<const DeliveryTrace> trace;
    Duration delay = milliseconds(50);
    QueueLimit queue;
    QueueKind discipline = QueueKind::kDropTail;
    bool marks = false;  ///< the discipline marks ECN-capable packets where it would drop them
    std::optional<PolicerSpec> policer;
    double loss = 0;
    double lossBurst = 1;  ///< mean length of a loss burst, packets; 1 is independent loss
    std::uint32_t lossBurstLimit = 0;  ///< after so many losses in a row one passes; 0: no limit
    std::optional<GilbertElliottLoss> gilbertElliott;  ///< in place of the three above
    std::vector<std::uint64_t> drop;                   ///< packets lost in any case, from 1 on
    Duration jitter{};          ///< of a uniform one from minus to plus this; of a normal one sigma
    bool jitterNormal = false;  ///< JitterConfig::Kind::kTruncatedNormal
    bool reorder = false;       ///< whether jitter may change the order
    double duplicate = 0;
    std::uint32_t duplicateCopies = 1;
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

/// What joins the nodes on the client side to the last router.
enum class AccessKind {
    kPointToPoint,  ///< a clean hop for each
    kCsma,          ///< one Ethernet segment for all
    kWifi,          ///< one cell for all, the router being its access point
    kLte,           ///< LTE cells, the packet gateway being behind a wire of the router
};

/// How the stations of a cell move: on a ring around its middle, each on a line of its own.
struct WalkSpec {
    double distance = 5;  ///< from the middle, m
    double far = 5;       ///< they walk straight there and back, and again, m
    double speed = 0;     ///< m/s
};

/// A Wi-Fi cell (802.11n, 5 GHz).
struct WifiSpec {
    std::string mode;  ///< as ns-3 names it, `HtMcs11`; empty: the best that the distance allows
    WalkSpec walk;
};

/// How a radio signal gets weaker with the distance.
enum class PathLoss {
    kUrbanMacro,  ///< into buildings of a town, at 2 GHz: 3GPP TR 25.814 §A.2.1.1, cases 1 and 3
    kFreeSpace,
};

/// LTE cells (FDD, band 1), one around each base station, and what their radio bearers are like.
struct LteSpec {
    std::size_t cells = 1;             ///< further ones stand in a ring around the first
    double cellDistance = 500;         ///< of neighbouring base stations, m
    std::uint8_t resourceBlocks = 50;  ///< in each direction, of 180 kHz
    PathLoss pathLoss = PathLoss::kUrbanMacro;
    bool fading = false;                ///< Rayleigh's, as fast as the stations move
    bool acknowledged = false;          ///< bearers repeat what was lost until it arrives
    std::uint64_t buffer = 128 * 1024;  ///< bytes that wait for the radio, of each bearer and way
    WalkSpec walk{100, 100, 0};         ///< around the base station that a station was dealt to
};

/// What stands between the last router and each node on the client side.
struct AccessSpec {
    double rate = 100e6;  ///< of each clean hop; of LTE of the wire to the packet gateway
    Duration delay = milliseconds(1);
    AccessKind kind = AccessKind::kPointToPoint;
    WifiSpec wifi;
    LteSpec lte;
};

/// A part of the path that consists of several hops, by its ends: 0 is the server, 1 the router
/// behind [link], each further router one more.
struct PathPart {
    std::size_t from = 0;
    std::size_t to = 1;
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
    /// Of each type of message the packet that carries it first is lost, whoever sends it.
    bool firstOfTypeLost = false;
};

/// A renderer must have given up before its controller does, to say so.
inline constexpr Duration kRendererAhead = seconds(2);

enum class TrafficKind {
    kNewReno,
    kCubic,
    kUdp,
    kHandshakes,  ///< first packets of connections to the server, which are never gone on with
    kMessages,    ///< messages with deadlines, over a connection of CRSP's of their own
};

/// Transfers with pauses in between, in place of one that does not end.
struct ShortTransfers {
    std::uint64_t minSize = 0;  ///< sizes are uniform, bytes
    std::uint64_t maxSize = 0;
    Duration idle{};         ///< pauses are exponential with this mean
    std::uint64_t busy = 0;  ///< so many flows begin with a transfer, the others with a pause
};

/// Messages at an even pace on a deadline stream (CRSP §5.8), with or without repair symbols.
struct MessagesSpec {
    std::uint64_t size = 0;  ///< bytes of each
    Duration every{};
    Duration patience{};      ///< from writing a message to its deadline
    std::uint8_t repair = 0;  ///< symbols of forward error correction, in % of the messages
};

/// Competitors over the shared hop: greedy TCP, short TCP transfers, UDP at a rate, or messages.
struct TrafficSpec {
    TrafficKind kind = TrafficKind::kCubic;
    bool down = true;  ///< from the server's side to the client's
    Duration start{};
    std::optional<Duration> stop;
    std::uint64_t flows = 1;
    std::optional<ShortTransfers> transfers;  ///< of TCP
    double rate = 0;                          ///< of UDP, bit/s with IP headers, while it is on
    Duration on{};                            ///< of UDP: mean, exponential; 0: always
    Duration off{};
    MessagesSpec messages;
    PathPart part;
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
    PathPart part;
    Script script;  ///< each session's, from its begin
};

/// Flows of a run that have metrics, series and qlog of their own; where there are more, they have
/// only what is joined: nobody reads a thousand lines, and no process may open so many files.
inline constexpr std::size_t kMaxFlowsApart = 64;

/// A further controller of a flow's renderer.
struct ControllerSpec {
    std::string name;
    std::size_t flow = 0;
    Duration start{};
    /// What it plays begins where the controllers of this flow last heard that its renderer was.
    std::optional<std::size_t> continues;
    Script script;  ///< from there on
};

enum class FaultKind { kKill, kStart, kReplace };
enum class Actor { kServer, kRenderer, kController };

/// Something that befalls an actor.
struct FaultSpec {
    std::optional<Duration> at;
    std::optional<Duration> after;  ///< instead: after the fault before it
    double share = 0;               ///< instead: when the flow has rendered so much, 0 to 1
    FaultKind kind = FaultKind::kKill;
    Actor actor = Actor::kServer;  ///< of kill and start
    std::size_t flow = 0;
    std::size_t content = 0;  ///< of replace: the server has other bytes under this name
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
    std::vector<SharedLink> hops;  ///< behind it, in order
    std::optional<NatSpec> nat;
    AccessSpec access;
    NodesSpec nodes;
    std::vector<TrafficSpec> traffic;
    std::vector<ContentSpec> content;
    TransportConfig transport;
    std::vector<FlowSpec> flows{1};           ///< at least one
    std::vector<ControllerSpec> controllers;  ///< beside that of each flow
    std::vector<FaultSpec> faults;            ///< in the order of the file
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
