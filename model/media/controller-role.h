// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/host/role.h"
#include "model/media/command.h"
#include "model/media/control-channel.h"

namespace crsp {

class Tracer;

/// Commands of one controller under way at once; more end with kBusy at once.
inline constexpr std::size_t kMaxPendingCommands = 64;
/// Entries that `list` gathers from a server, at most.
inline constexpr std::size_t kMaxCatalogueEntries = 100'000;
/// Notifications kept until polled; the oldest is dropped for the newest.
inline constexpr std::size_t kMaxNotifications = 64;

struct ControllerConfig {
    /// Needed for list, and for play by name. Absent: not connected to.
    std::optional<SocketAddress> server;
    /// Needed for everything else. Absent: not connected to.
    std::optional<SocketAddress> renderer;
    /// Without an answer for this long a command ends with kTimeout. list, and play by name, are
    /// several requests; each has this bound of its own.
    Duration commandTimeout = seconds(10);
    /// Makes command ids differ from those of every other controller of the same renderer. Random
    /// in a real node, the node's number in a simulation.
    std::uint64_t instance = 0;
    /// The name by which the renderer knows the server; empty: the renderer's first.
    std::string serverName;
    /// Observer of messages; may be null. Must outlive the role.
    Tracer* tracer = nullptr;
};

/// Sends commands to one server and one renderer, and says how each ended (CRSP §9.7).
///
/// Commands may be given at any time, also before the connections stand: they wait. After giving
/// one from outside the driver's own calls, call Driver::Pump(). There is no reconnecting: when a
/// connection ends, its commands end with kConnectionLost, and so do later ones.
class ControllerRole : public Role {
  public:
    explicit ControllerRole(ControllerConfig config);

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    /// Closes the connections at once, with code 0.
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

    /// Gathers the whole catalogue.
    CommandId List(TimePoint now);
    /// `entry` is the name of an entry of the server; or its id in decimal, if no entry has that
    /// name; or `#` and the id, which asks no server.
    CommandId Play(TimePoint now, std::string_view entry, std::uint64_t offset = 0,
                   Generation expected = 0);
    /// These have no effect but kStaleGeneration if the renderer is at another generation than
    /// `expected`; 0 is any.
    CommandId Pause(TimePoint now, Generation expected = 0);
    CommandId Resume(TimePoint now, Generation expected = 0);
    CommandId Restart(TimePoint now, Generation expected = 0);
    CommandId Stop(TimePoint now, Generation expected = 0);
    CommandId Status(TimePoint now);
    /// Any of the above by verb; `argument` is for play.
    CommandId Issue(TimePoint now, Verb verb, std::string_view argument = {});

    /// Says EXIT to both peers, which then close; closes itself if they do not within kExitTimeout.
    void Exit(TimePoint now);

    /// The oldest result not yet seen.
    std::optional<CommandResult> PollResult();
    std::optional<Notification> PollNotification();

    std::size_t PendingCommands() const;
    /// Both configured connections stand.
    bool Connected() const;
    /// Every configured connection has ended, or never began.
    bool Closed() const;
};

}  // namespace crsp
