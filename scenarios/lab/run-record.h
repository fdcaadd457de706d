// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/base/time.h"
#include "model/media/command.h"
#include "model/media/timeline-sink.h"

namespace crsp::lab {

/// One command as its controller saw it.
struct CommandRecord {
    Verb verb = Verb::kStatus;
    TimePoint issued;
    TimePoint answered;
    std::string error;  ///< empty on success
    Generation generation = 0;
    std::uint64_t position = 0;
};

CommandRecord RecordOf(const CommandResult& result);

/// Packets that a link was offered, and those that its loss process took.
struct LossCount {
    std::uint64_t offered = 0;
    std::uint64_t lost = 0;
};

/// A packet that left the queue of the shared hop.
struct Passage {
    TimePoint at;
    Duration waited{};
    std::uint32_t bytes = 0;  ///< with headers
};

/// A message with a deadline.
struct MessageRun {
    TimePoint written;
    std::optional<TimePoint> complete;  ///< at its receiver
    Duration patience{};                ///< from writing to the deadline
};

/// What one flow left behind: its controller's commands, and what its renderer rendered.
struct FlowRun {
    std::string name;
    std::vector<CommandRecord> commands;  ///< in the order of issuing
    std::vector<TimelineRow> timeline;    ///< of the renderer's sink
    std::uint64_t contentSize = 0;        ///< bytes of the entry played last
    std::string expectedHash;             ///< SHA-256, hex
    std::string renderedHash;             ///< of the last generation, or of the first wrong one
    std::uint64_t sessions = 1;           ///< wanted
    std::uint64_t sessionsCompleted = 0;  ///< whose last generation came to its end
    /// Media error code that the last rendering of which controllers heard the end ended with; 0 is
    /// none.
    std::optional<std::uint64_t> endCode;
};

/// A quantity over the time of a run: value i is that of the step that ends at (i + 1) * step.
struct Series {
    std::string name;  ///< of several flows as `NAME.FLOW`
    std::string unit;
    Duration step{};
    std::vector<double> values;  ///< NaN where there was none
};

/// What one run left behind, in the same form from the simulation and from the live programs. All
/// instants are on one axis.
struct RunRecord {
    std::vector<FlowRun> flows{1};      ///< as in the scenario
    std::uint64_t streamBytesSent = 0;  ///< by the servers, first transmissions
    std::uint64_t streamBytesRetransmitted = 0;
    std::uint64_t pathChanges = 0;  ///< that servers validated
    LossCount down;
    LossCount up;
    std::uint64_t firstOfTypeLost = 0;        ///< packets that carried a message of a new type
    std::vector<Passage> passages;            ///< of `down`; empty if nobody watched
    std::vector<std::uint64_t> trafficBytes;  ///< received, after each kTrafficTick
    std::uint64_t trafficFlows = 0;
    std::vector<MessageRun> messages;  ///< of cross traffic
    std::string failure;               ///< why the run did not come to its end; empty if it did
    /// Why the run must not be compared with others: what it was configured to be is not what it
    /// was. Empty if it may.
    std::string invalid;
    std::string digest;         ///< of all that happened; empty where that is not repeatable
    TimePoint begin;            ///< where its own time begins on the axis
    Duration length{};          ///< how long it took in that time
    std::uint64_t packets = 0;  ///< that nodes sent; in ns-3, not counting those only forwarded
    std::vector<Series> series;
};

/// How often cross traffic is looked at.
inline constexpr Duration kTrafficTick = milliseconds(100);

}  // namespace crsp::lab
